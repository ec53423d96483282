#include <fmt/format.h>

#include <memory>
#include <optional>
#include <string>

#include "base/status.h"
#include "tools/commands/command.h"
#include "tools/commands/pages.h"
#include "tools/commands/report_rows.h"
#include "tools/options/report_filter_options.h"
#include "tools/options/snapshot_name.h"
#include "tools/terminal/format.h"

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
  FillSnapshot(snapshot, request);
  FillReportFilter(arguments.filter, request);
  request.set_include_bug_path(arguments.bug_path);
  request.set_page_size(kReportsPageSize);
  return request;
}

Ending RunReports(Session& session, const ReportsArguments& arguments) {
  const absl::StatusOr<SnapshotName> name = ParseSnapshotName(arguments.snapshot);
  if (!name.ok()) return WrongUse(name.status());
  const v1::ListReportsRequest request = Request(arguments, *name);
  const bool wants_past = request.snapshot_case() != v1::ListReportsRequest::SNAPSHOT_NOT_SET;
  ReportListing listing(session.output());
  std::optional<v1::Snapshot> snapshot;
  const auto list = [&](const v1::ListReportsRequest& page) {
    return session.CallWithRetry(
        [&](client::Connection& server) { return server.ListReports(page); });
  };
  const auto add = [&](const v1::ListReportsResponse& page) -> absl::Status {
    // A server that does not know the field returns the newest state.
    if (wants_past && !page.has_snapshot()) {
      return absl::FailedPreconditionError(
          "the server is older than this storectl and keeps no past of runs; update the server");
    }
    if (page.has_snapshot() && !snapshot.has_value()) {
      snapshot = page.snapshot();
      STORED_RETURN_IF_ERROR(listing.SetField("snapshot", *snapshot));
    }
    return listing.Add(page.reports());
  };
  const absl::Status status = listing.ReadFromStart([&] {
    snapshot.reset();
    return ForEachPage(request, list, add);
  });
  if (!status.ok()) {
    return session.ServerFailure(fmt::format("reports of run {}", arguments.snapshot), status);
  }
  if (snapshot.has_value()) {
    WarnIfIncomplete(
        *snapshot,
        fmt::format("store {} of {}", snapshot->store_number(), FormatTime(snapshot->stored_at())),
        session.output());
  }
  listing.Finish();
  if (!session.output().json() && listing.empty()) {
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
