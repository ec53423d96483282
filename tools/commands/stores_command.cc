#include <fmt/format.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/status.h"
#include "tools/commands/command.h"
#include "tools/commands/enum_option.h"
#include "tools/commands/pages.h"
#include "tools/terminal/format.h"
#include "tools/terminal/json_list.h"
#include "tools/terminal/progress_printer.h"
#include "tools/terminal/table.h"

namespace stored::tools {
namespace {

constexpr int kPageSize = 1000;

struct StoresArguments {
  std::string product;
  std::string run;
  std::vector<std::string> states;
};

// What there is to say about a store in one cell.
std::string Summary(const v1::StoreStatus& status) {
  if (status.state() == v1::STORE_STATE_COMPLETED) {
    return fmt::format("{}, {} new, {} resolved",
                       Count(status.result().reports(), "report", "reports"),
                       status.result().new_reports(), status.result().resolved_reports());
  }
  if (status.in_progress()) return DescribeState(status);
  return status.error().message();
}

void AddRow(const v1::StoreStatus& status, Table& table) {
  table.Add({status.token(), EnumWord(*v1::StoreState_descriptor(), status.state()),
             status.product(), status.run_name(), status.tag(),
             status.has_enqueued_at() ? TimeWord(status.enqueued_at()) : "", Summary(status)});
}

Ending RunStores(Session& session, const StoresArguments& arguments) {
  v1::ListStoresRequest request;
  request.set_product(arguments.product);
  request.set_run_name(arguments.run);
  AddEnumValues<v1::StoreState>(arguments.states, *request.mutable_states());
  request.set_page_size(kPageSize);
  JsonList all("stores");
  Table table(session.output().result(),
              {{"TOKEN"}, {"STATE"}, {"PRODUCT"}, {"RUN"}, {"TAG"}, {"QUEUED AT"}, {"SUMMARY"}});
  const absl::Status status = ForEachPage(
      request,
      [&](const v1::ListStoresRequest& page) {
        return session.Ask([&](client::Connection& server) { return server.ListStores(page); });
      },
      [&](const v1::ListStoresResponse& page) {
        for (const v1::StoreStatus& store : page.stores()) {
          if (!session.output().json()) {
            AddRow(store, table);
          } else {
            STORED_RETURN_IF_ERROR(all.Add(store));
          }
        }
        if (!session.output().json()) table.Print();
        return absl::OkStatus();
      });
  if (!status.ok()) return session.ServerFailure("stores", status);
  if (session.output().json()) session.output().Document(all);
  return Done();
}

}  // namespace

void AddStoresCommand(CLI::App& app, Command& chosen) {
  auto arguments = std::make_shared<StoresArguments>();
  CLI::App* command =
      app.add_subcommand("stores", "Lists the queue and what went through it, newest first");
  command
      ->add_option("--run", arguments->run, "Only into runs of this name; *, ? and [...] allowed")
      ->type_name("R");
  CLI::Option* states = AddEnumOption<v1::StoreState>(*command, "--state", arguments->states,
                                                      "Only in this state; repeatable");
  // The one state that no store in the list can have.
  std::vector<std::string> words = EnumWords(*v1::StoreState_descriptor());
  std::erase(words, EnumWord(*v1::StoreState_descriptor(), v1::STORE_STATE_ALLOCATED));
  states->type_name(fmt::format("{}", fmt::join(words, "|")));
  states->check([](const std::string& word) -> std::string {
    if (ParseEnumWord(*v1::StoreState_descriptor(), word).value_or(0) !=
        v1::STORE_STATE_ALLOCATED) {
      return "";
    }
    return "an upload under way has no token yet and is not listed";
  });
  command->add_option("--product", arguments->product, "Only into this product")->type_name("P");
  command->callback([&chosen, arguments] {
    chosen = [arguments](Session& session) { return RunStores(session, *arguments); };
  });
}

}  // namespace stored::tools
