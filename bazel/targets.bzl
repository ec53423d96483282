"""Libraries, programs and tests, declared as in cmake/targets.cmake."""

_WARNINGS = [
    "-Wall",
    "-Wextra",
    "-Wpedantic",
    "-Wshadow",
    "-Wnon-virtual-dtor",
    "-Woverloaded-virtual",
    "-Wno-missing-field-initializers",
]

# As many sources as CMake compiles at a time: STORED_UNITY_SOURCES.
_UNITY_SOURCES = 12

# Sources of tests are compiled without optimization, in half the time.
_TEST_OPTIONS = ["-O0"]

def _unity_impl(ctx):
    outputs = []
    for first in range(0, len(ctx.files.srcs), _UNITY_SOURCES):
        output = ctx.actions.declare_file("%s_%d.cc" % (ctx.label.name, first // _UNITY_SOURCES))
        batch = ctx.files.srcs[first:first + _UNITY_SOURCES]
        ctx.actions.write(output, "".join(["#include \"%s\"\n" % source.short_path for source in batch]))
        outputs.append(output)
    return [DefaultInfo(files = depset(outputs))]

_unity = rule(
    doc = "Sources that include several of srcs each.",
    implementation = _unity_impl,
    attrs = {"srcs": attr.label_list(allow_files = [".cc"])},
)

def stored_library(name, srcs = [], separate_srcs = [], textual_hdrs = [], copts = [], **kwargs):
    """A room or a part of one.

    Args:
      name: the name that CMake's target has too.
      srcs: sources, of which several are compiled as one, because most of the time goes into the
        headers that they share. With --define=unity=off, which --config=dbg has, each is compiled
        by itself.
      separate_srcs: sources that are always compiled by themselves.
      textual_hdrs: files that sources include and that do not compile alone.
      copts: options beside the warnings.
      **kwargs: more arguments of cc_library.
    """
    unity = []
    if len(srcs) > 1:
        _unity(name = name + "_unity", srcs = srcs)
        unity = [":" + name + "_unity"]
    native.cc_library(
        name = name,
        srcs = separate_srcs + select({
            "//bazel:no_unity": srcs,
            "//conditions:default": unity or srcs,
        }),
        textual_hdrs = textual_hdrs + (srcs if unity else []),
        # GCC warns of a type with a member from an anonymous namespace unless the type is in the
        # source that it was called for, and takes the sources that others include for headers.
        copts = _WARNINGS + ["-Wno-subobject-linkage"] + copts,
        **kwargs
    )

def stored_binary(name, srcs, hdrs = [], copts = [], **kwargs):
    """A program.

    Args:
      name: the name that CMake's target has too.
      srcs: its sources.
      hdrs: headers that only it includes.
      copts: options beside the warnings.
      **kwargs: more arguments of cc_binary.
    """
    native.cc_binary(name = name, srcs = srcs + hdrs, copts = _WARNINGS + copts, **kwargs)

def stored_test(name, srcs, deps, hdrs = [], threads = False, labels = ["unit"], tags = [], **kwargs):
    """A GoogleTest program.

    Args:
      name: the name that CMake's target and its test have too.
      srcs: its sources.
      deps: its libraries, beside GoogleTest.
      hdrs: headers that only it includes.
      threads: whether several threads run the code that it tests, so that --config=tsan runs it.
      labels: the labels that the test has in CMake, which become tags.
      tags: tags that only Bazel knows, for example "cpu:2".
      **kwargs: more arguments of cc_test. .bazelrc says how long a test of a `size` may take.
    """
    native.cc_test(
        name = name,
        srcs = srcs + hdrs,
        copts = _WARNINGS + _TEST_OPTIONS,
        tags = labels + (["threads"] if threads else []) + tags,
        deps = deps + ["@fmt", "@googletest//:gmock", "@googletest//:gtest_main"],
        **kwargs
    )

def end_to_end_test(name, faults = False, data = [], **kwargs):
    """A GoogleTest program that runs the programs stored and storectl.

    Args:
      name: the name that CMake's target and its test have too.
      faults: whether it breaks things: the label `faults`.
      data: the files that it needs, beside the programs.
      **kwargs: more arguments of stored_test.
    """
    stored_test(
        name = name,
        size = "large",
        data = ["//tests:programs"] + data,
        labels = ["end_to_end"] + (["faults"] if faults else []),
        **kwargs
    )

def script_test(name, script, data = [], tags = [], **kwargs):
    """A test that is a shell script and skips itself with exit code 77, which Bazel does not know.

    Args:
      name: the name that ctest's test has too.
      script: the script.
      data: the files that it needs, beside the programs stored and storectl.
      tags: tags beside the label `end_to_end`.
      **kwargs: more arguments of sh_test.
    """
    native.sh_test(
        name = name,
        size = "large",
        srcs = ["//bazel:run_script_test.sh"],
        args = ["$(location %s)" % script],
        data = [script, "//tests:programs", "//tests:harness/tools_for_tests.sh"] + data,
        env = {"STORED_BINARY_DIR": "tests/bin"},
        tags = ["end_to_end"] + tags,
        **kwargs
    )
