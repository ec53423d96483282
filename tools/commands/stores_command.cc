#include <fmt/format.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/status.h"
#include "tools/commands/command.h"
#include "tools/commands/pages.h"
#include "tools/options/enum_option.h"
#include "tools/terminal/format.h"
#include "tools/terminal/json_list.h"
#include "tools/terminal/progress_printer.h"
#include "tools/terminal/table.h"

namespace stored::tools {
namespace {

constexpr int kStoresPageSize = 1000;

struct StoresArguments {
  std::string product;
  std::string run;
  std::vector<std::string> states;
};

// Returns the cell in the column SUMMARY.
std::string Summary(const v1::StoreStatus& status) {
  if (status.state() == v1::STORE_STATE_COMPLETED) {
    return fmt::format("{}, {} new, {} resolved",
                       FormatCount(status.result().reports(), "report", "reports"),
                       status.result().new_reports(), status.result().resolved_reports());
  }
  if (status.in_progress()) return DescribeState(status);
  return status.error().message();
}

void AddRow(const v1::StoreStatus& status, Table& table) {
  table.Add({status.token(), FormatEnum(*v1::StoreState_descriptor(), status.state()),
             status.product(), status.run_name(), status.tag(),
             status.has_enqueued_at() ? FormatTime(status.enqueued_at()) : "", Summary(status)});
}

Ending RunStores(Session& session, const StoresArguments& arguments) {
  v1::ListStoresRequest request;
  request.set_product(arguments.product);
  request.set_run_name(arguments.run);
  AddEnumValues<v1::StoreState>(arguments.states, *request.mutable_states());
  request.set_page_size(kStoresPageSize);
  JsonList all("stores");
  Table table(session.output().result(),
              {{"TOKEN"}, {"STATE"}, {"PRODUCT"}, {"RUN"}, {"TAG"}, {"QUEUED AT"}, {"SUMMARY"}});
  const absl::Status status = ForEachPage(
      request,
      [&](const v1::ListStoresRequest& page) {
        return session.CallWithRetry(
            [&](client::Connection& server) { return server.ListStores(page); });
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
      app.add_subcommand("stores", "Lists queued, running and ended stores, newest first");
  command
      ->add_option("--run", arguments->run,
                   "Only stores into runs with this name; may contain *, ? and [...]")
      ->type_name("R");
  CLI::Option* states = AddEnumOption<v1::StoreState>(*command, "--state", arguments->states,
                                                      "Only stores in this state; repeatable");
  // No store in the list can be ALLOCATED.
  std::vector<std::string> values = FormatEnumValues(*v1::StoreState_descriptor());
  std::erase(values, FormatEnum(*v1::StoreState_descriptor(), v1::STORE_STATE_ALLOCATED));
  states->type_name(fmt::format("{}", fmt::join(values, "|")));
  states->check([](const std::string& value) -> std::string {
    if (ParseEnum(*v1::StoreState_descriptor(), value).value_or(0) != v1::STORE_STATE_ALLOCATED) {
      return "";
    }
    return "an upload under way has no token yet and is not listed";
  });
  command->add_option("--product", arguments->product, "Only stores into this product")
      ->type_name("P");
  command->callback([&chosen, arguments] {
    chosen = [arguments](Session& session) { return RunStores(session, *arguments); };
  });
}

}  // namespace stored::tools
