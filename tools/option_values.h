#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

// Values of options that a script did not mean: what it passes on from a variable that is not set
// must be taken neither for what is left out nor for what comes next.
namespace stored::tools {

// Takes "--name=" for "--name" and an empty value. CLI11 takes the next argument for the value
// then, another option perhaps.
std::vector<std::string> WithEmptyValuesApart(const std::vector<std::string>& arguments);

// After parsing: what is wrong with the first option or argument of `app` and the chosen
// subcommands whose value is empty though it may not be, or is an option itself ("--name --force").
// Empty when nothing is.
std::string FaultOfValues(const CLI::App& app);

}  // namespace stored::tools
