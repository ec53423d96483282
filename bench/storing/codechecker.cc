#include "bench/storing/codechecker.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <string_view>

#include "absl/strings/numbers.h"
#include "base/files/file.h"
#include "base/files/file_system.h"
#include "base/status.h"

namespace stored::bench {
namespace {

constexpr char kRun[] = "bench";

// Returns a port that was free a moment ago.
absl::StatusOr<uint16_t> FreePort() {
  const UniqueFd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  auto* const generic = reinterpret_cast<sockaddr*>(&address);
  if (::bind(fd.get(), generic, size) != 0 || ::getsockname(fd.get(), generic, &size) != 0) {
    return ErrnoStatus(errno, "find a free port");
  }
  return ntohs(address.sin_port);
}

}  // namespace

CodeChecker::CodeChecker(const std::string& program, const std::string& directory, uint16_t port)
    : url_(fmt::format("http://127.0.0.1:{}/Default", port)) {
  const char* const path = std::getenv("PATH");
  program_ = {"env", "HOME=" + directory, "TMPDIR=" + directory,
              fmt::format("PATH={}:{}", std::filesystem::path(program).parent_path().string(),
                          path == nullptr ? "" : path),
              program};
}

std::vector<std::string> CodeChecker::Command(const std::vector<std::string>& arguments) const {
  std::vector<std::string> command = program_;
  command.insert(command.end(), arguments.begin(), arguments.end());
  return command;
}

absl::StatusOr<std::unique_ptr<CodeChecker>> CodeChecker::Start(const std::string& program,
                                                                const std::string& directory) {
  STORED_RETURN_IF_ERROR(CreateDirectories(directory));
  STORED_ASSIGN_OR_RETURN(const uint16_t port, FreePort());
  std::unique_ptr<CodeChecker> started(new CodeChecker(program, directory, port));
  STORED_ASSIGN_OR_RETURN(
      started->server_,
      Background::Start(
          started->Command({"server", "--workspace", directory + "/workspace", "--host",
                            "127.0.0.1", "--port", std::to_string(port), "--skip-db-cleanup"}),
          directory + "/server.log"));
  STORED_RETURN_IF_ERROR(started->server_->WaitForLine("waiting for client requests"));
  return started;
}

absl::StatusOr<Cost> CodeChecker::Store(const std::string& path) const {
  STORED_ASSIGN_OR_RETURN(const Finished finished,
                          Run(Command({"store", path, "--name", kRun, "--url", url_})));
  return finished.cost;
}

absl::StatusOr<uint64_t> CodeChecker::CountReports() const {
  constexpr std::string_view kKey = "\"resultCount\": ";
  STORED_ASSIGN_OR_RETURN(const Finished finished,
                          Run(Command({"cmd", "runs", "--url", url_, "-o", "json"})));
  const std::string& output = finished.output;
  const size_t at = output.find(kKey);
  uint64_t count = 0;
  if (at == std::string::npos ||
      !absl::SimpleAtoi(output.substr(at + kKey.size(), output.find(',', at) - at - kKey.size()),
                        &count)) {
    return absl::InternalError("CodeChecker's runs have no resultCount: " + output);
  }
  return count;
}

}  // namespace stored::bench
