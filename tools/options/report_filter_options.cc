#include "tools/options/report_filter_options.h"

namespace stored::tools {

void AddReportFilterOptions(CLI::App& command, ReportFilterArguments& arguments) {
  const auto add = [&command](const char* name, std::vector<std::string>& values, const char* type,
                              const char* description) {
    command.add_option(name, values, description)->type_name(type)->allow_extra_args(false);
  };
  add("--checker", arguments.checkers, "C",
      "Only reports of this checker; may contain *, ? and [...]");
  add("--file", arguments.files, "F", "Only reports in this file; may contain *, ? and [...]");
  command.add_flag("--no-file", arguments.no_file,
                   "Only reports without a file; with --file, those as well");
  add("--logical-location", arguments.logical_locations, "L",
      "Only reports about this function, class, artifact, ...; may contain *, ? and [...]");
  add("--analyzer", arguments.analyzers, "A",
      "Only reports of this analyzer, or \"unknown\"; may contain *, ? and [...]");
  add("--hash", arguments.hashes, "H", "Only reports whose hash begins with this");
  AddEnumOption<v1::Severity>(command, "--severity", arguments.severities,
                              "Only reports of this severity, or unspecified");
  AddEnumOption<v1::DetectionStatus>(command, "--status", arguments.statuses,
                                     "Only reports with this detection status");
  AddEnumOption<v1::ReviewStatus>(command, "--review", arguments.reviews,
                                  "Only reports with this review status");
}

}  // namespace stored::tools
