#include "tools/options/duration_options.h"

#include "absl/status/statusor.h"
#include "tools/terminal/format.h"

namespace stored::tools {
namespace {

using Parse = absl::StatusOr<absl::Duration> (*)(std::string_view);

// Adds an option whose value `parse` accepts, and stores the parsed value in `target`.
template <typename Target>
CLI::Option* AddDurationOption(CLI::App& command, const std::string& name, Parse parse,
                               Target& target, const std::string& description) {
  const auto store = [parse, &target](const std::string& text) {
    if (const absl::StatusOr<absl::Duration> parsed = parse(text); parsed.ok()) target = *parsed;
  };
  const auto check = [parse](const std::string& text) -> std::string {
    // Accepts an empty value here, because FaultOfValues() reports it.
    return text.empty() ? "" : std::string(parse(text).status().message());
  };
  return command.add_option_function<std::string>(name, store, description)
      ->type_name("TIME")
      ->allow_extra_args(false)
      ->check(check);
}

}  // namespace

CLI::Option* AddTimeoutOption(CLI::App& command, absl::Duration& timeout,
                              const std::string& description) {
  return AddDurationOption(command, "--timeout", ParseTimeout, timeout, description);
}

CLI::Option* AddLifetimeOption(CLI::App& command, const std::string& name,
                               std::optional<absl::Duration>& lifetime,
                               const std::string& description) {
  return AddDurationOption(command, name, ParseLifetime, lifetime, description);
}

}  // namespace stored::tools
