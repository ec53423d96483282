#include <fmt/format.h>

#include <memory>
#include <optional>
#include <utility>

#include "base/status.h"
#include "marshalling/time_marshalling.h"
#include "tools/commands/command.h"
#include "tools/commands/pages.h"
#include "tools/options/duration_options.h"
#include "tools/terminal/format.h"
#include "tools/terminal/json_list.h"
#include "tools/terminal/table.h"

namespace stored::tools {
namespace {

constexpr int kRunsPageSize = 1000;

struct RunsArguments {
  std::string product;
  std::string run;
  // For `set`.
  std::optional<absl::Duration> expire_after;
};

// Returns for example "2 of 120"; empty if every file was analysed or the counts are unknown.
std::string FailedFiles(const v1::Run& run) {
  if (run.failed_files() == 0) return "";
  return fmt::format("{} of {}", run.failed_files(), run.analyzed_files());
}

void AddRow(const v1::Run& run, Table& table) {
  table.Add({run.name(), fmt::format("{}", run.open_reports()), fmt::format("{}", run.reports()),
             fmt::format("{}", run.store_count()), FailedFiles(run), run.tag(),
             run.has_stored_at() ? FormatTime(run.stored_at()) : "",
             run.has_expires_at() ? FormatTime(run.expires_at()) : "",
             fmt::format("{}", fmt::join(run.analyzers(), ", "))});
}

Ending RunRuns(Session& session, const RunsArguments& arguments) {
  v1::ListRunsRequest request;
  request.set_product(arguments.product);
  request.set_run_name(arguments.run);
  request.set_page_size(kRunsPageSize);
  JsonList all("runs");
  Table table(session.output().result(), {{"NAME"},
                                          {"OPEN", true},
                                          {"REPORTS", true},
                                          {"STORES", true},
                                          {"NOT ANALYSED", true},
                                          {"TAG"},
                                          {"STORED AT"},
                                          {"EXPIRES"},
                                          {"ANALYZERS"}});
  const absl::Status status = ForEachPage(
      request,
      [&](const v1::ListRunsRequest& page) {
        return session.CallWithRetry(
            [&](client::Connection& server) { return server.ListRuns(page); });
      },
      [&](const v1::ListRunsResponse& page) {
        for (const v1::Run& run : page.runs()) {
          if (!session.output().json()) {
            AddRow(run, table);
          } else {
            STORED_RETURN_IF_ERROR(all.Add(run));
          }
        }
        if (!session.output().json()) table.Print();
        return absl::OkStatus();
      });
  if (!status.ok()) return session.ServerFailure("runs", status);
  if (session.output().json()) session.output().Document(all);
  return Done();
}

Ending SetRun(Session& session, const RunsArguments& arguments) {
  v1::UpdateRunRequest request;
  request.set_product(arguments.product);
  request.set_run_name(arguments.run);
  *request.mutable_expire_after() = marshalling::ToProto(arguments.expire_after.value());
  const auto answer =
      session.CallWithRetry([&](client::Connection& server) { return server.UpdateRun(request); });
  if (!answer.ok()) return session.ServerFailure("runs set", answer.status());
  if (session.output().json()) return session.Document(*answer);
  session.output().Note(
      answer->has_expires_at()
          ? fmt::format("run {} is kept until {}, or longer if results are stored into it",
                        arguments.run, FormatTime(answer->expires_at()))
          : fmt::format("run {} is kept for ever", arguments.run));
  return Done();
}

// Does not retry: after a call whose response was lost, a second call would fail with NOT_FOUND.
Ending RemoveRun(Session& session, const RunsArguments& arguments) {
  v1::DeleteRunRequest request;
  request.set_product(arguments.product);
  request.set_run_name(arguments.run);
  const auto answer = client::Connection(session.server()).DeleteRun(request);
  if (!answer.ok()) return session.ServerFailure("runs rm", answer.status());
  if (session.output().json()) return session.Document(*answer);
  session.output().Note(fmt::format("run {} removed with all its reports", arguments.run));
  return Done();
}

}  // namespace

void AddRunsCommand(CLI::App& app, Command& chosen) {
  auto arguments = std::make_shared<RunsArguments>();
  CLI::App* command =
      app.add_subcommand("runs", "Lists the runs of a product, or changes or removes a run");
  command
      ->add_option("--run", arguments->run, "Only runs with this name; may contain *, ? and [...]")
      ->type_name("R");
  // Its subcommands accept it too (fallthrough).
  command->add_option("--product", arguments->product, "Product; \"default\" if not given")
      ->type_name("P");
  CLI::App* set = command->add_subcommand("set", "Changes how long a run is kept");
  set->add_option("RUN", arguments->run, "Name of the run")->required();
  AddLifetimeOption(*set, "--expire-after", arguments->expire_after,
                    "Remove the run this long after its newest store: 30d, 12h, never")
      ->required();
  CLI::App* remove = command->add_subcommand("rm", "Removes a run with all its reports");
  remove->add_option("RUN", arguments->run, "Name of the run")->required();
  // CLI11 runs a parent's callback after its subcommand's.
  set->callback([&chosen, arguments] {
    chosen = [arguments](Session& session) { return SetRun(session, *arguments); };
  });
  remove->callback([&chosen, arguments] {
    chosen = [arguments](Session& session) { return RemoveRun(session, *arguments); };
  });
  command->callback([&chosen, arguments] {
    if (!chosen) chosen = [arguments](Session& session) { return RunRuns(session, *arguments); };
  });
}

}  // namespace stored::tools
