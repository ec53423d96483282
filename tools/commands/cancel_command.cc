#include <fmt/format.h>

#include <memory>

#include "tools/commands/command.h"
#include "tools/terminal/progress_printer.h"

namespace stored::tools {
namespace {

Ending RunCancel(Session& session, const std::string& token) {
  v1::CancelStoreRequest request;
  request.set_token(token);
  const auto status = session.CallWithRetry(
      [&](client::Connection& connection) { return connection.CancelStore(request); });
  if (!status.ok()) {
    return session.ServerFailure(fmt::format("cancel {}", token), status.status());
  }
  if (session.output().json()) return session.Document(*status);
  session.output().Line(status->state() == v1::STORE_STATE_CANCELLED
                            ? fmt::format("CANCELLED store {}", token)
                            : fmt::format("store {} is {}", token, DescribeState(*status)));
  return Done();
}

}  // namespace

void AddCancelCommand(CLI::App& app, Command& chosen) {
  auto token = std::make_shared<std::string>();
  CLI::App* command = app.add_subcommand("cancel", "Asks the server to cancel a store");
  command->add_option("TOKEN", *token, "Token that upload printed")->required();
  command->callback([&chosen, token] {
    chosen = [token](Session& session) { return RunCancel(session, *token); };
  });
}

}  // namespace stored::tools
