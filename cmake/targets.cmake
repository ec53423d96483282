# stored_library(NAME SRCS... DEPS...)  A room or a part of one.
# stored_binary(NAME SRCS... DEPS...)  A program.
# stored_test(NAME SRCS... DEPS... [THREADS] [LABELS...] [TIMEOUT s] [COST s])
#   A GoogleTest program, which is one test of ctest. The default label is `unit`, whose tests
#   scripts/test-asan runs.
#   THREADS: several threads run the code that it tests. It gets the label `threads` too, whose
#   tests scripts/test-tsan runs, and must not link gRPC.
#   COST: about how many seconds it takes. ctest starts the longest tests first, so that it does not
#   have to wait for one of them at the end.
#   A test that needs the path of a source or program uses base/testing/build_paths.h.
set(STORED_WARNINGS -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual
    -Wno-missing-field-initializers)
# Sources of tests are compiled without optimization, in half the time. The libraries that they test
# are optimized as the preset says.
set(STORED_TEST_OPTIONS -O0)

# With STORED_UNITY CMake puts up to STORED_UNITY_SOURCES sources of a library into one file and
# compiles that, because most of the time goes into the headers that they share. So names in
# anonymous namespaces must be unique in a library. Tests are compiled one by one: their helpers have
# short names, and an overload from another source could change silently what a test checks. Without
# STORED_UNITY each source is compiled by itself, so that after an edit only the edited source is
# compiled; the preset `debug` does that.
set(STORED_UNITY_SOURCES 12)
option(STORED_UNITY "Compile the sources of a library several at a time" ON)
if(STORED_UNITY AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # GCC warns of a type with a member from an anonymous namespace unless the type is in the source
  # that it was called for, and takes these sources for headers.
  list(APPEND STORED_WARNINGS -Wno-subobject-linkage)
endif()
# With STORED_PRECOMPILE the headers of GoogleTest and of the standard library, which take most of
# the time of compiling a test, are compiled once for all tests.
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

# Sets `result` to TRUE if one of the targets, or one that they link directly or not, is gRPC's.
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
    # GCC takes the precompiled header only with GoogleTest's definitions.
    target_link_libraries(${name} PRIVATE GTest::gtest)
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
      message(FATAL_ERROR "${name} links gRPC, in which the thread sanitizer reports false races")
    endif()
    list(APPEND ARG_LABELS threads)
  endif()
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 600)
  endif()
  add_executable(${name} ${ARG_SRCS})
  target_link_libraries(${name} PRIVATE ${ARG_DEPS} fmt::fmt GTest::gmock GTest::gtest_main)
  stored_test_options(${name})
  add_test(NAME ${name} COMMAND ${name})
  set_tests_properties(${name} PROPERTIES LABELS "${ARG_LABELS}" TIMEOUT ${ARG_TIMEOUT})
  if(ARG_COST)
    set_property(TEST ${name} PROPERTY COST ${ARG_COST})
  endif()
endfunction()
