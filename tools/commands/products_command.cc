#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "marshalling/time_marshalling.h"
#include "tools/commands/command.h"
#include "tools/options/duration_options.h"
#include "tools/terminal/format.h"
#include "tools/terminal/table.h"

namespace stored::tools {
namespace {

// Larger than any useful limit. CLI11 turns a number that overflows int64_t into the largest one.
constexpr int64_t kMaxLimit = int64_t{1} << 50;

struct ProductArguments {
  std::string name;
  // Settings that are not given are not changed.
  std::optional<int64_t> max_runs;
  std::optional<int64_t> max_reports_per_store;
  std::optional<int64_t> max_bytes_per_store;
  std::optional<int64_t> max_queued_stores;
  std::optional<absl::Duration> resolved_report_retention;
  std::optional<absl::Duration> history_retention;
};

void AddSettings(CLI::App& command, ProductArguments& arguments) {
  const CLI::Range range(int64_t{0}, kMaxLimit);
  const auto limit = [&command, &range](const char* name, std::optional<int64_t>& value,
                                        const char* description) {
    return command.add_option(name, value, description)->check(range)->type_name("N");
  };
  limit("--max-runs", arguments.max_runs, "Runs; 0 means no limit, here and below");
  limit("--max-reports-per-store", arguments.max_reports_per_store,
        "Distinct reports in one store");
  command
      .add_option("--max-bytes-per-store", arguments.max_bytes_per_store,
                  "Size of one upload as sent: 500mb, 2gb")
      ->transform(CLI::AsSizeValue(/*kb_is_1000=*/false))
      ->check(range)
      ->type_name("SIZE");
  limit("--max-queued-stores", arguments.max_queued_stores, "Stores waiting for a worker");
  AddLifetimeOption(command, "--resolved-report-retention", arguments.resolved_report_retention,
                    "Time to keep reports that are no longer found: 30d, 12h, never");
  AddLifetimeOption(command, "--history-retention", arguments.history_retention,
                    "Time to keep entries of a run's history; the newest entry, tagged entries and "
                    "those that reports refer to stay");
}

v1::ProductSettings Settings(const ProductArguments& arguments) {
  v1::ProductSettings settings;
  if (arguments.max_runs) settings.set_max_runs(*arguments.max_runs);
  if (arguments.max_reports_per_store) {
    settings.set_max_reports_per_store(*arguments.max_reports_per_store);
  }
  if (arguments.max_bytes_per_store) {
    settings.set_max_bytes_per_store(*arguments.max_bytes_per_store);
  }
  if (arguments.max_queued_stores) settings.set_max_queued_stores(*arguments.max_queued_stores);
  if (arguments.resolved_report_retention) {
    *settings.mutable_resolved_report_retention() =
        marshalling::ToProto(*arguments.resolved_report_retention);
  }
  if (arguments.history_retention) {
    *settings.mutable_history_retention() = marshalling::ToProto(*arguments.history_retention);
  }
  return settings;
}

// Returns the limits that are set: "10 runs, 2.1 GB an upload".
std::string FormatLimits(const v1::ProductSettings& settings) {
  std::vector<std::string> limits;
  if (settings.max_runs() > 0) limits.push_back(fmt::format("{} runs", settings.max_runs()));
  if (settings.max_reports_per_store() > 0) {
    limits.push_back(fmt::format("{} reports a store", settings.max_reports_per_store()));
  }
  if (settings.max_bytes_per_store() > 0) {
    limits.push_back(fmt::format("{} an upload", FormatBytes(settings.max_bytes_per_store())));
  }
  if (settings.max_queued_stores() > 0) {
    limits.push_back(fmt::format("{} waiting", settings.max_queued_stores()));
  }
  return fmt::format("{}", fmt::join(limits, ", "));
}

// Returns the retentions that are set: "resolved 30d, history 90d".
std::string FormatRetentions(const v1::ProductSettings& settings) {
  const auto format = [](const char* name, const google::protobuf::Duration& retention) {
    const bool forever = retention.seconds() == 0 && retention.nanos() == 0;
    return forever ? std::string() : fmt::format("{} {}", name, FormatLifetime(retention));
  };
  const std::string resolved = format("resolved", settings.resolved_report_retention());
  const std::string history = format("history", settings.history_retention());
  return resolved + (resolved.empty() || history.empty() ? "" : ", ") + history;
}

Ending RunList(Session& session) {
  const auto answer = session.CallWithRetry(
      [](client::Connection& server) { return server.ListProducts(v1::ListProductsRequest()); });
  if (!answer.ok()) return session.ServerFailure("products", answer.status());
  if (session.output().json()) return session.Document(*answer);
  Table table(session.output().result(),
              {{"NAME"}, {"RUNS", true}, {"SIZE", true}, {"CREATED AT"}, {"LIMITS"}, {"KEPT FOR"}});
  for (const v1::Product& product : answer->products()) {
    table.Add({product.name(), fmt::format("{}", product.run_count()),
               FormatBytes(product.database_size()), FormatTime(product.created_at()),
               FormatLimits(product.settings()), FormatRetentions(product.settings())});
  }
  table.Print();
  return Done();
}

// AddProduct() and RemoveProduct() do not retry: after a call whose response was lost, a second
// call would fail with ALREADY_EXISTS or NOT_FOUND.
Ending AddProduct(Session& session, const ProductArguments& arguments) {
  v1::CreateProductRequest request;
  request.set_name(arguments.name);
  *request.mutable_settings() = Settings(arguments);
  const auto answer = client::Connection(session.server()).CreateProduct(request);
  if (!answer.ok()) {
    return session.ServerFailure(fmt::format("products add {}", arguments.name), answer.status());
  }
  if (session.output().json()) return session.Document(*answer);
  session.output().Note(fmt::format("product {} added", arguments.name));
  return Done();
}

Ending RemoveProduct(Session& session, const std::string& name) {
  v1::DeleteProductRequest request;
  request.set_name(name);
  const auto answer = client::Connection(session.server()).DeleteProduct(request);
  if (!answer.ok()) {
    return session.ServerFailure(fmt::format("products rm {}", name), answer.status());
  }
  if (session.output().json()) return session.Document(*answer);
  session.output().Note(fmt::format("product {} removed with all its results", name));
  return Done();
}

Ending SetProduct(Session& session, const ProductArguments& arguments) {
  v1::UpdateProductRequest request;
  request.set_name(arguments.name);
  *request.mutable_settings() = Settings(arguments);
  if (request.settings().ByteSizeLong() == 0) {
    return WrongUse(absl::InvalidArgumentError(
        "products set: give at least one setting; see storectl products set --help"));
  }
  const auto answer = session.CallWithRetry(
      [&](client::Connection& server) { return server.UpdateProduct(request); });
  if (!answer.ok()) {
    return session.ServerFailure(fmt::format("products set {}", arguments.name), answer.status());
  }
  if (session.output().json()) return session.Document(*answer);
  session.output().Note(fmt::format("product {} changed", arguments.name));
  return Done();
}

}  // namespace

void AddProductsCommand(CLI::App& app, Command& chosen) {
  auto arguments = std::make_shared<ProductArguments>();
  CLI::App* command =
      app.add_subcommand("products", "Lists products, or adds, changes or removes a product");
  CLI::App* add = command->add_subcommand("add", "Adds a product");
  add->add_option("NAME", arguments->name,
                  "Name of the product: 1 to 64 characters of a-z, 0-9, _ and -")
      ->required();
  AddSettings(*add, *arguments);
  CLI::App* set = command->add_subcommand("set", "Changes the given settings of a product");
  set->add_option("NAME", arguments->name, "Name of the product")->required();
  AddSettings(*set, *arguments);
  CLI::App* remove = command->add_subcommand("rm", "Removes a product with all its results");
  remove->add_option("NAME", arguments->name, "Name of the product")->required();
  // CLI11 runs a parent's callback after its subcommand's.
  add->callback([&chosen, arguments] {
    chosen = [arguments](Session& session) { return AddProduct(session, *arguments); };
  });
  set->callback([&chosen, arguments] {
    chosen = [arguments](Session& session) { return SetProduct(session, *arguments); };
  });
  remove->callback([&chosen, arguments] {
    chosen = [arguments](Session& session) { return RemoveProduct(session, arguments->name); };
  });
  command->callback([&chosen] {
    if (!chosen) chosen = RunList;
  });
}

}  // namespace stored::tools
