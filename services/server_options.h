#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "reports/limits.h"
#include "services/garbage_collector.h"
#include "services/upload_receiver.h"

namespace stored::services {

// How a server finds out that a client's network is gone: it asks on a connection that has been
// quiet for `interval`, and closes it when no answer comes within `timeout`.
struct Keepalive {
  absl::Duration interval = absl::Seconds(20);
  absl::Duration timeout = absl::Seconds(10);
};

struct ServerOptions {
  std::string data_directory;
  // host:port, [ipv6]:port, unix:/path; port 0 is any that is free.
  std::vector<std::string> listen;
  int workers = 2;
  UploadLimits upload_limits;
  reports::Limits limits;
  GarbageOptions garbage;
  // What running stores get to finish in when the server stops.
  absl::Duration drain_timeout = absl::Seconds(10);
  Keepalive keepalive;
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

}  // namespace stored::services
