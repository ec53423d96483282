#include <fmt/format.h>

#include <memory>
#include <utility>
#include <vector>

#include "base/status.h"
#include "marshalling/time_marshalling.h"
#include "tools/commands/command.h"
#include "tools/commands/pages.h"
#include "tools/commands/report_rows.h"
#include "tools/options/enum_option.h"
#include "tools/options/snapshot_name.h"
#include "tools/terminal/format.h"
#include "tools/terminal/json_list.h"
#include "tools/terminal/table.h"

namespace stored::tools {
namespace {

constexpr int kReportsPageSize = 5000;
// If a store into the run completes between two pages (ABORTED), the list is read again from its
// start, this many times in all.
constexpr int kMaxReadings = 4;

struct ReportsArguments {
  std::string snapshot;
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

v1::ListReportsRequest Request(const ReportsArguments& arguments, const SnapshotName& snapshot) {
  v1::ListReportsRequest request;
  request.set_product(arguments.product);
  request.set_run_name(snapshot.run);
  if (!snapshot.tag.empty()) request.set_tag(snapshot.tag);
  if (snapshot.time.has_value()) *request.mutable_time() = marshalling::ToProto(*snapshot.time);
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
  request.set_page_size(kReportsPageSize);
  return request;
}

// Reads all pages. Prints a table page by page, or gathers the reports for a JSON document.
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
  const v1::Snapshot& snapshot() const { return snapshot_; }
  bool empty() const { return empty_; }

 private:
  absl::Status ReadPages(const v1::ListReportsRequest& request) {
    return ForEachPage(
        request,
        [&](const v1::ListReportsRequest& page) {
          return session_.CallWithRetry(
              [&](client::Connection& server) { return server.ListReports(page); });
        },
        [&](const v1::ListReportsResponse& page) { return AddPage(page); });
  }

  absl::Status AddPage(const v1::ListReportsResponse& page) {
    snapshot_ = page.snapshot();
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
  v1::Snapshot snapshot_;
  JsonList all_{"reports"};
};

Ending RunReports(Session& session, const ReportsArguments& arguments) {
  const absl::StatusOr<SnapshotName> snapshot = ParseSnapshotName(arguments.snapshot);
  if (!snapshot.ok()) return WrongUse(snapshot.status());
  Reading reading(session);
  const absl::Status status = reading.Run(Request(arguments, *snapshot));
  if (!status.ok()) {
    return session.ServerFailure(fmt::format("reports of run {}", arguments.snapshot), status);
  }
  if (reading.snapshot().incomplete()) {
    session.output().Warning(fmt::format(
        "store {} of {} is from before the server kept the past: reports that have been reopened, "
        "replaced or changed since then are missing, or are as they became",
        reading.snapshot().store_number(), FormatTime(reading.snapshot().stored_at())));
  }
  if (session.output().json()) {
    session.output().Document(reading.all());
  } else if (reading.empty()) {
    session.output().Note(fmt::format("no report of run {} matches", arguments.snapshot));
  }
  return Done();
}

void AddFilters(CLI::App& command, ReportsArguments& arguments) {
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

}  // namespace

void AddReportsCommand(CLI::App& app, Command& chosen) {
  auto arguments = std::make_shared<ReportsArguments>();
  CLI::App* command = app.add_subcommand("reports", "Lists the reports of a run");
  command->footer(
      "Filters are repeatable. A report is listed if it matches at least one value of every "
      "filter\n"
      "that is given. The severity of a report comes from the input, else from the server's table "
      "of\n"
      "checkers. A report without a file is shown with its logical location. If results are "
      "stored\n"
      "into the run meanwhile, the reading starts again.\n"
      "\n"
      "RUN:TAG is the run as it was after the store with this tag, RUN@TIME after the last store "
      "at\n"
      "or before a time: app@2026-01-31, whose end is meant, or app@2026-01-31T14:03, in\n"
      "UTC. Write \\: and \\@ for these characters in the name of a run.\n\n");
  command
      ->add_option("SNAPSHOT", arguments->snapshot,
                   "Name of the run; RUN:TAG or RUN@TIME is an earlier state")
      ->required();
  AddFilters(*command, *arguments);
  command->add_flag("--bug-path", arguments->bug_path,
                    "Include the steps of all bug paths, notes and macro expansions");
  command->add_option("--product", arguments->product, "Product; \"default\" if not given")
      ->type_name("P");
  command->callback([&chosen, arguments] {
    chosen = [arguments](Session& session) { return RunReports(session, *arguments); };
  });
}

}  // namespace stored::tools
