// bench_floor_server: a bare service with stored's contract, the floor for the cost of serving.
#include <fmt/format.h>
#include <grpcpp/grpcpp.h>

#include <CLI/CLI.hpp>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>

#include "base/files/file.h"
#include "base/files/file_system.h"
#include "bench/floor_server/bare_service.h"
#include "services/connection_arguments.h"

namespace stored::bench {
namespace {

constexpr uint64_t kMaxStatusBytes = 1 << 20;

int Main(int argc, char** argv) {
  CLI::App app("A bare service with stored's contract.");
  std::string data;
  std::string address;
  std::string status_file;
  app.add_option("--data", data, "Directory for uploads")->required();
  app.add_option("--listen", address, "As stored's")->required();
  app.add_option("--status", status_file, "A file with the StoreStatus to return");
  CLI11_PARSE(app, argc, argv);
  // Blocks the signals before any thread starts, so that main receives them.
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  ::setenv("GRPC_VERBOSITY", "NONE", /*overwrite=*/0);
  v1::StoreStatus status;
  if (!status_file.empty() &&
      !status.ParseFromString(ReadFile(status_file, kMaxStatusBytes).value_or(""))) {
    fmt::print(stderr, "bench_floor_server: '{}' is not a valid StoreStatus\n", status_file);
    return 1;
  }
  if (const absl::Status made = CreateDirectories(data); !made.ok()) {
    fmt::print(stderr, "bench_floor_server: {}\n", std::string(made.message()));
    return 1;
  }
  BareService service(data, status);
  grpc::ServerBuilder builder;
  services::SetConnectionArguments(builder, services::Keepalive());
  builder.AddListeningPort(address, grpc::InsecureServerCredentials());
  builder.RegisterService(&service);
  const std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
  if (server == nullptr) {
    fmt::print(stderr, "bench_floor_server: cannot listen on {}\n", address);
    return 1;
  }
  fmt::print(stderr, "listening on {}\n", address);
  int signal = 0;
  sigwait(&signals, &signal);
  // Exits without waiting for gRPC's shutdown, which matters to no benchmark.
  std::fflush(nullptr);
  std::_Exit(0);
}

}  // namespace
}  // namespace stored::bench

int main(int argc, char** argv) { return stored::bench::Main(argc, argv); }
