// Backups that are taken while the server works, and a server started on a backup.
#include <fmt/format.h>
#include <google/protobuf/struct.pb.h>
#include <google/protobuf/util/json_util.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include "absl/time/clock.h"
#include "tests/harness/served_test.h"

namespace stored::tests {
namespace {

namespace fs = std::filesystem;

class BackupTest : public ServedTest {
 protected:
  // Returns everything that queries return, as text.
  std::string Everything(const std::vector<std::string>& runs) {
    std::string all = Storectl({"-o", "json", "stores"}).out + Storectl({"-o", "json", "runs"}).out;
    for (const std::string& run : runs) {
      const Ended reports = Storectl({"-o", "json", "reports", run, "--bug-path"});
      EXPECT_EQ(reports.exit_code, 0) << reports.err;
      all += reports.out;
    }
    return all;
  }

  void Backup() {
    const Ended backup = Storectl({"backup", destination()});
    EXPECT_EQ(backup.exit_code, 0) << backup.err;
  }

  // Stops the server, removes its directory, and starts a server on the backup.
  void Restore(const std::vector<std::string>& arguments = {}) {
    StopServer();
    fs::remove_all(data());
    fs::rename(destination(), data());
    StartServer(arguments);
  }

  std::string destination() const { return Path("backup"); }

