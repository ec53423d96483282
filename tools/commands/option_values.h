#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

// Finds option values that a script passes by mistake, from a variable that is not set: an empty
// value must not count as an option left out, nor take the next argument for its value.
namespace stored::tools {

// Takes "--name=" for "--name" and an empty value. CLI11 takes the next argument for the value
// then, another option perhaps.
std::vector<std::string> WithEmptyValuesApart(const std::vector<std::string>& arguments);

// Returns what is wrong with the first option or argument of `app` and the chosen subcommands whose
// value is empty though it may not be, or is an option itself ("--name --force"); empty when
// nothing is. REQUIRES: `app` has parsed the command line.
std::string FaultOfValues(const CLI::App& app);

}  // namespace stored::tools
