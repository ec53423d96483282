// Disks that are full, and databases that are locked, damaged or missing: the server reports clear
// errors, acknowledges nothing that is not safe, and works again when the trouble has passed.
#include <fcntl.h>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sqlite3.h>
#include <sys/mount.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/time/clock.h"
#include "base/files/file.h"
#include "tests/harness/held_lock.h"
#include "tests/harness/served_test.h"

namespace stored::tests {
namespace {

namespace fs = std::filesystem;

class DiskTroubleTest : public ServedTest {
 protected:
  std::string product() const { return data() + "/products/default.db"; }

  // Waits until the server has logged a line that contains `text`.
  void ExpectLogged(const std::string& text) {
    EXPECT_NE(server().WaitForLine(text), "") << server().Output();
  }

  static void ExpectOneLine(const Ended& ended) {
    EXPECT_EQ(std::count(ended.err.begin(), ended.err.end(), '\n'), 1) << ended.err;
  }
};

// A data directory on a small file system of its own, which is soon full.
class FullDiskTest : public DiskTroubleTest {
 protected:
  static constexpr int64_t kDiskBytes = int64_t{24} << 20;

  void SetUp() override {
    DiskTroubleTest::SetUp();
    fs::create_directory(Path("disk"));
    const std::string options = fmt::format("size={}", kDiskBytes);
    if (::mount("tmpfs", Path("disk").c_str(), "tmpfs", 0, options.c_str()) != 0) {
      GTEST_SKIP() << "skipped: no file system can be mounted here (needs root)";
    }
    mounted_ = true;
    fs::create_directory_symlink(Path("disk"), data());
  }
  void TearDown() override {
    server_.reset();
    if (mounted_) ::umount2(Path("disk").c_str(), MNT_DETACH);
  }

  // Fills the disk so that this many bytes are free.
  void FillUpTo(int64_t free) {
    const int64_t available = static_cast<int64_t>(fs::space(Path("disk")).available);
    const absl::StatusOr<UniqueFd> filler = OpenFile(Path("disk/filler"), O_CREAT | O_WRONLY);
    ASSERT_TRUE(filler.ok()) << filler.status();
    ASSERT_EQ(::posix_fallocate(filler->get(), 0, std::max<int64_t>(available - free, 1)), 0);
  }
  void FreeSpace() { fs::remove(Path("disk/filler")); }

