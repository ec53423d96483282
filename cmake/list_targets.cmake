# Writes all targets to targets.txt in the build directory, for scripts/check-builds, which compares
# them with those of Bazel. A line has fields separated by tabs:
#   target NAME TYPE FOLDER
#   source NAME PATH
#   dependency NAME LIBRARY
# FOLDER and PATH are relative to the top folder.
function(list_targets folder result)
  set(lines "")
  get_property(targets DIRECTORY ${folder} PROPERTY BUILDSYSTEM_TARGETS)
  foreach(target ${targets})
    get_target_property(type ${target} TYPE)
    if(type STREQUAL "UTILITY")
      continue()
    endif()
    file(RELATIVE_PATH relative ${CMAKE_SOURCE_DIR} ${folder})
    string(APPEND lines "target\t${target}\t${type}\t${relative}\n")
    get_target_property(sources ${target} SOURCES)
    foreach(source ${sources})
      cmake_path(ABSOLUTE_PATH source BASE_DIRECTORY ${folder})
      cmake_path(RELATIVE_PATH source BASE_DIRECTORY ${CMAKE_SOURCE_DIR})
      string(APPEND lines "source\t${target}\t${source}\n")
    endforeach()
    get_target_property(libraries ${target} LINK_LIBRARIES)
    list(REMOVE_ITEM libraries libraries-NOTFOUND)
    foreach(library ${libraries})
      string(APPEND lines "dependency\t${target}\t${library}\n")
    endforeach()
  endforeach()
  get_property(subfolders DIRECTORY ${folder} PROPERTY SUBDIRECTORIES)
  foreach(subfolder ${subfolders})
    list_targets(${subfolder} below)
    string(APPEND lines "${below}")
  endforeach()
  set(${result} "${lines}" PARENT_SCOPE)
endfunction()

list_targets(${CMAKE_SOURCE_DIR} lines)
file(WRITE ${CMAKE_BINARY_DIR}/targets.txt "${lines}")
