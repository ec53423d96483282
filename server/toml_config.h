#pragma once

#include <CLI/CLI.hpp>
#include <istream>
#include <string>
#include <vector>

namespace stored::server {

// Lets CLI11 read a TOML 1.0 file: a key is an option's long name, its value a string, number or
// boolean, or an array of them for an option that may be repeated. Tables are errors.
class TomlConfig final : public CLI::Config {
 public:
  // Throws CLI::ConfigError, which says where in the file and what is wrong; CLI11 passes it on to
  // the caller of parse().
  std::vector<CLI::ConfigItem> from_config(std::istream& input) const override;

  // Returns nothing: the program writes no config file.
  std::string to_config(const CLI::App*, bool, bool, std::string) const override { return ""; }
};

}  // namespace stored::server