 private:
  bool mounted_ = false;
};

// For every amount of free space, down to none, an upload gets as far as there is room.
TEST_F(FullDiskTest, AtEveryStage_NoFalseToken_AndRecoversOnceThereIsRoom) {
  StartServer();
  Upload({WriteFile("before.sarif", SmallSarif("a.c")), "--name", "before"});
  const std::string log = WriteFile("log.sarif", LargeSarif(20'000));
  std::vector<std::string> tokens;
  int refused = 0;
  int acknowledged = 0;
  for (const int64_t kib : {0, 8, 64, 256, 512, 1024, 2048, 4096, 6144}) {
    FillUpTo(kib << 10);
    const Ended ended =
        Storectl({"upload", log, "--name", fmt::format("run {}", kib), "--no-block"});
    if (ended.exit_code == 0) {
      tokens.push_back(ended.out.substr(0, 32));
      ++acknowledged;
      // The status of an accepted store is available, however the store ends.
      EXPECT_EQ(Status(tokens.back()).token(), tokens.back());
    } else {
      ++refused;
      EXPECT_EQ(ended.exit_code, 3) << ended.err;
      EXPECT_NE(ended.err.find("o space left"), std::string::npos) << ended.err;
    }
    EXPECT_EQ(Rows("before").size(), 1u);
    FreeSpace();
    // There is room again; the server recovers without a restart.
    for (const std::string& token : tokens) {
      EXPECT_EQ(Wait(token).state(), v1::STORE_STATE_COMPLETED) << Status(token).ShortDebugString();
    }
    EXPECT_TRUE(SpoolIsEmpty());
    // The results of this run would fill the disk.
    ASSERT_EQ(
        Storectl({"upload", Path("before.sarif"), "--name", fmt::format("run {}", kib), "--force"})
            .exit_code,
        0);
  }
  fmt::print("{} uploads refused, {} acknowledged and completed once there was room\n", refused,
             acknowledged);
  EXPECT_GT(refused, 0);
  EXPECT_GT(acknowledged, 0);
  StopServer();
  StartServer();
  EXPECT_EQ(Rows("before").size(), 1u);
}

TEST_F(FullDiskTest, AcknowledgedStore_WaitsForRoom) {
  StartServer({"--workers", "1"});
  // A small upload with large results.
  const std::string log = WriteFile("log.sarif", LargeSarif(30'000));
  FillUpTo(3 << 20);
  const std::string waiting = UploadNoBlock(log, "run");
  ExpectLogged("tried again");
  EXPECT_TRUE(Status(waiting).in_progress());
  // A cancel must be written to the queue, for which there is no room.
  const Ended cancel = Storectl({"cancel", waiting});
  EXPECT_EQ(cancel.exit_code, 3);
  ExpectOneLine(cancel);
  FreeSpace();
  EXPECT_EQ(Wait(waiting).result().new_reports(), 30'000);
}

TEST_F(FullDiskTest, ServerStops_WhileAStoreWaitsForRoom) {
  StartServer({"--drain-timeout", "0s"});
  const std::string log = WriteFile("log.sarif", LargeSarif(30'000));
  FillUpTo(3 << 20);
  const std::string token = UploadNoBlock(log, "run");
  ExpectLogged("tried again");
  StopServer();
  FreeSpace();
  StartServer();
  EXPECT_EQ(Wait(token).result().new_reports(), 30'000);
}

// Stops the server more often than a store may be RUNNING when its server dies.
TEST_F(FullDiskTest, ServersStop_WhileTheQueueCannotBeWritten_NoneCountsAsACrash) {
  StartServer({"--drain-timeout", "0s"});
  const std::string log = WriteFile("log.sarif", LargeSarif(30'000));
  FillUpTo(3 << 20);
  const std::string token = UploadNoBlock(log, "run");
  for (int stop = 0; stop < 4; ++stop) {
    // There is not even room to put the store back into the queue.
    ExpectLogged("its end cannot be recorded");
    StopServer();
    // An operator frees a little space.
    FreeSpace();
    FillUpTo(1 << 20);
    StartServer({"--drain-timeout", "0s"});
    ASSERT_NE(server().Output().find("1 stores were running when the server stopped"),
              std::string::npos)
        << server().Output();
  }
  FreeSpace();
  const v1::StoreStatus end = Wait(token);
  EXPECT_EQ(end.state(), v1::STORE_STATE_COMPLETED) << end.ShortDebugString();
  EXPECT_EQ(end.result().new_reports(), 30'000);
}

TEST_F(DiskTroubleTest, ResultsLockedByAnotherProcess_StoreWaits_StatusAnswers) {
  StartServer({"--workers", "1"});
  const std::string log = WriteFile("log.sarif", SmallSarif("a.c"));
  Upload({log, "--name", "run"});
  auto locker = std::make_unique<HeldLock>(product());
  const std::string token = UploadNoBlock(log, "another");
  ExpectLogged("another process holds it");
  EXPECT_TRUE(Status(token).in_progress());
  EXPECT_EQ(Rows("run").size(), 1u);
  // Stores into other products do not wait for this product.
  ASSERT_EQ(Storectl({"products", "add", "free"}).exit_code, 0);
  EXPECT_EQ(Upload({log, "--name", "run", "--product", "free"}).result().new_reports(), 1);
  locker.reset();
  EXPECT_EQ(Wait(token).state(), v1::STORE_STATE_COMPLETED);
}

// If a worker tried the locked product again at each turn, it would wait 5 s for the lock before
// each store into the other product.
TEST_F(DiskTroubleTest, ProductInTrouble_IsSkipped) {
  constexpr int kStores = 12;
  StartServer({"--workers", "1"});
  ASSERT_EQ(Storectl({"products", "add", "free"}).exit_code, 0);
  const std::string log = WriteFile("log.sarif", SmallSarif("a.c"));
  auto locker = std::make_unique<HeldLock>(product());
  std::vector<std::string> stuck;
  stuck.reserve(kStores);
  for (int i = 0; i < kStores; ++i) {
    stuck.push_back(UploadNoBlock(log, fmt::format("run {}", i)));
  }
  ExpectLogged("another process holds it");
  std::vector<std::string> free;
  free.reserve(kStores);
  for (int i = 0; i < kStores; ++i) {
    free.push_back(UploadNoBlock(log, fmt::format("run {}", i), {"--product", "free"}));
  }
  const absl::Time begin = absl::Now();
  for (const std::string& token : free) {
    EXPECT_EQ(Wait(token).state(), v1::STORE_STATE_COMPLETED);
  }
  const absl::Duration took = absl::Now() - begin;
  fmt::print("{} stores beside a product in trouble took {:.1f} s\n", kStores,
             absl::ToDoubleSeconds(took));
  // If it waited for the lock before each store, each would take 5 s.
  EXPECT_LT(took, kStores * absl::Seconds(5) * 2 / 3);
  locker.reset();
  for (const std::string& token : stuck) {
    EXPECT_EQ(Wait(token).state(), v1::STORE_STATE_COMPLETED);
  }
}

TEST_F(DiskTroubleTest, StoreThatWaitsForTroubleToPass_CanBeCancelled) {
  StartServer();
  const HeldLock locker(product());
  const std::string token = UploadNoBlock(WriteFile("log.sarif", SmallSarif("a.c")), "run");
  ExpectLogged("tried again");
  EXPECT_EQ(Storectl({"cancel", token}).exit_code, 0);
  EXPECT_EQ(Wait(token).state(), v1::STORE_STATE_CANCELLED);
  EXPECT_TRUE(SpoolIsEmpty());
}

TEST_F(DiskTroubleTest, QueueLockedByAnotherProcess_ClientWaits_AndIsServedThen) {
  StartServer();
  const std::string log = WriteFile("log.sarif", SmallSarif("a.c"));
  auto locker = std::make_unique<HeldLock>(data() + "/meta.db");
  Ended upload;
  std::thread client([&] { upload = Storectl({"upload", log, "--name", "run"}); });
  ExpectLogged("another process holds it");
  locker.reset();
  client.join();
  EXPECT_EQ(upload.exit_code, 0) << upload.err;
  EXPECT_EQ(Rows("run").size(), 1u);
}

// Overwrites bytes in the middle of a file.
void Damage(const std::string& path, uint64_t at, size_t bytes) {
  const absl::StatusOr<UniqueFd> fd = OpenFile(path, O_WRONLY);
  ASSERT_TRUE(fd.ok()) << fd.status();
  ASSERT_TRUE(WriteAt(fd->get(), std::string(bytes, '\xa5'), at, path).ok());
}

// Makes a database larger than the part that a start checks.
void Enlarge(const std::string& path) {
  sqlite3* database = nullptr;
  ASSERT_EQ(sqlite3_open_v2(path.c_str(), &database, SQLITE_OPEN_READWRITE, nullptr), SQLITE_OK);
  EXPECT_EQ(sqlite3_exec(database,
                         "INSERT INTO contents (sha256, size, zstd) VALUES (zeroblob(32), 0, "
                         "zeroblob(80000000))",
                         nullptr, nullptr, nullptr),
            SQLITE_OK)
      << sqlite3_errmsg(database);
  sqlite3_close(database);
}

TEST_F(DiskTroubleTest, DamagedDatabase_AtTheStart_NamesTheFile) {
  StartServer();
  Upload({WriteFile("log.sarif", SmallSarif("a.c")), "--name", "run"});
  StopServer();
  for (const std::string& path : {product(), data() + "/meta.db"}) {
    fs::copy_file(path, Path("whole"), fs::copy_options::overwrite_existing);
    Damage(path, 0, 4096);
    const Ended ended = RunProgram({BinaryPath("stored"), "--data", data(), "--listen", address()});
    EXPECT_EQ(ended.exit_code, 1);
    ExpectOneLine(ended);
    EXPECT_NE(ended.err.find(path), std::string::npos) << ended.err;
    EXPECT_NE(ended.err.find("backup"), std::string::npos) << ended.err;
    fs::copy_file(Path("whole"), path, fs::copy_options::overwrite_existing);
  }
  StartServer();
  EXPECT_EQ(Rows("run").size(), 1u);
}

TEST_F(DiskTroubleTest, DamagedDatabase_FoundLater_FailsItsStores_OthersGoOn) {
  StartServer();
  const std::string large = WriteFile("log.sarif", LargeSarif(2'000));
  Upload({large, "--name", "run"});
  ASSERT_EQ(Storectl({"products", "add", "healthy"}).exit_code, 0);
  StopServer();  // Everything is in the database file now, and nothing in its log.
  const uint64_t size = fs::file_size(product());
  Enlarge(product());
  // The schema and the first page of each table are before this, so that the server starts.
  constexpr uint64_t kAfterSchema = 131'072;
  Damage(product(), kAfterSchema, size - kAfterSchema);
  StartServer();
  const std::string token = UploadNoBlock(large, "run");
  const v1::StoreStatus end = Wait(token);
  EXPECT_EQ(end.state(), v1::STORE_STATE_FAILED);
  EXPECT_EQ(end.error().code(), v1::STORE_ERROR_CODE_SERVER);
  EXPECT_NE(end.error().message().find("damaged"), std::string::npos) << end.ShortDebugString();
  const Ended reports = Storectl({"reports", "run"});
  EXPECT_EQ(reports.exit_code, 3);
  ExpectOneLine(reports);
  EXPECT_EQ(Upload({large, "--name", "run", "--product", "healthy"}).result().new_reports(), 2'000);
}

TEST_F(DiskTroubleTest, MissingDatabase_AtTheStart_IsNotReplaced) {
  StartServer();
  Upload({WriteFile("log.sarif", SmallSarif("a.c")), "--name", "run"});
  StopServer();
  fs::rename(product(), Path("elsewhere"));
  const Ended ended = RunProgram({BinaryPath("stored"), "--data", data(), "--listen", address()});
  EXPECT_EQ(ended.exit_code, 1);
  EXPECT_NE(ended.err.find("missing"), std::string::npos) << ended.err;
  ExpectOneLine(ended);
  fs::rename(Path("elsewhere"), product());
  StartServer();
  EXPECT_EQ(Rows("run").size(), 1u);
}

// A file may be empty or missing after an incomplete restore or a full disk. The server reports
// that and does not create a new database in its place.
TEST_F(DiskTroubleTest, EmptyDatabase_AtTheStart_IsNotReplaced) {
  StartServer();
  Upload({WriteFile("log.sarif", SmallSarif("a.c")), "--name", "run"});
  StopServer();
  for (const std::string& path : {product(), data() + "/meta.db"}) {
    fs::rename(path, Path("whole"));
    WriteFile("data" + path.substr(data().size()), "");
    for (int start = 0; start < 2; ++start) {
      const Ended ended =
          RunProgram({BinaryPath("stored"), "--data", data(), "--listen", address()});
      EXPECT_EQ(ended.exit_code, 1);
      ExpectOneLine(ended);
      EXPECT_NE(ended.err.find(path + " is empty (0 bytes)"), std::string::npos) << ended.err;
      EXPECT_NE(ended.err.find("backup"), std::string::npos) << ended.err;
      EXPECT_EQ(fs::file_size(path), 0U);
    }
    fs::rename(Path("whole"), path);
  }
  StartServer();
  EXPECT_EQ(Rows("run").size(), 1u);
}

TEST_F(DiskTroubleTest, DatabaseWithoutAProduct_IsReportedAtTheStart) {
  StartServer();
  StopServer();
  fs::copy_file(product(), data() + "/products/lost.db");
  StartServer();
  EXPECT_NE(server().WaitForLine("lost.db exists, but no product has it"), "");
}

TEST_F(DiskTroubleTest, LostPayloads_AreReportedAtTheStart_AndTheirStoresFail) {
  StartServer();
  std::vector<std::string> tokens;
  {
    const HeldLock locker(product());
    for (int i = 0; i < 2; ++i) {
      tokens.push_back(
          UploadNoBlock(WriteFile("log.sarif", SmallSarif("a.c")), fmt::format("run {}", i)));
    }
    server().Stop(SIGKILL);
  }
  std::vector<std::string> payloads;
  for (const auto& entry : fs::directory_iterator(data() + "/spool")) {
    payloads.push_back(entry.path().string());
  }
  ASSERT_EQ(payloads.size(), 2U);
  fs::resize_file(payloads[0], 10);
  fs::remove(payloads[1]);
  StartServer();
  for (const std::string& payload : payloads) {
    EXPECT_NE(server().WaitForLine("waits, but its payload " + payload), "");
  }
  for (const std::string& token : tokens) {
    const v1::StoreStatus end = Wait(token);
    EXPECT_EQ(end.state(), v1::STORE_STATE_FAILED);
    // The input is not at fault: it was complete when it was acknowledged.
    EXPECT_EQ(end.error().code(), v1::STORE_ERROR_CODE_SERVER);
    EXPECT_NE(end.error().message().find("upload again"), std::string::npos);
  }
}

class CheckTest : public DiskTroubleTest {
 protected:
  Ended Check() { return RunProgram({BinaryPath("stored"), "check", "--data", data()}); }
};

TEST_F(CheckTest, ServerRunsOrNothingIsThere_IsWrongUse) {
  EXPECT_EQ(Check().exit_code, 2);
  StartServer();
  const Ended served = Check();
  EXPECT_EQ(served.exit_code, 2);
  EXPECT_EQ(served.out, "");
  ExpectOneLine(served);
  EXPECT_NE(served.err.find("in use"), std::string::npos) << served.err;
  EXPECT_EQ(RunProgram({BinaryPath("stored"), "check"}).exit_code, 2);
}

TEST_F(CheckTest, EveryDatabase_HasALine_AndTheExitCodeSaysWhetherAllIsWell) {
  StartServer();
  WriteFile("a.c", "int main(void) { return 0; }\n");
  WriteFile("reports/a.plist", SmallPlist(Path("a.c")));
  Upload({Path("reports"), "--name", "run"});
  ASSERT_EQ(Storectl({"products", "add", "second"}).exit_code, 0);
  StopServer();
  const Ended whole = Check();
  EXPECT_EQ(whole.exit_code, 0) << whole.out << whole.err;
  EXPECT_EQ(std::count(whole.out.begin(), whole.out.end(), '\n'), 4) << whole.out;
  for (const std::string& path :
       {data() + "/meta.db", product(), data() + "/products/second.db", data() + "/spool"}) {
    EXPECT_NE(whole.out.find(path + ": ok"), std::string::npos) << whole.out;
  }
  Damage(product(), fs::file_size(product()) / 2, 4096);
  const Ended damaged = Check();
  EXPECT_EQ(damaged.exit_code, 1);
  EXPECT_NE(damaged.out.find(product() + ": DAMAGED: "), std::string::npos) << damaged.out;
  EXPECT_NE(damaged.out.find("second.db: ok"), std::string::npos) << damaged.out;
  EXPECT_EQ(std::count(damaged.out.begin(), damaged.out.end(), '\n'), 4) << damaged.out;
}

class ReadOnlyDiskTest : public FullDiskTest {};

TEST_F(ReadOnlyDiskTest, AtTheStart_IsAClearError) {
  StartServer();
  StopServer();
  ASSERT_EQ(::mount(nullptr, Path("disk").c_str(), nullptr, MS_REMOUNT | MS_RDONLY, nullptr), 0);
  const Ended ended = RunProgram({BinaryPath("stored"), "--data", data(), "--listen", address()});
  EXPECT_EQ(ended.exit_code, 1);
  ExpectOneLine(ended);
  EXPECT_NE(ended.err.find("ead-only"), std::string::npos) << ended.err;
}

}  // namespace
}  // namespace stored::tests
