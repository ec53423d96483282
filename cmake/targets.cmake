# stored_library(NAME SRCS... DEPS...)  one room or part of a room
# stored_test(NAME SRCS... DEPS... [LABELS...] [TIMEOUT s] [KNOWS_PATHS])  a GoogleTest binary,
#   registered with ctest as a whole; label `unit` (the default) is what the asan preset runs in CI.
#   KNOWS_PATHS gives it STORED_SOURCE_DIR and STORED_BINARY_DIR, at the price of being compiled anew
#   in every clone.
set(STORED_WARNINGS -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual
    -Wno-missing-field-initializers)

function(stored_library name)
  cmake_parse_arguments(ARG "" "" "SRCS;DEPS" ${ARGN})
  add_library(${name} STATIC ${ARG_SRCS})
  target_link_libraries(${name} PUBLIC ${ARG_DEPS})
  target_compile_options(${name} PRIVATE ${STORED_WARNINGS})
endfunction()

function(stored_binary name)
  cmake_parse_arguments(ARG "" "" "SRCS;DEPS" ${ARGN})
  add_executable(${name} ${ARG_SRCS})
  target_link_libraries(${name} PRIVATE ${ARG_DEPS})
  target_compile_options(${name} PRIVATE ${STORED_WARNINGS})
endfunction()

function(stored_test name)
  cmake_parse_arguments(ARG "KNOWS_PATHS" "TIMEOUT" "SRCS;DEPS;LABELS" ${ARGN})
  if(NOT ARG_LABELS)
    set(ARG_LABELS unit)
  endif()
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 120)
  endif()
  add_executable(${name} ${ARG_SRCS})
  target_link_libraries(${name} PRIVATE ${ARG_DEPS} GTest::gmock GTest::gtest_main)
  target_compile_options(${name} PRIVATE ${STORED_WARNINGS})
  if(ARG_KNOWS_PATHS)
    target_compile_definitions(${name} PRIVATE STORED_SOURCE_DIR="${CMAKE_SOURCE_DIR}"
                               STORED_BINARY_DIR="${CMAKE_RUNTIME_OUTPUT_DIRECTORY}")
  endif()
  add_test(NAME ${name} COMMAND ${name})
  set_tests_properties(${name} PROPERTIES LABELS "${ARG_LABELS}" TIMEOUT ${ARG_TIMEOUT})
endfunction()
