#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/status.h"
#include "tools/commands/command.h"
#include "tools/terminal/format.h"
#include "tools/terminal/table.h"

namespace stored::tools {
namespace {

// More than anybody means. CLI11 takes what no int64_t holds for the largest one.
constexpr int64_t kMaxLimit = int64_t{1} << 50;

struct ProductArguments {
  std::string name;
  // What is not given is not set.
  std::optional<int64_t> max_runs;
  std::optional<int64_t> max_reports_per_store;
  std::optional<int64_t> max_bytes_per_store;
  std::optional<int64_t> max_queued_stores;
  std::optional<std::string> resolved_report_retention;
  std::optional<std::string> history_retention;
};

void AddSettings(CLI::App& command, ProductArguments& arguments) {
  const CLI::Range range(int64_t{0}, kMaxLimit);
  const auto limit = [&command, &range](const char* name, std::optional<int64_t>& value,
                                        const char* description) {
    return command.add_option(name, value, description)->check(range)->type_name("N");
  };
  limit("--max-runs", arguments.max_runs, "Runs; 0 is no limit, here and below");
  limit("--max-reports-per-store", arguments.max_reports_per_store,
        "Distinct reports in one store");
  command
      .add_option("--max-bytes-per-store", arguments.max_bytes_per_store,
                  "Size of one upload, as it travels: 500mb, 2gb")
      ->transform(CLI::AsSizeValue(/*kb_is_1000=*/false))
      ->check(range)
      ->type_name("SIZE");
  limit("--max-queued-stores", arguments.max_queued_stores, "Stores waiting for a worker");
  const auto retention = [&command](const char* name, std::optional<std::string>& value,
                                    const char* description) {
    command.add_option(name, value, description)->type_name("TIME");
  };
  retention("--resolved-report-retention", arguments.resolved_report_retention,
            "Keep reports that are no longer found for so long: 30d, 12h, never");
  retention("--history-retention", arguments.history_retention,
            "Keep entries of a run's history for so long, but for the newest, tagged ones and "
            "those that reports refer to");
}

absl::Status SetRetention(const std::optional<std::string>& text, std::string_view option,
                          google::protobuf::Duration* (v1::ProductSettings::*field)(),
                          v1::ProductSettings& settings) {
  if (!text.has_value()) return absl::OkStatus();
  const absl::StatusOr<absl::Duration> retention = ParseLifetime(*text);
  if (!retention.ok()) return Annotate(retention.status(), std::string(option));
  *(settings.*field)() = ToProto(*retention);
  return absl::OkStatus();
}

absl::StatusOr<v1::ProductSettings> Settings(const ProductArguments& arguments) {
  v1::ProductSettings settings;
  if (arguments.max_runs) settings.set_max_runs(*arguments.max_runs);
  if (arguments.max_reports_per_store) {
    settings.set_max_reports_per_store(*arguments.max_reports_per_store);
  }
  if (arguments.max_bytes_per_store) {
    settings.set_max_bytes_per_store(*arguments.max_bytes_per_store);
  }
  if (arguments.max_queued_stores) settings.set_max_queued_stores(*arguments.max_queued_stores);
  STORED_RETURN_IF_ERROR(
      SetRetention(arguments.resolved_report_retention, "--resolved-report-retention",
                   &v1::ProductSettings::mutable_resolved_report_retention, settings));
  STORED_RETURN_IF_ERROR(SetRetention(arguments.history_retention, "--history-retention",
                                      &v1::ProductSettings::mutable_history_retention, settings));
  return settings;
}

// What is limited: "10 runs, 2.1 GB an upload".
std::string LimitsWord(const v1::ProductSettings& settings) {
  std::vector<std::string> limits;
  if (settings.max_runs() > 0) limits.push_back(fmt::format("{} runs", settings.max_runs()));
  if (settings.max_reports_per_store() > 0) {
    limits.push_back(fmt::format("{} reports a store", settings.max_reports_per_store()));
  }
  if (settings.max_bytes_per_store() > 0) {
    limits.push_back(fmt::format("{} an upload", BytesWord(settings.max_bytes_per_store())));
  }
  if (settings.max_queued_stores() > 0) {
    limits.push_back(fmt::format("{} waiting", settings.max_queued_stores()));
  }
  return fmt::format("{}", fmt::join(limits, ", "));
}

// What is not kept for ever: "resolved 30d, history 90d".
std::string RetentionsWord(const v1::ProductSettings& settings) {
  const auto word = [](const char* what, const google::protobuf::Duration& retention) {
    const bool forever = retention.seconds() == 0 && retention.nanos() == 0;
    return forever ? std::string() : fmt::format("{} {}", what, LifetimeWord(retention));
  };
  const std::string resolved = word("resolved", settings.resolved_report_retention());
  const std::string history = word("history", settings.history_retention());
  return resolved + (resolved.empty() || history.empty() ? "" : ", ") + history;
}

Ending RunList(Session& session) {
  const auto answer = session.Ask(
      [](client::Connection& server) { return server.ListProducts(v1::ListProductsRequest()); });
  if (!answer.ok()) return session.ServerFailure("products", answer.status());
  if (session.output().json()) return session.Document(*answer);
  Table table(session.output().result(),
              {{"NAME"}, {"RUNS", true}, {"SIZE", true}, {"CREATED AT"}, {"LIMITS"}, {"KEPT FOR"}});
  for (const v1::Product& product : answer->products()) {
    table.Add({product.name(), fmt::format("{}", product.run_count()),
               BytesWord(product.database_size()), TimeWord(product.created_at()),
               LimitsWord(product.settings()), RetentionsWord(product.settings())});
  }
  table.Print();
  return Done();
}

// Neither of these two is repeated when its answer is lost: done twice, both are errors.
Ending RunAdd(Session& session, const ProductArguments& arguments) {
  v1::CreateProductRequest request;
  request.set_name(arguments.name);
  absl::StatusOr<v1::ProductSettings> settings = Settings(arguments);
  if (!settings.ok()) return WrongUse(settings.status());
  *request.mutable_settings() = *std::move(settings);
  const auto answer = client::Connection(session.server()).CreateProduct(request);
  if (!answer.ok()) {
    return session.ServerFailure(fmt::format("products add {}", arguments.name), answer.status());
  }
  if (session.output().json()) return session.Document(*answer);
  session.output().Note(fmt::format("product {} added", arguments.name));
  return Done();
}

Ending RunRemove(Session& session, const std::string& name) {
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

Ending RunSet(Session& session, const ProductArguments& arguments) {
  v1::UpdateProductRequest request;
  request.set_name(arguments.name);
  absl::StatusOr<v1::ProductSettings> settings = Settings(arguments);
  if (!settings.ok()) return WrongUse(settings.status());
  *request.mutable_settings() = *std::move(settings);
  if (request.settings().ByteSizeLong() == 0) {
    return WrongUse(absl::InvalidArgumentError(
        "products set: name a setting and its value; see storectl products set --help"));
  }
  const auto answer =
      session.Ask([&](client::Connection& server) { return server.UpdateProduct(request); });
  if (!answer.ok()) {
    return session.ServerFailure(fmt::format("products set {}", arguments.name), answer.status());
  }
  if (session.output().json()) return session.Document(*answer);
  session.output().Note(fmt::format("product {} set", arguments.name));
  return Done();
}

}  // namespace

void AddProductsCommand(CLI::App& app, Command& chosen) {
  auto arguments = std::make_shared<ProductArguments>();
  CLI::App* command =
      app.add_subcommand("products", "Lists products, or adds, changes or removes one");
  CLI::App* add = command->add_subcommand("add", "Adds a product");
  add->add_option("NAME", arguments->name, "1 to 64 of a-z, 0-9, _ and -")->required();
  AddSettings(*add, *arguments);
  CLI::App* set = command->add_subcommand("set", "Changes settings of a product: those given");
  set->add_option("NAME", arguments->name, "Name of the product")->required();
  AddSettings(*set, *arguments);
  CLI::App* remove = command->add_subcommand("rm", "Removes a product with all its results");
  remove->add_option("NAME", arguments->name, "Name of the product")->required();
  // A parent's callback runs after its subcommand's.
  add->callback([&chosen, arguments] {
    chosen = [arguments](Session& session) { return RunAdd(session, *arguments); };
  });
  set->callback([&chosen, arguments] {
    chosen = [arguments](Session& session) { return RunSet(session, *arguments); };
  });
  remove->callback([&chosen, arguments] {
    chosen = [arguments](Session& session) { return RunRemove(session, arguments->name); };
  });
  command->callback([&chosen] {
    if (!chosen) chosen = RunList;
  });
}

}  // namespace stored::tools
