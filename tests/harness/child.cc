#include "tests/harness/child.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <sstream>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "base/files/file.h"

extern char** environ;

namespace stored::tests {
namespace {

constexpr absl::Duration kPollInterval = absl::Milliseconds(5);

int ExitCode(int status) {
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

std::vector<std::string> Environment(const std::map<std::string, std::string>& changes) {
  std::vector<std::string> variables;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string variable = *entry;
    // The variables of a developer's shell must not direct a test to another server.
    if (variable.starts_with("STORECTL_")) continue;
    if (!changes.contains(variable.substr(0, variable.find('=')))) variables.push_back(variable);
  }
  for (const auto& [name, value] : changes) {
    variables.push_back(fmt::format("{}={}", name, value));
  }
  return variables;
}

std::vector<char*> Pointers(std::vector<std::string>& strings) {
  std::vector<char*> pointers;
  pointers.reserve(strings.size() + 1);
  for (std::string& string : strings) pointers.push_back(string.data());
  pointers.push_back(nullptr);
  return pointers;
}

// Starts the program with the three descriptors as its standard streams.
pid_t Spawn(std::vector<std::string> command, std::vector<std::string> environment, int in, int out,
            int err) {
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, in, 0);
  posix_spawn_file_actions_adddup2(&actions, out, 1);
  posix_spawn_file_actions_adddup2(&actions, err, 2);
  pid_t pid = -1;
  std::vector<char*> arguments = Pointers(command);
  std::vector<char*> variables = Pointers(environment);
  const int error =
      posix_spawnp(&pid, arguments[0], &actions, nullptr, arguments.data(), variables.data());
  posix_spawn_file_actions_destroy(&actions);
  EXPECT_EQ(error, 0) << command[0] << ": " << std::strerror(error);
  return error == 0 ? pid : -1;
}

struct Pipe {
  Pipe() {
    std::array<int, 2> fds{};
    if (::pipe2(fds.data(), O_CLOEXEC) != 0) std::abort();
    read = UniqueFd(fds[0]);
    write = UniqueFd(fds[1]);
  }
  UniqueFd read;
  UniqueFd write;
};

// Feeds `input` and collects both outputs until they close or the time is up.
bool Exchange(const std::string& input, Pipe& in, Pipe& out, Pipe& err, Ended* ended) {
  const absl::Time deadline = absl::Now() + kTestPatience;
  size_t fed = 0;
  if (input.empty()) in.write.reset();
  ::fcntl(in.write.get(), F_SETFL, O_NONBLOCK);
  while (out.read.valid() || err.read.valid()) {
    if (absl::Now() > deadline) return false;
    std::array<pollfd, 3> fds = {pollfd{in.write.get(), POLLOUT, 0},
                                 pollfd{out.read.get(), POLLIN, 0},
                                 pollfd{err.read.get(), POLLIN, 0}};
    ::poll(fds.data(), fds.size(), 100);
    if (fds[0].revents != 0) {
      const ssize_t n = ::write(in.write.get(), input.data() + fed, input.size() - fed);
      if (n > 0) fed += static_cast<size_t>(n);
      if (n < 0 || fed == input.size()) in.write.reset();
    }
    const auto drain = [](const pollfd& fd, UniqueFd& end, std::string* text) {
      if (fd.revents == 0) return;
      std::array<char, 65536> buffer{};
      const ssize_t n = ::read(fd.fd, buffer.data(), buffer.size());
      if (n > 0) {
        text->append(buffer.data(), static_cast<size_t>(n));
      } else {
        end.reset();
      }
    };
    drain(fds[1], out.read, &ended->out);
    drain(fds[2], err.read, &ended->err);
  }
  return true;
}

}  // namespace

Ended RunProgram(const std::vector<std::string>& command, const std::string& input,
                 const std::map<std::string, std::string>& environment) {
  ::signal(SIGPIPE, SIG_IGN);
  Pipe in;
  Pipe out;
  Pipe err;
  const pid_t pid =
      Spawn(command, Environment(environment), in.read.get(), out.write.get(), err.write.get());
  in.read.reset();
  out.write.reset();
  err.write.reset();
  Ended ended;
  if (pid < 0) return ended;
  if (!Exchange(input, in, out, err, &ended)) {
    ADD_FAILURE() << command[0] << " does not end; killed";
    ::kill(pid, SIGKILL);
  }
  int status = 0;
  ::waitpid(pid, &status, 0);
  ended.exit_code = ExitCode(status);
  return ended;
}

Child::Child(const std::vector<std::string>& command, const std::string& output_path,
             const std::map<std::string, std::string>& environment)
    : output_path_(output_path) {
  const UniqueFd nothing(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  const UniqueFd output(
      ::open(output_path.c_str(), O_CREAT | O_WRONLY | O_APPEND | O_CLOEXEC, 0600));
  pid_ = Spawn(command, Environment(environment), nothing.get(), output.get(), output.get());
}

Child::~Child() {
  if (pid_ > 0) Stop(SIGKILL);
}

std::string Child::Output() const {
  std::ifstream file(output_path_);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

std::string Child::WaitForLine(const std::string& text) const {
  const absl::Time deadline = absl::Now() + kTestPatience;
  while (absl::Now() < deadline) {
    std::istringstream lines(Output());
    for (std::string line; std::getline(lines, line);) {
      if (line.find(text) != std::string::npos) return line;
    }
    absl::SleepFor(kPollInterval);
  }
  return "";
}

bool Child::Running() {
  if (pid_ <= 0) return false;
  int status = 0;
  if (::waitpid(pid_, &status, WNOHANG) != pid_) return true;
  exit_code_ = ExitCode(status);
  pid_ = -1;
  return false;
}

void Child::Signal(int signal) const { ::kill(pid_, signal); }

std::optional<int> Child::WaitForEnd(absl::Duration limit) {
  const absl::Time deadline = absl::Now() + limit;
  while (Running()) {
    if (absl::Now() > deadline) return std::nullopt;
    absl::SleepFor(kPollInterval);
  }
  return exit_code_;
}

int Child::Stop(int signal) {
  if (!Running()) return exit_code_;
  ::kill(pid_, signal);
  int status = 0;
  ::waitpid(pid_, &status, 0);
  pid_ = -1;
  exit_code_ = ExitCode(status);
  return exit_code_;
}

}  // namespace stored::tests
