#include <fmt/format.h>

#include <memory>
#include <utility>

#include "base/status.h"
#include "tools/command.h"
#include "tools/json_list.h"
#include "tools/pages.h"
#include "tools/table.h"
#include "tools/words.h"

namespace stored::tools {
namespace {

constexpr int kPageSize = 1000;

struct RunsArguments {
  std::string product;
  std::string run;
};

void AddRow(const v1::Run& run, Table& table) {
  table.Add({run.name(), fmt::format("{}", run.open_reports()), fmt::format("{}", run.reports()),
             fmt::format("{}", run.store_count()), run.tag(),
             run.has_stored_at() ? TimeWord(run.stored_at()) : "",
             fmt::format("{}", fmt::join(run.analyzers(), ", "))});
}

Ending RunRuns(Session& session, const RunsArguments& arguments) {
  v1::ListRunsRequest request;
  request.set_product(arguments.product);
  request.set_run_name(arguments.run);
  request.set_page_size(kPageSize);
  JsonList all("runs");
  Table table(session.output().result(), {{"NAME"},
                                          {"OPEN", true},
                                          {"REPORTS", true},
                                          {"STORES", true},
                                          {"TAG"},
                                          {"STORED AT"},
                                          {"ANALYZERS"}});
  const absl::Status status = ForEachPage(
      request,
      [&](const v1::ListRunsRequest& page) {
        return session.Ask([&](client::Connection& server) { return server.ListRuns(page); });
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

}  // namespace

void AddRunsCommand(CLI::App& app, Command& chosen) {
  auto arguments = std::make_shared<RunsArguments>();
  CLI::App* command = app.add_subcommand("runs", "Lists the runs of a product");
  command->add_option("--run", arguments->run, "Only runs of this name; *, ? and [...] allowed")
      ->type_name("R");
  command->add_option("--product", arguments->product, "The product; else \"default\"")
      ->type_name("P");
  command->callback([&chosen, arguments] {
    chosen = [arguments](Session& session) { return RunRuns(session, *arguments); };
  });
}

}  // namespace stored::tools
