#include "storage/sqlite/connection/directory_lock.h"

#include <fcntl.h>
#include <gtest/gtest.h>

#include <cerrno>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>

#include "base/files/file.h"
#include "base/status.h"
#include "base/testing/forwarding_file_system.h"

namespace stored::storage::sqlite {
namespace {

// The real file system on a disk that is full or broken.
class TroubledFiles final : public ForwardingFileSystem {
 public:
  absl::StatusOr<std::unique_ptr<File>> Open(const std::string& path) override {
    STORED_ASSIGN_OR_RETURN(std::unique_ptr<File> real, ForwardingFileSystem::Open(path));
    return std::make_unique<TroubledFile>(*this, path, std::move(real));
  }

  // Files cannot grow, but existing bytes can be overwritten.
  bool full = false;
  bool broken = false;

 private:
  class TroubledFile final : public ForwardingFile {
   public:
    TroubledFile(TroubledFiles& files, std::string path, std::unique_ptr<File> real)
        : ForwardingFile(std::move(real)), files_(files), path_(std::move(path)) {}

    absl::Status WriteAt(std::string_view bytes, uint64_t offset) override {
      if (files_.broken) return ErrnoStatus(EIO, path_);
      if (files_.full && offset + bytes.size() > std::filesystem::file_size(path_)) {
        return ErrnoStatus(ENOSPC, path_);
      }
      return ForwardingFile::WriteAt(bytes, offset);
    }

   private:
    TroubledFiles& files_;
    const std::string path_;
  };
};

class DirectoryLockTest : public testing::Test {
 protected:
  void SetUp() override {
    absl::StatusOr<TemporaryDirectory> created = TemporaryDirectory::Create("", "lock-test-");
    ASSERT_TRUE(created.ok()) << created.status();
    directory_ = std::make_unique<TemporaryDirectory>(*std::move(created));
  }

  absl::StatusOr<DirectoryLock> Take() { return DirectoryLock::Take(directory_->path(), files_); }
  bool StoppedCleanly() {
    const absl::StatusOr<DirectoryLock> lock = Take();
    EXPECT_TRUE(lock.ok()) << lock.status();
    return lock.ok() && lock->stopped_cleanly();
  }
  void WorkAndStop() {
    absl::StatusOr<DirectoryLock> lock = Take();
    ASSERT_TRUE(lock.ok()) << lock.status();
    ASSERT_TRUE(lock->MarkWorking().ok());
    ASSERT_TRUE(lock->MarkStopped().ok());
  }

  std::unique_ptr<TemporaryDirectory> directory_;
  TroubledFiles files_;
};

TEST_F(DirectoryLockTest, Take_HeldByAnother_UnavailableAndLeavesTheWord) {
  WorkAndStop();
  {
    const absl::StatusOr<DirectoryLock> lock = Take();
    EXPECT_EQ(Take().status().code(), absl::StatusCode::kUnavailable);
  }
  EXPECT_TRUE(StoppedCleanly());
}

TEST_F(DirectoryLockTest, Take_UnknownWord_CountsAsACrash) {
  for (const std::string& word : {std::string(), std::string("stop"), std::string("stopped\n\n"),
                                  std::string("1234\n"), std::string(100'000, 's')}) {
    const UniqueFd fd = *OpenFile(directory_->path() + "/lock", O_WRONLY | O_CREAT | O_TRUNC);
    ASSERT_TRUE(WriteAt(fd.get(), word, 0, "lock").ok());
    EXPECT_FALSE(StoppedCleanly()) << word.substr(0, 20);
  }
}

TEST_F(DirectoryLockTest, FullDisk_WordsCanStillBeWritten) {
  WorkAndStop();
  files_.full = true;
  WorkAndStop();
  EXPECT_TRUE(StoppedCleanly());
}

// Without the error, a crash could not be told from the clean stop before it.
TEST_F(DirectoryLockTest, StopThatCannotBeWrittenOver_IsAnError) {
  files_.broken = true;
  {
    absl::StatusOr<DirectoryLock> lock = Take();
    EXPECT_TRUE(lock->MarkWorking().ok())
        << "without the word of a stop, the next holder finds a crash in any case";
    EXPECT_FALSE(lock->MarkStopped().ok());
  }
  files_.broken = false;
  WorkAndStop();
  files_.broken = true;
  EXPECT_FALSE(Take()->MarkWorking().ok());
}

}  // namespace
}  // namespace stored::storage::sqlite
