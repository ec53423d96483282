#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "engine/intake/upload_receiver.h"
#include "engine/upkeep/garbage_collector.h"
#include "reports/limits.h"
#include "services/keepalive.h"

namespace stored::server {

struct ServerOptions {
  std::string data_directory;
  // host:port, [ipv6]:port, unix:/path; port 0 is any that is free.
  std::vector<std::string> listen;
  int workers = 2;
  engine::UploadLimits upload_limits;
  reports::Limits limits;
  engine::GarbageOptions garbage;
  // What running stores get to finish in when the server stops.
  absl::Duration drain_timeout = absl::Seconds(10);
  services::Keepalive keepalive;
  // spdlog's names: trace, debug, info, warn, error, off.
  std::string log_level = "info";
};

// What the command line asks for.
struct CommandLine {
  // Set: print `message` (help, version, what is wrong with the arguments) and exit with `code`
  // instead of serving; on stdout where the code is 0, else on stderr.
  bool exit = false;
  int code = 0;
  std::string message;
  // Set: look through options.data_directory instead of serving it.
  bool check = false;
  ServerOptions options;
};

// Reads the arguments of `stored`, and the TOML file that --config names, where the command line
// wins. Exit code 2 for wrong use.
CommandLine ParseCommandLine(int argc, const char* const* argv);

}  // namespace stored::server
