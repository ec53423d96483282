// A file system that makes itself read-only under a server, as ext4 does after an error: the server
// acknowledges nothing, answers queries, and has everything once the file system has been checked
// and mounted again.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mount.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "absl/strings/match.h"
#include "base/files/file.h"
#include "tests/harness/served_test.h"

namespace stored::tests {
namespace {

namespace fs = std::filesystem;

// A data directory on an ext4 file system of its own, in a file.
class ReadOnlyDiskTest : public ServedTest {
 protected:
  static constexpr int64_t kDiskBytes = int64_t{64} << 20;

  void SetUp() override {
    ServedTest::SetUp();
    fs::create_directory(Path("disk"));
    {
      const UniqueFd image = *OpenFile(Path("image"), O_RDWR | O_CREAT);
      ASSERT_EQ(::ftruncate(image.get(), kDiskBytes), 0);
    }
    const bool has_tools = fs::exists("/sbin/mkfs.ext4") && fs::exists("/sbin/fsck.ext4");
    if (!has_tools || ::geteuid() != 0 ||
        RunProgram({"/sbin/mkfs.ext4", "-q", Path("image")}).exit_code != 0 || !Mount()) {
      GTEST_SKIP() << "skipped: no ext4 can be mounted here (needs root and e2fsprogs)";
    }
    if (!fs::exists(Trigger())) GTEST_SKIP() << "skipped: errors cannot be triggered in this ext4";
    fs::create_directory(Path("disk/data"));
    fs::create_directory_symlink(Path("disk/data"), data());
  }
  void TearDown() override {
    server_.reset();
    if (mounted_) Unmount();
  }

  bool Mount() {
    const Ended ended = RunProgram(
        {"mount", "-t", "ext4", "-o", "loop,errors=remount-ro", Path("image"), Path("disk")});
    mounted_ = ended.exit_code == 0;
    return mounted_;
  }
  void Unmount() {
    EXPECT_EQ(::umount2(Path("disk").c_str(), 0), 0);
    mounted_ = false;
  }

  // Makes ext4 report an error, after which no program can write to it.
  void MakeReadOnly() { std::ofstream(Trigger()) << "the test's doing" << std::endl; }
  // Repairs the file system as an operator would.
  void Repair() {
    Unmount();
    EXPECT_LE(RunProgram({"/sbin/fsck.ext4", "-fy", Path("image")}).exit_code, 1);
    ASSERT_TRUE(Mount());
  }

 private:
  // Returns the file in /sys to which a write causes an error.
  std::string Trigger() const {
    std::ifstream mounts("/proc/self/mounts");
    std::string device;
    for (std::string where; mounts >> device >> where; mounts.ignore(4096, '\n')) {
      if (where == Path("disk")) break;
    }
    return "/sys/fs/ext4/" + fs::path(device).filename().string() + "/trigger_fs_error";
  }

  bool mounted_ = false;
};

TEST_F(ReadOnlyDiskTest, MadeReadOnlyUnderTheServer_NothingIsAcknowledged_NothingIsLost) {
  StartServer({"--workers", "1", "--drain-timeout", "0s"});
  const std::string small = WriteFile("small.sarif", SmallSarif("a.c"));
  Upload({small, "--name", "before"});
  const std::string running =
      UploadNoBlock(WriteFile("large.sarif", LargeSarif(30'000)), "running");
  const std::string queued = UploadNoBlock(small, "queued");
  MakeReadOnly();

  const Ended refused = Storectl({"upload", small, "--name", "refused", "--timeout", "2s"});
  EXPECT_EQ(refused.exit_code, 4) << refused.err;
  EXPECT_TRUE(absl::StrContains(refused.err, "ead-only file system")) << refused.err;
  EXPECT_EQ(refused.out, "");
  EXPECT_EQ(Rows("before").size(), 1u);
  for (const std::string& token : {running, queued}) EXPECT_EQ(Status(token).token(), token);
  StopServer();
  const Ended start = RunProgram({BinaryPath("stored"), "--data", data(), "--listen", address()});
  EXPECT_EQ(start.exit_code, 1);
  EXPECT_TRUE(absl::StrContains(start.err, "ead-only")) << start.err;

  Repair();
  StartServer();
  EXPECT_EQ(Wait(running).result().new_reports(), 30'000);
  EXPECT_EQ(Wait(queued).result().new_reports(), 1);
  EXPECT_EQ(Rows("before").size(), 1u);
  EXPECT_EQ(Upload({small, "--name", "refused"}).result().new_reports(), 1);
  EXPECT_TRUE(SpoolIsEmpty());
}

}  // namespace
}  // namespace stored::tests
