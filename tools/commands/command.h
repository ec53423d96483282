#pragma once

#include <CLI/App.hpp>
#include <functional>

#include "tools/commands/session.h"

// The subcommands of storectl. Each has a file of its own with one Add function.
namespace stored::tools {

// A subcommand with its arguments parsed.
using Command = std::function<Ending(Session&)>;

// Each adds one subcommand to `app` and sets `chosen` to it if the command line names it.
void AddUploadCommand(CLI::App& app, Command& chosen);
void AddWaitCommand(CLI::App& app, Command& chosen);
void AddStatusCommand(CLI::App& app, Command& chosen);
void AddStoresCommand(CLI::App& app, Command& chosen);
void AddCancelCommand(CLI::App& app, Command& chosen);
void AddProductsCommand(CLI::App& app, Command& chosen);
void AddRunsCommand(CLI::App& app, Command& chosen);
void AddHistoryCommand(CLI::App& app, Command& chosen);
void AddBackupCommand(CLI::App& app, Command& chosen);
void AddReportsCommand(CLI::App& app, Command& chosen);
void AddDiffCommand(CLI::App& app, Command& chosen);
void AddGcCommand(CLI::App& app, Command& chosen);

}  // namespace stored::tools
