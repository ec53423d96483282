#include <fmt/format.h>

#include <memory>

#include "tools/command.h"
#include "tools/table.h"
#include "tools/words.h"

namespace stored::tools {
namespace {

Ending RunList(Session& session) {
  const auto answer = session.Ask(
      [](client::Connection& server) { return server.ListProducts(v1::ListProductsRequest()); });
  if (!answer.ok()) return session.ServerFailure("products", answer.status());
  if (session.output().json()) return session.Document(*answer);
  Table table(session.output().result(),
              {{"NAME"}, {"RUNS", true}, {"SIZE", true}, {"CREATED AT"}});
  for (const v1::Product& product : answer->products()) {
    table.Add({product.name(), fmt::format("{}", product.run_count()),
               BytesWord(product.database_size()), TimeWord(product.created_at())});
  }
  table.Print();
  return Done();
}

// Neither of these is repeated when its answer is lost: done twice, both are errors.
Ending RunAdd(Session& session, const std::string& name) {
  v1::CreateProductRequest request;
  request.set_name(name);
  const auto answer = client::Connection(session.target()).CreateProduct(request);
  if (!answer.ok()) {
    return session.ServerFailure(fmt::format("products add {}", name), answer.status());
  }
  if (session.output().json()) return session.Document(*answer);
  session.output().Note(fmt::format("product {} added", name));
  return Done();
}

Ending RunRemove(Session& session, const std::string& name) {
  v1::DeleteProductRequest request;
  request.set_name(name);
  const auto answer = client::Connection(session.target()).DeleteProduct(request);
  if (!answer.ok()) {
    return session.ServerFailure(fmt::format("products rm {}", name), answer.status());
  }
  if (session.output().json()) return session.Document(*answer);
  session.output().Note(fmt::format("product {} removed with all its results", name));
  return Done();
}

}  // namespace

void AddProductsCommand(CLI::App& app, Command& chosen) {
  auto name = std::make_shared<std::string>();
  CLI::App* command = app.add_subcommand("products", "Lists products, or adds or removes one");
  CLI::App* add = command->add_subcommand("add", "Adds a product");
  add->add_option("NAME", *name, "1 to 64 of a-z, 0-9, _ and -")->required();
  CLI::App* remove = command->add_subcommand("rm", "Removes a product with all its results");
  remove->add_option("NAME", *name, "Name of the product")->required();
  // A parent's callback runs after its subcommand's.
  add->callback(
      [&chosen, name] { chosen = [name](Session& session) { return RunAdd(session, *name); }; });
  remove->callback(
      [&chosen, name] { chosen = [name](Session& session) { return RunRemove(session, *name); }; });
  command->callback([&chosen] {
    if (!chosen) chosen = RunList;
  });
}

}  // namespace stored::tools
