"""Repositories for the libraries and programs that the operating system has installed.

Each library is a repository of its own, with one cc_library for each of its pkg-config modules.
Their headers are not listed: they are in directories that the compiler knows. So Bazel does not
notice that a library was upgraded (CONTRIBUTING.md says what to do then).
"""

def _pkg_config(ctx, module, option):
    result = ctx.execute(["pkg-config", option, module])
    if result.return_code != 0:
        fail("%s: scripts/setup installs what is needed: %s" % (ctx.name, result.stderr))
    return [word for word in result.stdout.strip().split(" ") if word]

def _system_library_impl(ctx):
    build = "package(default_visibility = [\"//visibility:public\"])\n"
    folders = []
    for name, module in ctx.attr.modules.items():
        defines = list(ctx.attr.defines)
        includes = []
        for flag in _pkg_config(ctx, module, "--cflags"):
            if flag.startswith("-D"):
                defines.append(flag[2:])
            elif flag.startswith("-I"):
                # Bazel does not let sources include from other absolute paths, so the repository has
                # the folder under a name of its own.
                if flag not in folders:
                    folders.append(flag)
                    ctx.symlink(flag[2:], "include/%d" % folders.index(flag))
                includes.append("include/%d" % folders.index(flag))
        build += "\ncc_library(\n    name = %r,\n    defines = %r,\n    linkopts = %r,\n" % (
            name,
            defines,
            _pkg_config(ctx, module, "--libs"),
        )
        if includes:
            build += "    hdrs = glob(%r),\n    includes = %r,\n" % (
                [folder + "/**" for folder in includes],
                includes,
            )
        build += ")\n"
    ctx.file("BUILD.bazel", build)

_system_library = repository_rule(
    implementation = _system_library_impl,
    attrs = {
        "defines": attr.string_list(doc = "Definitions for all sources that use the library."),
        "modules": attr.string_dict(doc = "The name of each cc_library, and its pkg-config module."),
    },
    environ = ["PATH", "PKG_CONFIG_PATH"],
    local = True,
)

def _system_program_impl(ctx):
    path = ctx.which(ctx.name)
    if path == None:
        fail("%s is not installed; scripts/setup installs what is needed" % ctx.name)
    ctx.symlink(path, "bin/" + ctx.name)
    ctx.file(
        "BUILD.bazel",
        "filegroup(\n    name = %r,\n    srcs = [%r],\n    visibility = [\"//visibility:public\"],\n)\n" %
        (ctx.name, "bin/" + ctx.name),
    )

_system_program = repository_rule(
    implementation = _system_program_impl,
    environ = ["PATH"],
    local = True,
)

def system_libraries():
    """Declares what scripts/setup installs and cmake/dependencies.cmake finds."""
    _system_library(
        name = "absl",
        modules = {
            name: "absl_" + name
            for name in [
                "cleanup",
                "cord",
                "flat_hash_map",
                "flat_hash_set",
                "function_ref",
                "hash",
                "span",
                "status",
                "statusor",
                "strings",
                "time",
            ]
        },
    )
    _system_library(name = "cli11", modules = {"cli11": "CLI11"})
    _system_library(name = "fmt", modules = {"fmt": "fmt"})
    _system_library(
        name = "googletest",
        modules = {
            "gmock": "gmock",
            "gtest": "gtest",
            "gtest_main": "gtest_main",
        },
    )
    _system_library(name = "grpc", modules = {"grpc++": "grpc++"})
    _system_library(name = "libarchive", modules = {"libarchive": "libarchive"})
    _system_library(name = "openssl", modules = {"crypto": "libcrypto"})
    _system_library(name = "protobuf", modules = {"protobuf": "protobuf"})
    _system_library(name = "pugixml", modules = {"pugixml": "pugixml"})

    # The definition makes simdjson's types the same in sources with and without optimization, as in
    # cmake/dependencies.cmake.
    _system_library(
        name = "simdjson",
        modules = {"simdjson": "simdjson"},
        defines = ["SIMDJSON_DEVELOPMENT_CHECKS=0"],
    )
    _system_library(name = "spdlog", modules = {"spdlog": "spdlog"})
    _system_library(name = "sqlite3", modules = {"sqlite3": "sqlite3"})
    _system_library(name = "tomlplusplus", modules = {"tomlplusplus": "tomlplusplus"})
    _system_library(name = "xxhash", modules = {"xxhash": "libxxhash"})
    _system_library(name = "yaml_cpp", modules = {"yaml_cpp": "yaml-cpp"})
    _system_library(name = "zlib", modules = {"zlib": "zlib"})
    _system_library(name = "zstd", modules = {"zstd": "libzstd"})
    _system_program(name = "grpc_cpp_plugin")
    _system_program(name = "protoc")
