# stored_library(NAME SRCS... DEPS...)  one room or part of a room
# stored_test(NAME SRCS... DEPS... [THREADS] [LABELS...] [TIMEOUT s] [COST s])  a GoogleTest binary,
#   registered with ctest as a whole; label `unit` (the default) is what the asan preset runs in CI.
#   THREADS: what it tests works with several threads. It is labelled `threads` too, which is what
#   the tsan preset runs, and must not link gRPC.
#   COST: about how long it takes. ctest starts what takes longest first, so that it is not what
#   everything waits for at the end.
#   Where it needs to know a path, that is base/build_paths.h.
set(STORED_WARNINGS -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual
    -Wno-missing-field-initializers)
# What a test itself does need not be fast; compiling it twice as fast is worth more.
set(STORED_TEST_OPTIONS -O0)

# The sources of a library are compiled several at a time: most of what a source costs is the headers
# it includes. Off, a changed source is compiled alone, which suits whoever edits one all day.
set(STORED_UNITY_SOURCES 12)
option(STORED_UNITY "Compile the sources of a library several at a time" ON)
# Tests include GoogleTest and the standard library, and not much else costs: these are compiled once.
option(STORED_PRECOMPILE "Compile the headers that most tests include once" ON)

function(stored_library name)
  cmake_parse_arguments(ARG "" "" "SRCS;DEPS" ${ARGN})
  add_library(${name} STATIC ${ARG_SRCS})
  target_link_libraries(${name} PUBLIC ${ARG_DEPS})
  target_compile_options(${name} PRIVATE ${STORED_WARNINGS})
  set_target_properties(${name} PROPERTIES
    UNITY_BUILD ${STORED_UNITY} UNITY_BUILD_BATCH_SIZE ${STORED_UNITY_SOURCES})
endfunction()

function(stored_binary name)
  cmake_parse_arguments(ARG "" "" "SRCS;DEPS" ${ARGN})
  add_executable(${name} ${ARG_SRCS})
  target_link_libraries(${name} PRIVATE ${ARG_DEPS})
  target_compile_options(${name} PRIVATE ${STORED_WARNINGS})
endfunction()

# Sets `result` to whether any of the targets, or what they link, is gRPC's.
function(links_grpc result)
  set(${result} FALSE PARENT_SCOPE)
  set(seen "")
  set(left ${ARGN})
  while(left)
    list(POP_FRONT left library)
    if(library IN_LIST seen)
      continue()
    endif()
    list(APPEND seen "${library}")
    if(library MATCHES "^gRPC::")
      set(${result} TRUE PARENT_SCOPE)
      return()
    endif()
    if(TARGET "${library}")
      get_target_property(linked "${library}" INTERFACE_LINK_LIBRARIES)
      if(linked)
        list(APPEND left ${linked})
      endif()
    endif()
  endwhile()
endfunction()

if(STORED_PRECOMPILE)
  file(CONFIGURE OUTPUT ${CMAKE_BINARY_DIR}/generated/precompiled_test.cc CONTENT "// No code.\n")
  add_library(precompiled_test OBJECT ${CMAKE_BINARY_DIR}/generated/precompiled_test.cc)
  target_link_libraries(precompiled_test PUBLIC absl::status absl::statusor absl::time fmt::fmt
    Threads::Threads GTest::gmock)
  target_compile_options(precompiled_test PRIVATE ${STORED_WARNINGS} ${STORED_TEST_OPTIONS})
  target_precompile_headers(precompiled_test PRIVATE
    <algorithm> <chrono> <cstdint> <filesystem> <functional> <map> <memory> <mutex> <optional>
    <set> <string> <string_view> <thread> <utility> <vector>
    <fmt/format.h> <gmock/gmock.h> <gtest/gtest.h>
    <absl/status/status.h> <absl/status/statusor.h> <absl/time/time.h>)
endif()

# For what only tests are made of.
function(stored_test_options name)
  target_compile_options(${name} PRIVATE ${STORED_WARNINGS} ${STORED_TEST_OPTIONS})
  if(STORED_PRECOMPILE)
    target_precompile_headers(${name} REUSE_FROM precompiled_test)
  endif()
endfunction()

function(stored_test name)
  cmake_parse_arguments(ARG "THREADS" "TIMEOUT;COST" "SRCS;DEPS;LABELS" ${ARGN})
  if(NOT ARG_LABELS)
    set(ARG_LABELS unit)
  endif()
  if(ARG_THREADS)
    links_grpc(grpc ${ARG_DEPS})
    if(grpc)
      message(FATAL_ERROR "${name} links gRPC, where the thread sanitizer sees races that are none")
    endif()
    list(APPEND ARG_LABELS threads)
  endif()
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 600)
  endif()
  add_executable(${name} ${ARG_SRCS})
  target_link_libraries(${name} PRIVATE ${ARG_DEPS} GTest::gmock GTest::gtest_main)
  stored_test_options(${name})
  add_test(NAME ${name} COMMAND ${name})
  set_tests_properties(${name} PROPERTIES LABELS "${ARG_LABELS}" TIMEOUT ${ARG_TIMEOUT})
  if(ARG_COST)
    set_property(TEST ${name} PROPERTY COST ${ARG_COST})
  endif()
endfunction()
