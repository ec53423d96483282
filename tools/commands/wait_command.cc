#include <memory>
#include <optional>

#include "tools/commands/command.h"
#include "tools/commands/outcome.h"
#include "tools/options/duration_options.h"

namespace stored::tools {
namespace {

struct WaitArguments {
  std::string token;
  absl::Duration timeout = absl::InfiniteDuration();
  bool watch = false;
};

Ending RunWait(Session& session, const WaitArguments& arguments) {
  return WaitForOutcome(session, arguments.token, std::nullopt, arguments.watch,
                        client::TimeLimit(session.clock(), arguments.timeout), {});
}

}  // namespace

void AddWaitCommand(CLI::App& app, Command& chosen) {
  auto arguments = std::make_shared<WaitArguments>();
  CLI::App* command =
      app.add_subcommand("wait", "Waits for the end of a store and prints its outcome");
  command->footer(
      "Polls the server on short connections and sleeps in between. Retries a server that cannot "
      "be\n"
      "reached until --timeout, or for 10 minutes.\n\n");
  command->add_option("TOKEN", arguments->token, "Token that upload printed")->required();
  command->add_flag("--watch", arguments->watch,
                    "Wait on a stream instead of polling on short connections");
  AddTimeoutOption(*command, arguments->timeout,
                   "Longest wait: 30s, 5m, 1h30m; no limit if not given");
  command->callback([&chosen, arguments] {
    chosen = [arguments](Session& session) { return RunWait(session, *arguments); };
  });
}

}  // namespace stored::tools
