"""C++ sources that the system's protoc and gRPC plug-in generate from .proto files."""

def _generate(ctx, protos, suffixes, arguments, tools):
    """Runs protoc once for each of protos and returns the generated files."""
    generated = []
    for proto in protos:
        stem = proto.path[len(ctx.label.package) + 1:-len(".proto")]
        outputs = [ctx.actions.declare_file(stem + suffix) for suffix in suffixes]
        ctx.actions.run(
            mnemonic = "Protoc",
            executable = ctx.executable._protoc,
            arguments = arguments + ["-I" + ctx.label.package, proto.path],
            inputs = ctx.files.srcs + ctx.files.imports,
            outputs = outputs,
            tools = tools,
        )
        generated += outputs
    return generated

def _out(ctx):
    return ctx.bin_dir.path + "/" + ctx.label.package

def _proto_messages_impl(ctx):
    return [DefaultInfo(files = depset(_generate(
        ctx,
        ctx.files.srcs,
        [".pb.cc", ".pb.h"],
        ["--cpp_out=" + _out(ctx)],
        [],
    )))]

def _proto_services_impl(ctx):
    plugin = ctx.executable._plugin
    return [DefaultInfo(files = depset(_generate(
        ctx,
        ctx.files.srcs,
        [".grpc.pb.cc", ".grpc.pb.h"],
        ["--grpc_out=" + _out(ctx), "--plugin=protoc-gen-grpc=" + plugin.path],
        [plugin],
    )))]

_ATTRIBUTES = {
    "imports": attr.label_list(allow_files = [".proto"], doc = "Files that srcs import."),
    "srcs": attr.label_list(allow_files = [".proto"], doc = "Files below the package's folder."),
    "_plugin": attr.label(default = "@grpc_cpp_plugin", executable = True, cfg = "exec", allow_files = True),
    "_protoc": attr.label(default = "@protoc", executable = True, cfg = "exec", allow_files = True),
}

proto_messages = rule(
    doc = "Generates X.pb.cc and X.pb.h from each X.proto.",
    implementation = _proto_messages_impl,
    attrs = _ATTRIBUTES,
)

proto_services = rule(
    doc = "Generates X.grpc.pb.cc and X.grpc.pb.h from each X.proto.",
    implementation = _proto_services_impl,
    attrs = _ATTRIBUTES,
)
