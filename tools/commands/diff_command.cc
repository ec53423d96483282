#include <fmt/format.h>

#include <memory>
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

struct DiffArguments {
  std::string base;
  std::string current;
  std::string product;
  ReportFilterArguments filter;
  bool resolved = false;
  bool unresolved = false;
  bool bug_path = false;
};

v1::Difference Wanted(const DiffArguments& arguments) {
  if (arguments.resolved) return v1::DIFFERENCE_RESOLVED;
  return arguments.unresolved ? v1::DIFFERENCE_UNRESOLVED : v1::DIFFERENCE_NEW;
}

absl::Status Fill(const std::string& text, v1::SnapshotName& out) {
  STORED_ASSIGN_OR_RETURN(const SnapshotName name, ParseSnapshotName(text));
  FillSnapshot(name, out);
  return absl::OkStatus();
}

absl::StatusOr<v1::CompareRunsRequest> Request(const DiffArguments& arguments) {
  v1::CompareRunsRequest request;
  request.set_product(arguments.product);
  STORED_RETURN_IF_ERROR(Fill(arguments.base, *request.mutable_base()));
  STORED_RETURN_IF_ERROR(Fill(arguments.current, *request.mutable_current()));
  request.set_difference(Wanted(arguments));
  FillReportFilter(arguments.filter, *request.mutable_filter());
  request.set_include_bug_path(arguments.bug_path);
  request.set_page_size(kReportsPageSize);
  return request;
}

// Returns "run app, store 3 of 2026-01-31 14:03:59 UTC (tag v1)".
std::string Described(const v1::SnapshotName& name, const v1::Snapshot& snapshot) {
  return fmt::format("run {}, store {} of {}{}", name.run_name(), snapshot.store_number(),
                     FormatTime(snapshot.stored_at()),
                     snapshot.tag().empty() ? "" : fmt::format(" (tag {})", snapshot.tag()));
}

Ending RunDiff(Session& session, const DiffArguments& arguments) {
  if (arguments.resolved && arguments.unresolved) {
    return WrongUse(absl::InvalidArgumentError("--resolved and --unresolved exclude each other"));
  }
  const absl::StatusOr<v1::CompareRunsRequest> request = Request(arguments);
  if (!request.ok()) return WrongUse(request.status());
  ReportListing listing(session.output());
  // The states and the counts, which only the first page has.
  v1::CompareRunsResponse first;
  const auto compare = [&](const v1::CompareRunsRequest& page) {
    return session.CallWithRetry(
        [&](client::Connection& server) { return server.CompareRuns(page); });
  };
  const auto add = [&](const v1::CompareRunsResponse& page) -> absl::Status {
    if (page.has_counts()) {
      *first.mutable_base() = page.base();
      *first.mutable_current() = page.current();
      *first.mutable_counts() = page.counts();
      STORED_RETURN_IF_ERROR(listing.SetField("base", page.base()));
      STORED_RETURN_IF_ERROR(listing.SetField("current", page.current()));
      STORED_RETURN_IF_ERROR(listing.SetField("counts", page.counts()));
    }
    return page.reports().empty() ? absl::OkStatus() : listing.Add(page.reports());
  };
  const absl::Status status =
      listing.ReadFromStart([&] { return ForEachPage(*request, compare, add); });
  if (!status.ok()) {
    return session.ServerFailure(
        fmt::format("diff of {} and {}", arguments.base, arguments.current), status);
  }
  const std::string base = Described(request->base(), first.base());
  const std::string current = Described(request->current(), first.current());
  WarnIfIncomplete(first.base(), base, session.output());
  WarnIfIncomplete(first.current(), current, session.output());
  listing.Finish();
  if (session.output().json()) return Done();
  const v1::DifferenceCounts& counts = first.counts();
  session.output().Note(fmt::format("{} new, {} resolved, {} unresolved: {} beside {}",
                                    counts.new_reports(), counts.resolved_reports(),
                                    counts.unresolved_reports(), current, base));
  return Done();
}

}  // namespace

void AddDiffCommand(CLI::App& app, Command& chosen) {
  auto arguments = std::make_shared<DiffArguments>();
  CLI::App* command =
      app.add_subcommand("diff", "Lists what is new in a run, compared with another or an earlier");
  command->footer(
      "Compares by report hash what is open and not closed by a review. BASE and NEW are RUN, "
      "RUN:TAG\n"
      "(after the store with this tag) or RUN@TIME (after the last store at or before a time). "
      "Write\n"
      "\\: and \\@ for these characters in the name of a run.\n"
      "\n"
      "  storectl diff main my-branch               # what the branch brings\n"
      "  storectl diff app:v1.0 app:v1.1 --resolved # what the release fixed\n"
      "  storectl diff app@2026-01-31 app           # what is new since then\n"
      "\n"
      "The filters select what is listed and counted. The exit code does not depend on what was\n"
      "found.\n\n");
  command->add_option("BASE", arguments->base, "The state to start from")->required();
  command->add_option("NEW", arguments->current, "The state to compare with it")->required();
  command->add_flag("--resolved", arguments->resolved,
                    "List what is open in BASE and not in NEW, instead of what is new");
  command->add_flag("--unresolved", arguments->unresolved, "List what is open in both");
  AddReportFilterOptions(*command, arguments->filter);
  command->add_flag("--bug-path", arguments->bug_path,
                    "Include the steps of all bug paths, notes and macro expansions");
  command->add_option("--product", arguments->product, "Product; \"default\" if not given")
      ->type_name("P");
  command->callback([&chosen, arguments] {
    chosen = [arguments](Session& session) { return RunDiff(session, *arguments); };
  });
}

}  // namespace stored::tools
