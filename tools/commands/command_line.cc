#include "tools/commands/command_line.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <sstream>
#include <string_view>
#include <utility>

#include "stored_version.h"
#include "tools/commands/command.h"
#include "tools/options/option_values.h"

namespace stored::tools {
namespace {

struct GlobalOptions {
  std::string server;
  std::string format = "table";
  bool quiet = false;
  bool verbose = false;
};

void AddGlobalOptions(CLI::App& app, GlobalOptions& options) {
  // Accepts these options before and after the subcommand.
  app.fallthrough();
  app.set_version_flag("--version", fmt::format("storectl {}", kVersion));
  app.add_option("--server", options.server,
                 "Server: HOST:PORT or unix:PATH (environment: STORECTL_SERVER)")
      ->type_name("ADDR")
      ->capture_default_str();
  app.add_option("-o,--output", options.format,
                 "Form of the result: a table for people, or the message of the RPC as one JSON "
                 "document")
      ->type_name("FORM")
      ->check(CLI::IsMember({"table", "json"}))
      ->capture_default_str();
  CLI::Option* quiet = app.add_flag("-q,--quiet", options.quiet, "Print only results and errors");
  app.add_flag("-v,--verbose", options.verbose, "Print details of the progress")->excludes(quiet);
}

void AddCommands(CLI::App& app, Command& chosen) {
  app.require_subcommand(1);
  AddUploadCommand(app, chosen);
  AddWaitCommand(app, chosen);
  AddStatusCommand(app, chosen);
  AddStoresCommand(app, chosen);
  AddCancelCommand(app, chosen);
  AddProductsCommand(app, chosen);
  AddRunsCommand(app, chosen);
  AddHistoryCommand(app, chosen);
  AddReportsCommand(app, chosen);
  AddDiffCommand(app, chosen);
  AddBackupCommand(app, chosen);
  AddGcCommand(app, chosen);
  app.footer(kExitCodesHelp);
  for (CLI::App* command : app.get_subcommands({})) {
    command->footer(command->get_footer() +
                    std::string("Every command accepts --server, -o, -q and -v; see storectl "
                                "--help.\n\n") +
                    kExitCodesHelp);
  }
}

Ending FinishOutput(Output& output) {
  const absl::Status status = output.Finish();
  if (status.ok()) return Done();
  return {ExitCode::kOutput, std::string(status.message())};
}

// Prints the result of --help and --version, or the error in the command line. Returns the exit
// code.
int EndOfParsing(const CLI::App& app, const CLI::ParseError& error, Output& output) {
  if (error.get_exit_code() == static_cast<int>(CLI::ExitCodes::Success)) {
    std::ostringstream ignored;
    app.exit(error, output.result(), ignored);
    const Ending ending = FinishOutput(output);
    if (!ending.message.empty()) output.Error(ending.message);
    return static_cast<int>(ending.code);
  }
  std::string name = "storectl";
  for (const CLI::App* at = &app; !at->get_subcommands().empty();) {
    at = at->get_subcommands().front();
    name += " " + at->get_name();
  }
  std::string message = error.what();
  // CLI11's message would only say that a subcommand is required.
  if (const std::vector<std::string> rest = app.remaining();
      app.get_subcommands().empty() && !rest.empty()) {
    message = fmt::format("'{}' is not {}", rest.front(),
                          rest.front().starts_with('-') ? "an option" : "a command");
  }
  std::replace(message.begin(), message.end(), '\n', ' ');
  output.Error(fmt::format("{}; see {} --help", message, name));
  return static_cast<int>(ExitCode::kWrongUse);
}

Ending RunCommand(const Command& command, const GlobalOptions& options, Output& output,
                  Clock& clock, Interrupt* interrupt) {
  output.set_json(options.format == "json");
  output.set_quiet(options.quiet);
  output.set_verbose(options.verbose);
  absl::StatusOr<client::Endpoint> server = client::Endpoint::Parse(options.server);
  if (!server.ok()) return WrongUse(server.status());
  Session session(*std::move(server), output, clock, interrupt);
  Ending ending = command(session);
  // The loss of a part of the result takes precedence over the command's own end.
  if (const Ending lost = FinishOutput(output); lost.code != ExitCode::kDone) {
    const std::string_view separator = ending.message.empty() ? "" : "; ";
    return {lost.code, fmt::format("{}{}{}", lost.message, separator, ending.message)};
  }
  return ending;
}

}  // namespace

int RunStorectl(std::vector<std::string> arguments, const std::string& server, Output& output,
                Clock& clock, Interrupt* interrupt) {
  GlobalOptions options;
  options.server = server.empty() ? std::string(client::kDefaultServer) : server;
  Command chosen;
  CLI::App app("Stores static-analysis results on a stored server and queries them.", "storectl");
  AddGlobalOptions(app, options);
  AddCommands(app, chosen);
  try {
    arguments = WithEmptyValuesApart(arguments);
    // CLI11 parses the vector from its end.
    std::reverse(arguments.begin(), arguments.end());
    app.parse(std::move(arguments));
  } catch (const CLI::ParseError& error) {
    return EndOfParsing(app, error, output);
  }
  if (const std::string fault = FaultOfValues(app); !fault.empty()) {
    output.Error(fault + "; nothing was done");
    return static_cast<int>(ExitCode::kWrongUse);
  }
  const Ending ending = RunCommand(chosen, options, output, clock, interrupt);
  if (interrupt != nullptr) interrupt->BlockIfInterrupted();
  if (!ending.message.empty()) output.Error(ending.message);
  return static_cast<int>(ending.code);
}

}  // namespace stored::tools
