#include <fmt/format.h>

#include <memory>
#include <utility>
#include <vector>

#include "base/status.h"
#include "tools/commands/command.h"
#include "tools/commands/enum_option.h"
#include "tools/commands/pages.h"
#include "tools/commands/report_rows.h"
#include "tools/terminal/json_list.h"
#include "tools/terminal/table.h"

namespace stored::tools {
namespace {

constexpr int kPageSize = 5000;
// The run may be stored into between two pages; then the reading starts again.
constexpr int kMaxReadings = 4;

struct ReportsArguments {
  std::string run;
  std::string product;
  std::vector<std::string> checkers;
  std::vector<std::string> files;
  bool no_file = false;
  std::vector<std::string> logical_locations;
  std::vector<std::string> analyzers;
  std::vector<std::string> hashes;
  std::vector<std::string> severities;
  std::vector<std::string> statuses;
  std::vector<std::string> reviews;
  bool bug_path = false;
};

v1::ListReportsRequest Request(const ReportsArguments& arguments) {
  v1::ListReportsRequest request;
  request.set_product(arguments.product);
  request.set_run_name(arguments.run);
  const auto assign = [](const std::vector<std::string>& from, auto* to) {
    to->Assign(from.begin(), from.end());
  };
  assign(arguments.checkers, request.mutable_checker_names());
  assign(arguments.files, request.mutable_file_paths());
  request.set_without_file(arguments.no_file);
  assign(arguments.logical_locations, request.mutable_logical_locations());
  assign(arguments.analyzers, request.mutable_analyzer_names());
  assign(arguments.hashes, request.mutable_report_hashes());
  AddEnumValues<v1::Severity>(arguments.severities, *request.mutable_severities());
  AddEnumValues<v1::DetectionStatus>(arguments.statuses, *request.mutable_detection_statuses());
  AddEnumValues<v1::ReviewStatus>(arguments.reviews, *request.mutable_review_statuses());
  request.set_include_bug_path(arguments.bug_path);
  request.set_page_size(kPageSize);
  return request;
}

// Reads every page, a table being printed as they come.
class Reading {
 public:
  explicit Reading(const Session& session)
      : session_(session),
        json_(session.output().json()),
        table_(session.output().result(), ReportColumns()) {}

  absl::Status Run(const v1::ListReportsRequest& request) {
    absl::Status status;
    for (int i = 0; i < kMaxReadings; ++i) {
      all_.Clear();
      empty_ = true;
      status = ReadPages(request);
      if (!absl::IsAborted(status) || printed_) break;
    }
    return status;
  }

  const JsonList& all() const { return all_; }
  bool empty() const { return empty_; }

 private:
  absl::Status ReadPages(const v1::ListReportsRequest& request) {
    return ForEachPage(
        request,
        [&](const v1::ListReportsRequest& page) {
          return session_.Ask([&](client::Connection& server) { return server.ListReports(page); });
        },
        [&](const v1::ListReportsResponse& page) { return Take(page); });
  }

  absl::Status Take(const v1::ListReportsResponse& page) {
    for (const v1::Report& report : page.reports()) {
      empty_ = false;
      if (!json_) {
        AddReportRows(report, table_);
      } else {
        STORED_RETURN_IF_ERROR(all_.Add(report));
      }
    }
    if (json_) return absl::OkStatus();
    table_.Print();
    printed_ = true;
    return absl::OkStatus();
  }

  const Session& session_;
  const bool json_;
  Table table_;
  bool printed_ = false;
  bool empty_ = true;
  JsonList all_{"reports"};
};

Ending RunReports(Session& session, const ReportsArguments& arguments) {
  Reading reading(session);
  const absl::Status status = reading.Run(Request(arguments));
  if (!status.ok()) {
    return session.ServerFailure(fmt::format("reports of run {}", arguments.run), status);
  }
  if (session.output().json()) {
    session.output().Document(reading.all());
  } else if (reading.empty()) {
    session.output().Note(fmt::format("no report of run {} matches", arguments.run));
  }
  return Done();
}

void AddFilters(CLI::App& command, ReportsArguments& arguments) {
  const auto add = [&command](const char* name, std::vector<std::string>& values, const char* type,
                              const char* description) {
    command.add_option(name, values, description)->type_name(type)->allow_extra_args(false);
  };
  add("--checker", arguments.checkers, "C", "Only of this checker; *, ? and [...] allowed");
  add("--file", arguments.files, "F", "Only in this file; *, ? and [...] allowed");
  command.add_flag("--no-file", arguments.no_file, "Only what has no file; with --file, that too");
  add("--logical-location", arguments.logical_locations, "L",
      "Only about this function, class, artifact, ...; *, ? and [...] allowed");
  add("--analyzer", arguments.analyzers, "A",
      "Only of this analyzer, or \"unknown\"; *, ? and [...] allowed");
  add("--hash", arguments.hashes, "H", "Only with a report hash that starts like this");
  AddEnumOption<v1::Severity>(command, "--severity", arguments.severities,
                              "Only of this severity, or unspecified");
  AddEnumOption<v1::DetectionStatus>(command, "--status", arguments.statuses,
                                     "Only of this detection status");
  AddEnumOption<v1::ReviewStatus>(command, "--review", arguments.reviews,
                                  "Only of this review status");
}

}  // namespace

void AddReportsCommand(CLI::App& app, Command& chosen) {
  auto arguments = std::make_shared<ReportsArguments>();
  CLI::App* command = app.add_subcommand("reports", "Lists the reports of a run");
  command->footer(
      "Filters are repeatable: a report is listed when every filter that is given has a value "
      "that\n"
      "fits. A severity is what the input states, else what the server's table of checkers has. A\n"
      "report without a file is shown with its logical location. Where the run is stored into\n"
      "meanwhile, the reading starts again.\n\n");
  command->add_option("RUN", arguments->run, "Name of the run")->required();
  AddFilters(*command, *arguments);
  command->add_flag("--bug-path", arguments->bug_path,
                    "With the steps of every path to the bug, notes and macro expansions");
  command->add_option("--product", arguments->product, "The product; else \"default\"")
      ->type_name("P");
  command->callback([&chosen, arguments] {
    chosen = [arguments](Session& session) { return RunReports(session, *arguments); };
  });
}

}  // namespace stored::tools
