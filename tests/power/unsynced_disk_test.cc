// The disk must forget what it should: a test whose disk loses nothing proves nothing.
#include "tests/power/unsynced_disk.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <set>
#include <string>

#include "base/files/file.h"
#include "storage/sqlite/connection/database.h"
#include "tests/power/unsynced_file_system.h"
#include "tests/power/unsynced_vfs.h"

namespace stored {
namespace {

using storage::sqlite::Database;
using Survival = UnsyncedDisk::Survival;

class UnsyncedDiskTest : public testing::Test {
 protected:
  void SetUp() override {
    absl::StatusOr<TemporaryDirectory> created = TemporaryDirectory::Create("", "disk-test-");
    ASSERT_TRUE(created.ok()) << created.status();
    directory_ = std::make_unique<TemporaryDirectory>(*std::move(created));
    root_ = std::filesystem::canonical(directory_->path()).string();
    disk_ = std::make_unique<UnsyncedDisk>(root_);
    files_ = std::make_unique<UnsyncedFileSystem>(*disk_);
  }

  std::string Path(const std::string& name) const { return root_ + "/" + name; }
  bool Exists(const std::string& name) const { return std::filesystem::exists(Path(name)); }
  std::string Content(const std::string& name) const { return *ReadFile(Path(name), 1 << 20); }
  void Write(const std::string& name, const std::string& bytes, bool sync) {
    const std::unique_ptr<File> file = *files_->Open(Path(name));
    ASSERT_TRUE(file->WriteAt(bytes, 0).ok());
    if (sync) {
      ASSERT_TRUE(file->Sync().ok());
    }
  }
  void SyncRoot() { ASSERT_TRUE(files_->SyncDirectory(root_).ok()); }

  std::unique_ptr<TemporaryDirectory> directory_;
  std::string root_;
  std::unique_ptr<UnsyncedDisk> disk_;
  std::unique_ptr<UnsyncedFileSystem> files_;
};

TEST_F(UnsyncedDiskTest, LosePower_NameAndContentAreSyncedApart) {
  Write("content only", "x", /*sync=*/true);
  disk_->LosePower(Survival::kNothing, 0);
  EXPECT_FALSE(Exists("content only"));

  Write("name only", "x", /*sync=*/false);
  SyncRoot();
  Write("both", "x", /*sync=*/true);
  SyncRoot();
  disk_->LosePower(Survival::kNothing, 0);
  EXPECT_EQ(Content("name only"), "");
  EXPECT_EQ(Content("both"), "x");
}

TEST_F(UnsyncedDiskTest, LosePower_UndoesRenamesAndRemovals) {
  Write("old", "x", /*sync=*/true);
  Write("removed", "y", /*sync=*/true);
  SyncRoot();
  ASSERT_TRUE(files_->Rename(Path("old"), Path("new")).ok());
  ASSERT_TRUE(files_->Remove(Path("removed")).ok());
  EXPECT_TRUE(Exists("new"));
  disk_->LosePower(Survival::kNothing, 0);
  EXPECT_FALSE(Exists("new"));
  EXPECT_EQ(Content("old"), "x");
  EXPECT_EQ(Content("removed"), "y");
}

TEST_F(UnsyncedDiskTest, LosePower_UnsyncedDirectory_IsLostWithItsContents) {
  ASSERT_TRUE(files_->MakeDirectory(Path("d")).ok());
  Write("d/file", "x", /*sync=*/true);
  ASSERT_TRUE(files_->SyncDirectory(Path("d")).ok());
  disk_->LosePower(Survival::kNothing, 0);
  EXPECT_FALSE(Exists("d"));
}

TEST_F(UnsyncedDiskTest, LosePower_Some_TearsWritesAtSectors) {
  const std::string before(4096, 'a');
  const std::string after(4096, 'b');
  std::set<std::string> seen;
  for (uint64_t seed = 0; seed < 50; ++seed) {
    Write("file", before, /*sync=*/true);
    SyncRoot();
    Write("file", after, /*sync=*/false);
    disk_->LosePower(Survival::kSome, seed);
    const std::string left = Content("file");
    ASSERT_EQ(left.size(), before.size());
    for (size_t i = 0; i < left.size(); ++i) ASSERT_EQ(left[i], left[i / 512 * 512]);
    seen.insert(left);
  }
  EXPECT_EQ(seen.count(before) + seen.count(after), 2u);
  EXPECT_GT(seen.size(), 10u);
}

TEST_F(UnsyncedDiskTest, CutPowerAt_EveryChangeFailsUntilThePowerIsBack) {
  Write("file", "x", /*sync=*/true);
  SyncRoot();
  disk_->CutPowerAt(2);
  const std::unique_ptr<File> file = *files_->Open(Path("file"));
  EXPECT_TRUE(file->WriteAt("y", 0).ok());
  EXPECT_FALSE(file->Sync().ok());
  char byte = 0;
  EXPECT_FALSE(file->ReadAt(&byte, 1, 0).ok());
  EXPECT_FALSE(files_->Open(Path("file")).ok());
  disk_->Restart();
  EXPECT_EQ(Content("file"), "y");  // A process that dies loses nothing.
  disk_->LosePower(Survival::kNothing, 0);
  EXPECT_EQ(Content("file"), "x");
}

class UnsyncedVfsTest : public UnsyncedDiskTest {
 protected:
  void SetUp() override {
    UnsyncedDiskTest::SetUp();
    vfs_ = std::make_unique<UnsyncedVfs>(*disk_);
  }
  absl::StatusOr<std::unique_ptr<Database>> Open() {
    return Database::Open(Path("a.db"), Database::Mode::kCreate, 1 << 10);
  }

  std::unique_ptr<UnsyncedVfs> vfs_;
};

// A loss of power drops commits made with synchronous=OFF and keeps those made with FULL.
TEST_F(UnsyncedVfsTest, LosePower_KeepsWhatSqliteSynced) {
  for (const std::string synchronous : {"OFF", "FULL"}) {
    {
      const std::unique_ptr<Database> database = *Open();
      ASSERT_TRUE(database
                      ->Execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = " + synchronous +
                                "; CREATE TABLE t (x); INSERT INTO t VALUES (1);")
                      .ok());
      disk_->CutPowerAt(1);
      EXPECT_FALSE(database->Execute("INSERT INTO t VALUES (2)").ok());
      EXPECT_FALSE(database->QueryInt("SELECT count(*) FROM t").ok());
    }
    disk_->LosePower(Survival::kNothing, 0);
    const std::unique_ptr<Database> database = *Open();
    EXPECT_EQ(*database->QueryInt("SELECT count(*) FROM sqlite_schema"),
              synchronous == "FULL" ? 1 : 0);
  }
}

}  // namespace
}  // namespace stored
