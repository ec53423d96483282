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
  // Each is host:port, [ipv6]:port or unix:/path. Port 0 selects a free port.
  std::vector<std::string> listen;
  int workers = 2;
  engine::UploadLimits upload_limits;
  reports::Limits limits;
  engine::GarbageOptions garbage;
  // How long running stores may take to finish when the server stops.
  absl::Duration drain_timeout = absl::Seconds(10);
  services::Keepalive keepalive;
  // One of debug, info, warn, error and off.
  std::string log_level = "info";
};

// The parsed command line.
struct CommandLine {
  // If true, the program prints `message` (help, version, or an error in the arguments) and exits
  // with `code` instead of serving. It prints to stdout if the code is 0, else to stderr.
  bool exit = false;
  int code = 0;
  std::string message;
  // If true, the program checks options.data_directory instead of serving it.
  bool check = false;
  ServerOptions options;
};

// Reads the arguments of `stored` and the TOML file that --config names; the command line wins. The
// exit code for wrong use is 2.
CommandLine ParseCommandLine(int argc, const char* const* argv);

}  // namespace stored::server
