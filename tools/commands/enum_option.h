#pragma once

#include <fmt/format.h>

#include <CLI/App.hpp>
#include <string>
#include <vector>

#include "tools/terminal/format.h"

namespace stored::tools {

// Adds a repeatable option whose values are words of an enum of stored.v1.
template <typename Enum>
CLI::Option* AddEnumOption(CLI::App& command, const std::string& name,
                           std::vector<std::string>& words, const std::string& description) {
  const google::protobuf::EnumDescriptor& type = *google::protobuf::GetEnumDescriptor<Enum>();
  return command.add_option(name, words, description)
      ->type_name(fmt::format("{}", fmt::join(EnumWords(type), "|")))
      ->allow_extra_args(false)
      ->check([&type](const std::string& word) {
        const absl::StatusOr<int> number = ParseEnumWord(type, word);
        return number.ok() ? std::string() : std::string(number.status().message());
      });
}

// Adds to `field`, a repeated enum field, what such an option was given.
template <typename Enum, typename Field>
void AddEnumValues(const std::vector<std::string>& words, Field& field) {
  for (const std::string& word : words) {
    const auto number = ParseEnumWord(*google::protobuf::GetEnumDescriptor<Enum>(), word);
    if (number.ok()) field.Add(*number);
  }
}

}  // namespace stored::tools
