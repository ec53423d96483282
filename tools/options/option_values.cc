#include "tools/options/option_values.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <iterator>

namespace stored::tools {
namespace {

// Options whose value may be empty: a store needs neither tag nor description, and the path of a
// report without a file is empty.
constexpr const char* kMayBeEmpty[] = {"--tag", "--description", "--file"};

bool MayBeEmpty(const CLI::Option& option) {
  return std::any_of(std::begin(kMayBeEmpty), std::end(kMayBeEmpty),
                     [&](const char* name) { return option.check_name(name); });
}

// Returns `app` and the chosen subcommands, outermost first.
std::vector<const CLI::App*> ChosenCommands(const CLI::App& app) {
  std::vector<const CLI::App*> chosen = {&app};
  for (size_t i = 0; i < chosen.size(); ++i) {
    for (const CLI::App* command : chosen[i]->get_subcommands()) chosen.push_back(command);
  }
  return chosen;
}

bool IsOption(const std::vector<const CLI::App*>& apps, const std::string& value) {
  if (!value.starts_with("--") || value.size() == 2) return false;
  return std::any_of(apps.begin(), apps.end(), [&](const CLI::App* app) {
    return app->get_option_no_throw(value) != nullptr;
  });
}

}  // namespace

std::vector<std::string> WithEmptyValuesApart(const std::vector<std::string>& arguments) {
  std::vector<std::string> apart;
  for (size_t i = 0; i < arguments.size(); ++i) {
    const std::string& argument = arguments[i];
    if (argument == "--") {
      apart.insert(apart.end(), arguments.begin() + static_cast<std::ptrdiff_t>(i),
                   arguments.end());
      return apart;
    }
    const bool is_empty = argument.starts_with("--") && argument.find('=') == argument.size() - 1;
    apart.push_back(is_empty ? argument.substr(0, argument.size() - 1) : argument);
    if (is_empty) apart.emplace_back();
  }
  return apart;
}

std::string FaultOfValues(const CLI::App& app) {
  const std::vector<const CLI::App*> apps = ChosenCommands(app);
  for (const CLI::App* chosen : apps) {
    for (const CLI::Option* option : chosen->get_options()) {
      if (option->count() == 0) continue;
      for (const std::string& value : option->results()) {
        if (value.empty() && !MayBeEmpty(*option)) {
          return fmt::format("{} is empty: give it a value or leave it out (is a variable unset?)",
                             option->get_name());
        }
        if (IsOption(apps, value)) {
          return fmt::format("{} has no value: {} is an option (is a variable unset?)",
                             option->get_name(), value);
        }
      }
    }
  }
  return "";
}

}  // namespace stored::tools
