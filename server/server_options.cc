#include "server/server_options.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <map>
#include <optional>
#include <sstream>

#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "base/text/text.h"
#include "base/time/duration.h"
#include "server/toml_config.h"
#include "stored_version.h"

namespace stored::server {
namespace {

constexpr int kWrongUse = 2;

// Returns an error message, empty if the text is valid.
std::string CheckDuration(const std::string& text) {
  if (DurationFromText(text).has_value()) return {};
  return fmt::format("'{}' is not a valid duration: write 30s, 10m, 24h or 7d", Printable(text));
}

// Adds an option whose value is a duration; `duration` has its default.
void AddDuration(CLI::App& app, const std::string& name, absl::Duration& duration,
                 const std::string& description, absl::Duration shortest = absl::ZeroDuration()) {
  app.add_option_function<std::string>(
         name, [&duration](const std::string& text) { duration = *DurationFromText(text); },
         fmt::format("{} (default {})", description, DurationToText(duration)))
      ->type_name("TIME")
      ->check(CheckDuration)
      ->check([shortest](const std::string& text) {
        const std::optional<absl::Duration> given = DurationFromText(text);
        if (!given.has_value() || *given >= shortest) return std::string();
        return fmt::format("'{}' is too short: at least {}", text, DurationToText(shortest));
      });
}

void AddGarbageOptions(CLI::App& app, engine::GarbageOptions& options) {
  AddDuration(app, "--gc-interval", options.interval, "Time between two garbage collections",
              absl::Seconds(1));
  AddDuration(
      app, "--keep-consumed", options.keep_consumed,
      "Keep a store's token and outcome for this long after its end, if a client has seen it");
  AddDuration(app, "--keep-unconsumed", options.keep_unconsumed,
              "Keep them for this long if no client has");
  AddDuration(app, "--keep-unreferenced", options.keep_unreferenced,
              "Keep a source that no run mentions any more for this long; must be longer than any "
              "client takes from parsing to the token");
  AddDuration(app, "--upload-expiry", options.upload_expiry,
              "Remove an unfinished upload that no client has resumed for this long");
}

// Checks host:port or unix:/path. Returns an error message, empty if the address is valid.
std::string CheckAddress(const std::string& address) {
  if (address.starts_with("unix:")) {
    return address.size() > 5 ? "" : "unix: needs a path: unix:/run/stored.sock";
  }
  const size_t colon = address.rfind(':');
  int port = -1;
  if (colon != std::string::npos && colon > 0 &&
      absl::SimpleAtoi(address.substr(colon + 1), &port) && port >= 0 && port <= 65535) {
    return {};
  }
  return fmt::format("'{}' is not a valid address: write HOST:PORT or unix:/PATH",
                     Printable(address));
}

void AddLimits(CLI::App& app, ServerOptions& options) {
  const auto size = CLI::AsSizeValue(/*kb_is_1000=*/false);
  app.add_option("--max-upload-size", options.upload_limits.max_upload_bytes,
                 "Largest upload, as it is sent (default 8gb)")
      ->transform(size)
      ->check(CLI::Range(int64_t{1}, int64_t{1} << 50));
  app.add_option("--max-queue", options.upload_limits.max_enqueued,
                 "Stores that may wait for a worker")
      ->check(CLI::Range(int64_t{1}, int64_t{10'000'000}))
      ->capture_default_str();
  app.add_option("--max-uploads", options.upload_limits.max_uploads,
                 "Uploads that may arrive at the same time; further ones must try again")
      ->check(CLI::Range(1, 100'000))
      ->capture_default_str();
  AddDuration(app, "--quiet-upload-timeout", options.upload_limits.quiet_upload_timeout,
              "How long an upload may send nothing while others wait for room; it can be resumed",
              absl::Seconds(1));
  app.add_option("--max-unpacked-size", options.limits.max_unpacked_bytes,
                 "Largest size that one upload may unpack to (default 16gb)")
      ->transform(size);
  app.add_option("--max-unpack-ratio", options.limits.max_unpack_ratio,
                 "Largest number of bytes that a packed byte may unpack to, after the first 64 MiB")
      ->check(CLI::Range(1, 1'000'000))
      ->capture_default_str();
  app.add_option("--max-result-file-size", options.limits.max_result_file_bytes,
                 "Largest plist or SARIF log (default 1gb)")
      ->transform(size);
  app.add_option("--max-source-size", options.limits.max_source_bytes,
                 "Largest source file that is kept (default 16mb)")
      ->transform(size)
      // The most that a record of a bundle can hold.
      ->check(CLI::Range(uint64_t{1}, uint64_t{32} << 20));
  app.add_option("--max-reports", options.limits.max_reports, "Most distinct reports in one store")
      ->check(CLI::Range(uint32_t{1}, uint32_t{100'000'000}))
      ->capture_default_str();
}

// Adds `stored check`. On the command line it takes only --data and --config. The config file may
// have the server's other options, because both share it.
void AddCheckCommand(CLI::App& app, CommandLine& line) {
  CLI::App* check = app.add_subcommand(
      "check",
      "Checks all of --data DIR, which no server may have open, and changes nothing: prints a line "
      "for each database; exits with 0 if everything is whole, 1 if something is damaged, 2 if "
      "there is nothing to check or a server has it open");
  check->fallthrough();
  check->callback([&app, &line] {
    line.check = true;
    if (app.get_option("--config")->count() > 0) return;
    for (const CLI::Option* option : app.get_options()) {
      const std::string name = option->get_name();
      if (option->count() == 0 || name == "--data") continue;
      throw CLI::ValidationError(name, "is not an option of stored check, which has only --data");
    }
  });
}

}  // namespace

CommandLine ParseCommandLine(int argc, const char* const* argv) {
  CommandLine line;
  ServerOptions& options = line.options;
  CLI::App app("stored keeps the results of static analysis. CI jobs upload them with storectl.",
               "stored");
  app.set_version_flag("--version", fmt::format("stored {}", kVersion), "Print the version");
  app.config_formatter(std::make_shared<TomlConfig>());
  app.set_config("--config", "", "Read options from this TOML file; the command line wins");
  app.allow_config_extras(CLI::config_extras_mode::error);
  app.add_option("--data", options.data_directory,
                 "Directory for everything durable; created if it does not exist")
      ->type_name("DIR")
      ->check([](const std::string& path) {
        return std::string(path.empty() ? "the directory's name is empty" : "");
      })
      ->required();
  app.add_option("--listen", options.listen,
                 "HOST:PORT or unix:/PATH; may be repeated (default 127.0.0.1:50051)")
      ->type_name("ADDR")
      ->allow_extra_args(false)
      ->check(CheckAddress);
  app.add_option("--workers", options.workers,
                 "Stores that run at the same time; with two or more, stores into one product do "
                 "not delay those into another")
      ->check(CLI::Range(1, 256))
      ->capture_default_str();
  AddLimits(app, options);
  AddGarbageOptions(app, options.garbage);
  AddDuration(app, "--drain-timeout", options.drain_timeout,
              "How long running stores may take to finish when the server stops");
  app.add_option("--log-level", options.log_level, "How much to log")
      ->check(CLI::IsMember({"debug", "info", "warn", "error", "off"}))
      ->capture_default_str();
  AddCheckCommand(app, line);
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& success) {
    std::ostringstream text;
    app.exit(success, text, text);
    line.exit = true;
    line.message = text.str();
  } catch (const CLI::Error& error) {
    line.exit = true;
    std::string what = error.what();
    // CLI11's wording for an unknown option in the file.
    constexpr std::string_view kUnknownOption = "INI was not able to parse ";
    if (what.starts_with(kUnknownOption)) {
      what = fmt::format("the config file has '{}', which is not an option",
                         what.substr(kUnknownOption.size()));
    }
    line.code = kWrongUse;
    line.message = fmt::format("stored: {} (see stored --help)\n", Printable(what));
  }
  if (options.listen.empty()) options.listen.push_back("127.0.0.1:50051");
  return line;
}

}  // namespace stored::server
