#include <fmt/format.h>

#include <memory>
#include <utility>
#include <vector>

#include "base/status.h"
#include "marshalling/time_marshalling.h"
#include "tools/commands/command.h"
#include "tools/commands/pages.h"
#include "tools/commands/report_rows.h"
#include "tools/options/report_filter_options.h"
#include "tools/options/snapshot_name.h"
#include "tools/terminal/format.h"
#include "tools/terminal/json_list.h"
#include "tools/terminal/table.h"

namespace stored::tools {
namespace {

struct ReportsArguments {
  std::string snapshot;
  std::string product;
  ReportFilterArguments filter;
  bool bug_path = false;
};

v1::ListReportsRequest Request(const ReportsArguments& arguments, const SnapshotName& snapshot) {
  v1::ListReportsRequest request;
  request.set_product(arguments.product);
  request.set_run_name(snapshot.run);
  if (!snapshot.tag.empty()) request.set_tag(snapshot.tag);
  if (snapshot.time.has_value()) *request.mutable_time() = marshalling::ToProto(*snapshot.time);
  FillReportFilter(arguments.filter, request);
  request.set_include_bug_path(arguments.bug_path);
  request.set_page_size(kReportsPageSize);
  return request;
}

// Reads all pages. Prints a table page by page, or gathers the reports for a JSON document.
class ReportReading {
 public:
  explicit ReportReading(const Session& session)
      : session_(session),
        json_(session.output().json()),
        table_(session.output().result(), ReportColumns()) {}

  absl::Status Run(const v1::ListReportsRequest& request) {
    absl::Status status;
    wants_past_ = request.snapshot_case() != v1::ListReportsRequest::SNAPSHOT_NOT_SET;
    for (int i = 0; i < kMaxReadings; ++i) {
      all_.Clear();
      snapshot_.Clear();
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
    // A server that does not know the field returns the newest state.
    if (wants_past_ && !page.has_snapshot()) {
      return absl::FailedPreconditionError(
          "the server is older than this storectl and keeps no past of runs; update the server");
    }
    if (page.has_snapshot() && !snapshot_.has_stored_at()) {
      STORED_RETURN_IF_ERROR(all_.SetField("snapshot", page.snapshot()));
    }
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
  bool wants_past_ = false;
  v1::Snapshot snapshot_;
  JsonList all_{"reports"};
};

Ending RunReports(Session& session, const ReportsArguments& arguments) {
  const absl::StatusOr<SnapshotName> snapshot = ParseSnapshotName(arguments.snapshot);
  if (!snapshot.ok()) return WrongUse(snapshot.status());
  ReportReading reading(session);
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
  AddReportFilterOptions(*command, arguments->filter);
  command->add_flag("--bug-path", arguments->bug_path,
                    "Include the steps of all bug paths, notes and macro expansions");
  command->add_option("--product", arguments->product, "Product; \"default\" if not given")
      ->type_name("P");
  command->callback([&chosen, arguments] {
    chosen = [arguments](Session& session) { return RunReports(session, *arguments); };
  });
}

}  // namespace stored::tools
