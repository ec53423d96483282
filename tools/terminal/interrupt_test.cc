// Tests of SIGINT, sent to the real program while it calls a server that the test controls.
#include <fcntl.h>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "base/files/file.h"
#include "base/files/file_system.h"
#include "base/testing/build_paths.h"
#include "base/time/clock.h"
#include "client/testing/fake_server.h"

namespace stored::tools {
namespace {

using ::testing::HasSubstr;

class InterruptTest : public ::testing::Test {
 protected:
  void SetUp() override {
    absl::StatusOr<TemporaryDirectory> directory = TemporaryDirectory::Create("", "interrupt-");
    ASSERT_TRUE(directory.ok());
    directory_.emplace(*std::move(directory));
    ASSERT_TRUE(CreateDirectories(Path("tmp")).ok());
    server_.on_get_status = [this](const std::string&, v1::StoreStatus& status) {
      status.set_state(v1::STORE_STATE_RUNNING);
      status.set_in_progress(true);
      status.mutable_poll_after()->set_seconds(20);
      reached_ = true;
      return grpc::Status::OK;
    };
  }

  std::string Path(const std::string& name) const { return directory_->path() + "/" + name; }

  // Starts storectl, sends SIGINT once `reached_` is set, and returns the exit code, or -1 if a
  // signal ended the process.
  int RunInterrupted(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), BinaryPath("storectl"));
    arguments.insert(arguments.end(), {"--server", server_.address()});
    std::vector<char*> argv;
    argv.reserve(arguments.size() + 1);
    for (std::string& argument : arguments) argv.push_back(argument.data());
    argv.push_back(nullptr);
    std::string tmpdir = "TMPDIR=" + Path("tmp");
    char* environment[] = {tmpdir.data(), nullptr};
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    for (const int fd : {STDOUT_FILENO, STDERR_FILENO}) {
      posix_spawn_file_actions_addopen(&actions, fd, Path(fmt::format("fd{}", fd)).c_str(),
                                       O_WRONLY | O_CREAT | O_TRUNC, 0600);
    }
    pid_t pid = 0;
    const int error = ::posix_spawn(&pid, argv[0], &actions, nullptr, argv.data(), environment);
    posix_spawn_file_actions_destroy(&actions);
    if (error != 0) return -1;
    const absl::Duration deadline = Clock::System().Monotonic() + absl::Minutes(1);
    while (!reached_ && Clock::System().Monotonic() < deadline) std::this_thread::yield();
    ::kill(pid, SIGINT);
    int status = 0;
    ::waitpid(pid, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }

  // Returns what storectl wrote to `fd`.
  std::string Written(int fd) const {
    std::ifstream file(Path(fmt::format("fd{}", fd)));
    return {std::istreambuf_iterator<char>(file), {}};
  }

  std::optional<TemporaryDirectory> directory_;
  client::FakeServer server_;
  std::atomic<bool> reached_ = false;
};

TEST_F(InterruptTest, Wait_Interrupted_PrintsACommandThatWaitsAgain) {
  EXPECT_EQ(RunInterrupted({"wait", "t", "-q"}), 130);
  EXPECT_EQ(Written(STDOUT_FILENO), "");
  EXPECT_EQ(Written(STDERR_FILENO),
            fmt::format("storectl: interrupted; store t continues; wait for it with: "
                        "storectl wait t --server {}\n",
                        server_.address()));
}

TEST_F(InterruptTest, Upload_InterruptedBeforeSending_LeavesNoFiles) {
  std::ofstream(Path("a.c")) << "int x;\n";
  std::ofstream(Path("a.sarif"))
      << R"({"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "lint"}}, "results": [
           {"ruleId": "r", "message": {"text": "m"}, "locations": [{"physicalLocation":
            {"artifactLocation": {"uri": "a.c"}, "region": {"startLine": 1}}}]}]}]})";
  std::atomic<bool> scratch_seen = false;
  server_.on_find_missing = [&](const v1::FindMissingSourcesRequest& request,
                                v1::FindMissingSourcesResponse&) {
    // The first call only tests the connection; at the second call the bundle is half written.
    if (request.sha256().empty()) return grpc::Status::OK;
    scratch_seen = !std::filesystem::is_empty(Path("tmp"));
    reached_ = true;
    return grpc::Status(grpc::StatusCode::UNAVAILABLE, "wait for the signal");
  };
  EXPECT_EQ(RunInterrupted({"upload", Path("a.sarif"), "--name", "n"}), 130);
  EXPECT_TRUE(scratch_seen);
  EXPECT_TRUE(std::filesystem::is_empty(Path("tmp")));
  EXPECT_EQ(server_.upload_count(), 0u);
  EXPECT_THAT(Written(STDERR_FILENO), HasSubstr("storectl: interrupted; nothing was stored\n"));
}

TEST_F(InterruptTest, Upload_InterruptedWhileWaiting_NamesTheToken) {
  std::ofstream(Path("a.sarif"))
      << R"({"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "lint"}}}]})";
  server_.on_find_missing = [](const v1::FindMissingSourcesRequest&,
                               v1::FindMissingSourcesResponse&) { return grpc::Status::OK; };
  server_.accepted_status.set_state(v1::STORE_STATE_ENQUEUED);
  EXPECT_EQ(RunInterrupted({"upload", Path("a.sarif"), "--name", "n", "--upload-id", "upload-1"}),
            130);
  EXPECT_THAT(Written(STDERR_FILENO), HasSubstr("storectl wait token-of-upload-1 --server"));
}

}  // namespace
}  // namespace stored::tools
