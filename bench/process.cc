#include "bench/process.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <malloc.h>
#include <signal.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <utility>

#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "base/files/file.h"
#include "base/files/file_system.h"
#include "base/status.h"

extern char** environ;

namespace stored::bench {
namespace {

constexpr uint64_t kMaxOutputBytes = uint64_t{1} << 30;
constexpr absl::Duration kStartLimit = absl::Seconds(20);
constexpr absl::Duration kStopLimit = absl::Seconds(20);
constexpr absl::Duration kPollInterval = absl::Milliseconds(2);

double Seconds(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
}

// Standard output and error go to these two files, which may be the same.
absl::StatusOr<pid_t> Spawn(std::vector<std::string> command, const std::string& out,
                            const std::string& err) {
  std::vector<char*> arguments;
  arguments.reserve(command.size() + 1);
  for (std::string& argument : command) arguments.push_back(argument.data());
  arguments.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  // Opened for appending, so that neither overwrites the other.
  constexpr int kFlags = O_WRONLY | O_CREAT | O_TRUNC | O_APPEND;
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, out.c_str(), kFlags, 0600);
  posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, err.c_str(), kFlags, 0600);
  pid_t pid = -1;
  const int error =
      ::posix_spawnp(&pid, arguments[0], &actions, nullptr, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (error != 0) return ErrnoStatus(error, "start " + command[0]);
  return pid;
}

// Until the child executes another program, it counts this process's peak as its own (Linux's
// posix_spawn). So this resets the peak to the present value first.
void ForgetOwnPeak() {
  ::malloc_trim(0);
  const absl::StatusOr<UniqueFd> fd = OpenFile("/proc/self/clear_refs", O_WRONLY);
  // See proc(5). If it fails, the child's peak is at most too large.
  if (fd.ok()) static_cast<void>(::write(fd->get(), "5", 1));
}

// Returns the last 2,000 bytes of a file, for an error message.
std::string Tail(const std::string& path) {
  constexpr size_t kTail = 2000;
  const std::string text = ReadFile(path, kMaxOutputBytes).value_or("");
  return text.size() <= kTail ? text : text.substr(text.size() - kTail);
}

// Returns the number after "name:" in /proc/PID/status.
absl::StatusOr<uint64_t> ProcStatus(pid_t pid, const std::string& name) {
  const std::string path = fmt::format("/proc/{}/status", pid);
  STORED_ASSIGN_OR_RETURN(const std::string text, ReadFile(path, kMaxOutputBytes));
  const size_t at = text.find("\n" + name + ":");
  if (at == std::string::npos) return absl::InternalError(path + " has no " + name);
  return std::stoull(text.substr(at + name.size() + 2));
}

}  // namespace

absl::StatusOr<Finished> Run(const std::vector<std::string>& command) {
  STORED_ASSIGN_OR_RETURN(const TemporaryDirectory outputs,
                          TemporaryDirectory::Create("", "stored-bench-"));
  const std::string out = outputs.path() + "/out";
  const std::string err = outputs.path() + "/err";
  ForgetOwnPeak();
  const absl::Time start = absl::Now();
  STORED_ASSIGN_OR_RETURN(const pid_t pid, Spawn(command, out, err));
  int status = 0;
  rusage usage{};
  if (::wait4(pid, &status, 0, &usage) != pid) return ErrnoStatus(errno, "wait4");
  Finished finished;
  finished.cost.wall = absl::ToDoubleSeconds(absl::Now() - start);
  finished.cost.cpu = Seconds(usage.ru_utime) + Seconds(usage.ru_stime);
  finished.cost.peak_bytes = static_cast<uint64_t>(usage.ru_maxrss) * 1024;
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
    return absl::InternalError(fmt::format("{} failed:\n{}", command[0], Tail(err)));
  }
  STORED_ASSIGN_OR_RETURN(finished.output, ReadFile(out, kMaxOutputBytes));
  return finished;
}

absl::StatusOr<std::string> FindProgram(const std::string& name) {
  const char* const path = std::getenv("PATH");
  const std::vector<std::string> directories = absl::StrSplit(path == nullptr ? "" : path, ':');
  for (const std::string& directory : directories) {
    std::string program = fmt::format("{}/{}", directory, name);
    if (::access(program.c_str(), X_OK) == 0) return program;
  }
  return absl::NotFoundError(name + " is not on PATH");
}

absl::StatusOr<std::unique_ptr<Background>> Background::Start(
    const std::vector<std::string>& command, const std::string& log) {
  STORED_ASSIGN_OR_RETURN(const pid_t pid, Spawn(command, log, log));
  return std::unique_ptr<Background>(new Background(pid, log));
}

Background::~Background() {
  ::kill(pid_, SIGTERM);
  const absl::Time deadline = absl::Now() + kStopLimit;
  while (::waitpid(pid_, nullptr, WNOHANG) == 0) {
    if (absl::Now() > deadline) {
      ::kill(pid_, SIGKILL);
      ::waitpid(pid_, nullptr, 0);
      return;
    }
    absl::SleepFor(kPollInterval);
  }
}

absl::Status Background::WaitForLine(const std::string& text) const {
  const absl::Time deadline = absl::Now() + kStartLimit;
  while (absl::Now() < deadline) {
    if (ReadFile(log_, kMaxOutputBytes).value_or("").find(text) != std::string::npos) {
      return absl::OkStatus();
    }
    absl::SleepFor(kPollInterval);
  }
  return absl::DeadlineExceededError(
      fmt::format("no \"{}\" within {}:\n{}", text, absl::FormatDuration(kStartLimit), Tail(log_)));
}

absl::StatusOr<uint64_t> Background::ResidentBytes() const {
  STORED_ASSIGN_OR_RETURN(const uint64_t kilobytes, ProcStatus(pid_, "VmRSS"));
  return kilobytes * 1024;
}

absl::StatusOr<uint64_t> Background::PeakBytes() const {
  STORED_ASSIGN_OR_RETURN(const uint64_t kilobytes, ProcStatus(pid_, "VmHWM"));
  return kilobytes * 1024;
}

absl::StatusOr<int> Background::Threads() const {
  STORED_ASSIGN_OR_RETURN(const uint64_t threads, ProcStatus(pid_, "Threads"));
  return static_cast<int>(threads);
}

absl::StatusOr<Server> Server::Start(const std::string& programs, const std::string& directory,
                                     const std::vector<std::string>& options) {
  return StartProgram(programs + "/stored", directory, options);
}

absl::StatusOr<Server> Server::StartFloor(const std::string& programs, const std::string& directory,
                                          const std::vector<std::string>& options) {
  return StartProgram(programs + "/bench_floor_server", directory, options);
}

absl::StatusOr<Server> Server::StartProgram(const std::string& program,
                                            const std::string& directory,
                                            const std::vector<std::string>& options) {
  STORED_RETURN_IF_ERROR(CreateDirectories(directory));
  // Uses a directory of its own, because the path of a socket must be short.
  std::string address = fmt::format("unix:{}/socket", directory);
  std::vector<std::string> command = {program, "--data", directory + "/data", "--listen", address};
  command.insert(command.end(), options.begin(), options.end());
  STORED_ASSIGN_OR_RETURN(std::unique_ptr<Background> process,
                          Background::Start(command, directory + "/server.log"));
  STORED_RETURN_IF_ERROR(process->WaitForLine("listening on"));
  return Server(directory, std::move(address), std::move(process));
}

}  // namespace stored::bench
