#include <fmt/format.h>

#include <memory>
#include <string>
#include <utility>

#include "base/status.h"
#include "base/text/text.h"
#include "tools/commands/command.h"
#include "tools/commands/pages.h"
#include "tools/terminal/format.h"
#include "tools/terminal/json_list.h"
#include "tools/terminal/table.h"

namespace stored::tools {
namespace {

constexpr int kHistoryPageSize = 1000;

struct HistoryArguments {
  std::string product;
  std::string run;
};

// Returns an empty text if the server does not know the store's counts.
std::string Count(const v1::HistoryEntry& entry, int32_t count) {
  return entry.has_counts() ? fmt::format("{}", count) : "";
}

void AddRow(const v1::HistoryEntry& entry, Table& table) {
  table.Add({fmt::format("{}", entry.store_number()), FormatTime(entry.stored_at()), entry.tag(),
             Count(entry, entry.counts().open_reports()),
             Count(entry, entry.counts().new_reports()),
             Count(entry, entry.counts().resolved_reports()),
             fmt::format("{}", fmt::join(entry.analyzers(), ", "))});
}

Ending RunHistory(Session& session, const HistoryArguments& arguments) {
  if (!IsValidUtf8(arguments.run)) {
    return WrongUse(absl::InvalidArgumentError("the name of the run is not UTF-8"));
  }
  v1::ListRunHistoryRequest request;
  request.set_product(arguments.product);
  request.set_run_name(arguments.run);
  request.set_page_size(kHistoryPageSize);
  JsonList all("entries");
  Table table(session.output().result(), {{"STORE", true},
                                          {"STORED AT"},
                                          {"TAG"},
                                          {"OPEN", true},
                                          {"NEW", true},
                                          {"RESOLVED", true},
                                          {"ANALYZERS"}});
  const absl::Status status = ForEachPage(
      request,
      [&](const v1::ListRunHistoryRequest& page) {
        return session.CallWithRetry(
            [&](client::Connection& server) { return server.ListRunHistory(page); });
      },
      [&](const v1::ListRunHistoryResponse& page) {
        for (const v1::HistoryEntry& entry : page.entries()) {
          if (!session.output().json()) {
            AddRow(entry, table);
          } else {
            STORED_RETURN_IF_ERROR(all.Add(entry));
          }
        }
        if (!session.output().json()) table.Print();
        return absl::OkStatus();
      });
  if (!status.ok()) {
    return session.ServerFailure(fmt::format("history of run {}", arguments.run), status);
  }
  if (session.output().json()) session.output().Document(all);
  return Done();
}

}  // namespace

void AddHistoryCommand(CLI::App& app, Command& chosen) {
  auto arguments = std::make_shared<HistoryArguments>();
  CLI::App* command =
      app.add_subcommand("history", "Lists the stores into a run, the newest first");
  command->footer(
      "OPEN counts the reports of a store, NEW those that the run did not have before, RESOLVED\n"
      "those that the store no longer found. - is a count that an older server did not keep.\n"
      "\n"
      "Example, the stores of a run and what it had after one of them:\n"
      "  storectl history my-project\n"
      "  storectl reports my-project:v1.2\n\n");
  command->add_option("RUN", arguments->run, "Name of the run")->required();
  command->add_option("--product", arguments->product, "Product; \"default\" if not given")
      ->type_name("P");
  command->callback([&chosen, arguments] {
    chosen = [arguments](Session& session) { return RunHistory(session, *arguments); };
  });
}

}  // namespace stored::tools
