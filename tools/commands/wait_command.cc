#include <memory>
#include <optional>

#include "base/status.h"
#include "tools/commands/command.h"
#include "tools/terminal/format.h"
#include "tools/terminal/outcome.h"

namespace stored::tools {
namespace {

struct WaitArguments {
  std::string token;
  std::string timeout;
  bool watch = false;
};

Ending RunWait(Session& session, const WaitArguments& arguments) {
  absl::Duration allowed = absl::InfiniteDuration();
  if (!arguments.timeout.empty()) {
    const absl::StatusOr<absl::Duration> timeout = ParseTimeout(arguments.timeout);
    if (!timeout.ok()) return WrongUse(Annotate(timeout.status(), "--timeout"));
    allowed = *timeout;
  }
  return WaitForOutcome(session, arguments.token, std::nullopt, arguments.watch,
                        client::TimeLimit(session.clock(), allowed), {});
}

}  // namespace

void AddWaitCommand(CLI::App& app, Command& chosen) {
  auto arguments = std::make_shared<WaitArguments>();
  CLI::App* command =
      app.add_subcommand("wait", "Waits for the end of a store and prints what became of it");
  command->footer(
      "Asks on short connections and sleeps in between. A server that cannot be reached is tried\n"
      "again until --timeout, or for 10 minutes.\n\n");
  command->add_option("TOKEN", arguments->token, "What upload printed")->required();
  command->add_flag("--watch", arguments->watch,
                    "Wait on a stream instead of polling on short connections");
  command->add_option("--timeout", arguments->timeout, "How long: 30s, 5m, 1h30m; else no limit")
      ->type_name("D");
  command->callback([&chosen, arguments] {
    chosen = [arguments](Session& session) { return RunWait(session, *arguments); };
  });
}

}  // namespace stored::tools