  // Expects that no file remains at the destination, and no copy in the data directory.
  void ExpectNothingLeft() {
    for (const auto& entry : fs::directory_iterator(directory_->path())) {
      EXPECT_FALSE(entry.path().filename().string().starts_with("backup")) << entry.path();
    }
  }
};

TEST_F(BackupTest, ServerOnTheBackup_HasEverything) {
  StartServer();
  // A copy, because Bazel gives tests links to the sources, which storectl does not follow out of
  // the report directory.
  fs::copy(SourcePath("samples/reports"), Path("samples"), fs::copy_options::recursive);
  Upload({Path("samples"), "--name", "samples"});
  Upload({WriteFile("a.sarif", SmallSarif("a.c")), "--name", "small"});
  ASSERT_EQ(Storectl({"products", "add", "other"}).exit_code, 0);
  Upload({Path("a.sarif"), "--name", "elsewhere", "--product", "other"});
  const std::string before = Everything({"samples", "small"});
  Backup();
  EXPECT_TRUE(SpoolIsEmpty());
  Restore();
  EXPECT_EQ(Everything({"samples", "small"}), before);
  const Ended other = Storectl({"-o", "json", "reports", "elsewhere", "--product", "other"});
  EXPECT_NE(other.out.find("a message"), std::string::npos) << other.err;
  // The restored server accepts further stores.
  EXPECT_EQ(Upload({Path("a.sarif"), "--name", "small"}).result().unresolved_reports(), 1);
}

TEST_F(BackupTest, StoresAcknowledgedBefore_AreStoredByTheServerOnTheBackup) {
  StartServer({"--workers", "1", "--drain-timeout", "0s"});
  const std::string large = WriteFile("large.sarif", LargeSarif(60'000));
  std::vector<std::string> tokens = {UploadNoBlock(large, "large")};
  for (int i = 0; i < 5; ++i) {
    const std::string log = WriteFile(fmt::format("{}.sarif", i), SmallSarif("a.c"));
    tokens.push_back(UploadNoBlock(log, fmt::format("small {}", i)));
  }
  Backup();
  Restore();
  for (const std::string& token : tokens) {
    const v1::StoreStatus end = Wait(token);
    EXPECT_EQ(end.state(), v1::STORE_STATE_COMPLETED) << end.ShortDebugString();
    EXPECT_EQ(end.result().new_reports(), token == tokens.front() ? 60'000 : 1);
  }
  EXPECT_TRUE(SpoolIsEmpty());
}

// While the server copies one database after another, stores end, and products are added and
// removed.
TEST_F(BackupTest, TakenRepeatedlyUnderLoad_EachIsConsistent) {
  StartServer();
  std::atomic<bool> stopping = false;
  std::vector<std::thread> clients;
  clients.reserve(3);
  for (int i = 0; i < 2; ++i) {
    clients.emplace_back([&, i] {
      const std::string log = WriteFile(fmt::format("{}.sarif", i), LargeSarif(500));
      for (int k = 0; !stopping; ++k) UploadNoBlock(log, fmt::format("run {} {}", i, k));
    });
  }
  clients.emplace_back([&] {
    while (!stopping) {
      Storectl({"products", "add", "brief"});
      Storectl({"products", "rm", "brief"});
    }
  });
  for (int i = 0; i < 8; ++i) {
    const Ended backup = Storectl({"backup", fmt::format("{}-{}", destination(), i)});
    EXPECT_EQ(backup.exit_code, 0) << backup.err;
  }
  stopping = true;
  for (std::thread& client : clients) client.join();
  for (int i = 0; i < 8; ++i) {
    fs::rename(fmt::format("{}-{}", destination(), i), destination());
    Restore();
    // Every store in the backup ends well, and each run has the reports of one store.
    const Ended stores = Storectl({"-o", "json", "stores"});
    EXPECT_EQ(stores.exit_code, 0);
    const absl::Time deadline = absl::Now() + kTestPatience;
    while (Storectl({"stores", "--state", "enqueued", "--state", "running", "-o", "json"})
                   .out.find("\"token\"") != std::string::npos &&
           absl::Now() < deadline) {
    }
    EXPECT_EQ(Storectl({"stores", "--state", "failed", "-o", "json"}).out.find("\"token\""),
              std::string::npos);
    EXPECT_TRUE(SpoolIsEmpty());
  }
}

TEST_F(BackupTest, Json_PrintsOneDocument) {
  StartServer();
  Upload({WriteFile("a.sarif", SmallSarif("a.c")), "--name", "small"});
  const Ended backup = Storectl({"-o", "json", "backup", destination() + "/"});
  EXPECT_EQ(backup.exit_code, 0) << backup.err;
  google::protobuf::Struct document;
  ASSERT_TRUE(google::protobuf::util::JsonStringToMessage(backup.out, &document).ok())
      << backup.out;
  EXPECT_EQ(document.fields().at("directory").string_value(), destination());
  EXPECT_EQ(document.fields().at("files").number_value(), 2);
  EXPECT_EQ(document.fields().at("bytes").number_value(),
            static_cast<double>(fs::file_size(destination() + "/meta.db") +
                                fs::file_size(destination() + "/products/default.db")));
}

TEST_F(BackupTest, ExistingDestination_IsRefused) {
  StartServer();
  fs::create_directory(destination());
  const Ended backup = Storectl({"backup", destination()});
  EXPECT_EQ(backup.exit_code, 2);
  EXPECT_NE(backup.err.find("already exists"), std::string::npos) << backup.err;
  EXPECT_EQ(Storectl({"backup", Path("no/such/parent")}).exit_code, 2);
  fs::remove(destination());
  ExpectNothingLeft();
}

TEST_F(BackupTest, ServerDies_LeavesNoIncompleteBackup) {
  StartServer();
  Upload({WriteFile("large.sarif", LargeSarif(100'000)), "--name", "large"});
  Ended backup;
  std::thread client([&] { backup = Storectl({"backup", destination()}); });
  // The backup is under way once the server has a copy.
  const absl::Time deadline = absl::Now() + kTestPatience;
  while (fs::is_empty(data() + "/spool") && absl::Now() < deadline) {
  }
  server().Stop(SIGKILL);
  client.join();
  EXPECT_EQ(backup.exit_code, 3) << backup.err;
  EXPECT_EQ(std::count(backup.err.begin(), backup.err.end(), '\n'), 1) << backup.err;
  ExpectNothingLeft();
  StartServer();
  EXPECT_TRUE(SpoolIsEmpty());
}

}  // namespace
}  // namespace stored::tests
