#pragma once

#include <CLI/App.hpp>
#include <optional>
#include <string>

#include "absl/time/time.h"

// Options whose values are durations. An invalid value is an error of the command line.
namespace stored::tools {

// Adds --timeout, see ParseTimeout(). `timeout` keeps its value if the option is not given.
CLI::Option* AddTimeoutOption(CLI::App& command, absl::Duration& timeout,
                              const std::string& description);

// Adds an option for the time for which something is kept, see ParseLifetime(). `lifetime` keeps
// its value if the option is not given.
CLI::Option* AddLifetimeOption(CLI::App& command, const std::string& name,
                               std::optional<absl::Duration>& lifetime,
                               const std::string& description);

}  // namespace stored::tools
