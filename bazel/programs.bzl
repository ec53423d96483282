"""A folder of programs, for tests that find them by their names alone."""

def _programs_impl(ctx):
    links = []
    runfiles = ctx.runfiles()
    for program in ctx.attr.srcs:
        executable = program[DefaultInfo].files_to_run.executable
        link = ctx.actions.declare_file("bin/" + executable.basename)
        ctx.actions.symlink(output = link, target_file = executable, is_executable = True)
        links.append(link)
        runfiles = runfiles.merge(program[DefaultInfo].default_runfiles)
    return [DefaultInfo(files = depset(links), runfiles = runfiles.merge(ctx.runfiles(links)))]

programs = rule(
    doc = "Links to programs in the folder bin/ of the package.",
    implementation = _programs_impl,
    attrs = {"srcs": attr.label_list(doc = "The programs.")},
)
