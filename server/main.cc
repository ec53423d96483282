// The program `stored`: reads options, sets up the log and waits for signals. The class Server
// (server.h) does the rest.
#include <fmt/format.h>
#include <grpc/grpc.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>
#include <sys/resource.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>

#include "base/time/clock.h"
#include "server/check.h"
#include "server/server.h"
#include "server/server_options.h"
#include "stored_version.h"

namespace stored::server {
namespace {

constexpr int kCannotServe = 1;

void SetUpLog(const std::string& level) {
  spdlog::set_default_logger(std::make_shared<spdlog::logger>(
      "stored", std::make_shared<spdlog::sinks::stderr_sink_mt>()));
  spdlog::set_level(spdlog::level::from_str(level));
  // UTC, so that logs of servers in different places can be compared.
  spdlog::set_pattern("%Y-%m-%dT%H:%M:%S.%eZ %l %v", spdlog::pattern_time_type::utc);
}

// Raises the limit of file descriptors as far as the system allows. Every connection and every
// upload takes a descriptor; the usual limit is too low for a server.
void RaiseDescriptorLimit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

// Blocks the signals that stop the server. Called before any thread starts, so that only the main
// thread receives them, by sigwait.
sigset_t BlockStopSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
  return signals;
}

int Main(int argc, char** argv) {
  const CommandLine line = ParseCommandLine(argc, argv);
  if (line.exit) {
    std::FILE* const out = line.code == 0 ? stdout : stderr;
    const bool written = std::fputs(line.message.c_str(), out) >= 0 && std::fflush(out) == 0;
    return line.code == 0 && !written ? kCannotServe : line.code;
  }
  if (line.check) return RunCheck(line.options.data_directory);
  SetUpLog(line.options.log_level);
  RaiseDescriptorLimit();
  // gRPC's own log helps only to debug gRPC; errors that matter come back as a status.
  ::setenv("GRPC_VERBOSITY", "NONE", /*overwrite=*/0);
  // Keeps gRPC initialized until the process ends: shutting gRPC 1.51 down joins a thread of its
  // own that may block in epoll_wait for 10 s (tcp_posix.cc, run_poller), and would slow down
  // restarts.
  grpc_init();
  const sigset_t signals = BlockStopSignals();
  absl::StatusOr<std::unique_ptr<Server>> server = Server::Start(line.options, Clock::System());
  if (!server.ok()) {
    fmt::print(stderr, "stored: {}\n", std::string(server.status().message()));
    return kCannotServe;
  }
  for (const std::string& address : (*server)->addresses()) {
    spdlog::info("stored {} listening on {}, data in {}", kVersion, address,
                 line.options.data_directory);
  }
  int signal = 0;
  sigwait(&signals, &signal);
  spdlog::info("stopping on {}", signal == SIGTERM ? "SIGTERM" : "SIGINT");
  (*server)->Stop();
  server->reset();
  spdlog::info("stopped");
  // Not exit(), which destroys static objects that gRPC's threads, which still run, may use.
  spdlog::shutdown();
  std::fflush(nullptr);
  std::_Exit(0);
}

}  // namespace
}  // namespace stored::server

int main(int argc, char** argv) { return stored::server::Main(argc, argv); }
