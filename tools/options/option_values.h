#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

// Detects empty values of options, which a script passes by mistake if a variable is not set. An
// empty value must neither count as an option that is not given nor consume the next argument.
namespace stored::tools {

// Returns `arguments` with "--name=" replaced by "--name" and an empty argument. CLI11 would take
// the argument after "--name=", perhaps another option, for its value.
std::vector<std::string> WithEmptyValuesApart(const std::vector<std::string>& arguments);

// Returns the error in the first option or argument of `app` and the chosen subcommands whose value
// is empty though it must not be, or is itself an option ("--name --force"). Returns an empty text
// if all values are valid.
// REQUIRES: `app` has parsed the command line.
std::string FaultOfValues(const CLI::App& app);

}  // namespace stored::tools
