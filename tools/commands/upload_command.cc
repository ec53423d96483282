#include <memory>

#include "tools/commands/command.h"
#include "tools/options/duration_options.h"
#include "tools/upload/upload.h"

namespace stored::tools {

void AddUploadCommand(CLI::App& app, Command& chosen) {
  auto arguments = std::make_shared<UploadArguments>();
  CLI::App* command = app.add_subcommand(
      "upload", "Uploads results, waits until they are stored and prints what is new");
  command
      ->add_option("PATH", arguments->bundle.paths,
                   "Report directory, plist, SARIF log, archive of a report directory, or - for "
                   "standard input")
      ->required();
  // Adds an option that takes exactly one value, so that a PATH can follow.
  const auto text = [command](const char* name, auto& value, const char* type,
                              const char* description) {
    return command->add_option(name, value, description)->type_name(type)->allow_extra_args(false);
  };
  text("--name", arguments->name, "RUN",
       "Name of the run; if not given, the run that metadata.json names");
  text("--product", arguments->product, "P", "Product to store into; \"default\" if not given");
  text("--tag", arguments->tag, "T", "Name of this store in the run's history; may be empty");
  text("--description", arguments->description, "D",
       "Description of this store, for people; may be empty");
  AddLifetimeOption(
      *command, "--expire-after", arguments->expire_after,
      "Remove the run this long after its newest store: 30d, 12h, never; unchanged if "
      "not given");
  command->add_flag("--force", arguments->force,
                    "Remove all previous results of the run, then store");
  command->add_flag("--refuse-if-busy", arguments->refuse_if_busy,
                    "Fail if another store into the run is queued or running");
  text("--trim-path-prefix", arguments->bundle.trim_path_prefixes, "P",
       "Remove the longest matching prefix from file paths; *, ? and [...] also match /; "
       "repeatable");
  text("--source-root", arguments->bundle.source_roots, "DIR",
       "Also read sources below DIR, not only below the given paths, the working directory and the "
       "system's include directories; repeatable");
  command->add_flag("--refuse-changed-sources", arguments->refuse_changed_sources,
                    "Store nothing if a source is newer than a result file that names it");
  command->add_flag("--skip-bad-files", arguments->bundle.skip_bad_files,
                    "Skip result files that cannot be read, with a warning for each");
  text("--upload-id", arguments->upload_id, "ID",
       "Repeat an upload whose outcome is unknown: one upload id is stored once");
  CLI::Option* no_block =
      command->add_flag("--no-block", arguments->no_block, "Print the token and do not wait");
  command
      ->add_flag("--watch", arguments->watch,
                 "Wait on a stream instead of polling on short connections")
      ->excludes(no_block);
  AddTimeoutOption(*command, arguments->timeout,
                   "Longest time for all of the command: 30s, 5m, 1h30m; no limit if not given");
  command->callback([&chosen, arguments] {
    chosen = [arguments](Session& session) { return RunUpload(session, *arguments); };
  });
}

}  // namespace stored::tools
