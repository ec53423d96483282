#pragma once

#include <fmt/format.h>

#include <CLI/App.hpp>
#include <string>
#include <vector>

#include "tools/terminal/format.h"

namespace stored::tools {

// Adds a repeatable option whose values are those of an enum of stored.v1, see ParseEnum().
template <typename Enum>
CLI::Option* AddEnumOption(CLI::App& command, const std::string& name,
                           std::vector<std::string>& values, const std::string& description) {
  const google::protobuf::EnumDescriptor& type = *google::protobuf::GetEnumDescriptor<Enum>();
  return command.add_option(name, values, description)
      ->type_name(fmt::format("{}", fmt::join(FormatEnumValues(type), "|")))
      ->allow_extra_args(false)
      ->check([&type](const std::string& value) {
        const absl::StatusOr<int> number = ParseEnum(type, value);
        return number.ok() ? std::string() : std::string(number.status().message());
      });
}

// Adds `values`, which AddEnumOption() has checked, to `field`, a repeated enum field.
template <typename Enum, typename Field>
void AddEnumValues(const std::vector<std::string>& values, Field& field) {
  for (const std::string& value : values) {
    const auto number = ParseEnum(*google::protobuf::GetEnumDescriptor<Enum>(), value);
    if (number.ok()) field.Add(*number);
  }
}

}  // namespace stored::tools
