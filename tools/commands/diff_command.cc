#include <fmt/format.h>

#include <memory>
#include <utility>

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
  out.set_run_name(name.run);
  if (!name.tag.empty()) out.set_tag(name.tag);
  if (name.time.has_value()) *out.mutable_time() = marshalling::ToProto(*name.time);
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

// Reads all pages. Prints a table page by page, or gathers the reports for a JSON document.
class DifferenceReading {
 public:
  explicit DifferenceReading(const Session& session)
      : session_(session),
        json_(session.output().json()),
        table_(session.output().result(), ReportColumns()) {}

  absl::Status Run(const v1::CompareRunsRequest& request) {
    absl::Status status;
    for (int i = 0; i < kMaxReadings; ++i) {
      all_.Clear();
      status = ReadPages(request);
      if (!absl::IsAborted(status) || printed_) break;
    }
    return status;
  }

  // The states and the counts.
  const v1::CompareRunsResponse& first() const { return first_; }
  const JsonList& all() const { return all_; }

 private:
  absl::Status ReadPages(const v1::CompareRunsRequest& request) {
    return ForEachPage(
        request,
        [&](const v1::CompareRunsRequest& page) {
          return session_.CallWithRetry(
              [&](client::Connection& server) { return server.CompareRuns(page); });
        },
        [&](const v1::CompareRunsResponse& page) { return AddPage(page); });
  }

  absl::Status AddPage(const v1::CompareRunsResponse& page) {
    if (page.has_counts()) STORED_RETURN_IF_ERROR(AddFirst(page));
    for (const v1::Report& report : page.reports()) {
      if (!json_) {
        AddReportRows(report, table_);
      } else {
        STORED_RETURN_IF_ERROR(all_.Add(report));
      }
    }
    if (!json_ && page.reports_size() > 0) {
      table_.Print();
      printed_ = true;
    }
    return absl::OkStatus();
  }

  // Keeps what only the first page has.
  absl::Status AddFirst(const v1::CompareRunsResponse& page) {
    *first_.mutable_base() = page.base();
    *first_.mutable_current() = page.current();
    *first_.mutable_counts() = page.counts();
    STORED_RETURN_IF_ERROR(all_.SetField("base", page.base()));
    STORED_RETURN_IF_ERROR(all_.SetField("current", page.current()));
    return all_.SetField("counts", page.counts());
  }

  const Session& session_;
  const bool json_;
  Table table_;
  bool printed_ = false;
  v1::CompareRunsResponse first_;
  JsonList all_{"reports"};
};

Ending RunDiff(Session& session, const DiffArguments& arguments) {
  if (arguments.resolved && arguments.unresolved) {
    return WrongUse(absl::InvalidArgumentError("--resolved and --unresolved exclude each other"));
  }
  const absl::StatusOr<v1::CompareRunsRequest> request = Request(arguments);
  if (!request.ok()) return WrongUse(request.status());
  DifferenceReading reading(session);
  const absl::Status status = reading.Run(*request);
  if (!status.ok()) {
    return session.ServerFailure(
        fmt::format("diff of {} and {}", arguments.base, arguments.current), status);
  }
  const v1::CompareRunsResponse& first = reading.first();
  for (const auto& [name, snapshot] : {std::pair(&request->base(), &first.base()),
                                       std::pair(&request->current(), &first.current())}) {
    if (!snapshot->incomplete()) continue;
    session.output().Warning(
        fmt::format("{} is from before the server kept the past: reports that have been reopened, "
                    "replaced or changed since then are missing, or are as they became",
                    Described(*name, *snapshot)));
  }
  if (session.output().json()) {
    session.output().Document(reading.all());
    return Done();
  }
  const v1::DifferenceCounts& counts = first.counts();
  session.output().Note(fmt::format(
      "{} new, {} resolved, {} unresolved: {} beside {}", counts.new_reports(),
      counts.resolved_reports(), counts.unresolved_reports(),
      Described(request->current(), first.current()), Described(request->base(), first.base())));
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
