#include "server/toml_config.h"

#include <fmt/format.h>
#include <toml++/toml.h>

#include <optional>
#include <string_view>

namespace stored::server {
namespace {

// Returns the value as the command line would have it; nothing for a type without such a form.
std::optional<std::string> Argument(const toml::node& value) {
  if (const auto* text = value.as_string()) return text->get();
  if (const auto* number = value.as_integer()) return fmt::format("{}", number->get());
  if (const auto* number = value.as_floating_point()) return fmt::format("{}", number->get());
  if (const auto* flag = value.as_boolean()) return flag->get() ? "true" : "false";
  return std::nullopt;
}

std::string AddArgument(const toml::node& value, std::string_view key) {
  if (std::optional<std::string> argument = Argument(value)) return *std::move(argument);
  throw CLI::ConfigError(
      fmt::format("line {} of the config file: the value of {} is not a string, number or boolean",
                  value.source().begin.line, key));
}

}  // namespace

std::vector<CLI::ConfigItem> TomlConfig::from_config(std::istream& input) const {
  toml::table table;
  try {
    table = toml::parse(input);
  } catch (const toml::parse_error& error) {
    throw CLI::ConfigError(fmt::format("line {} of the config file is not TOML: {}",
                                       error.source().begin.line, error.description()));
  }
  std::vector<CLI::ConfigItem> options;
  for (const auto& [key, value] : table) {
    CLI::ConfigItem& option = options.emplace_back();
    option.name = std::string(key.str());
    if (const toml::array* array = value.as_array()) {
      for (const toml::node& element : *array) {
        option.inputs.push_back(AddArgument(element, key.str()));
      }
    } else {
      option.inputs.push_back(AddArgument(value, key.str()));
    }
  }
  return options;
}

}  // namespace stored::server
