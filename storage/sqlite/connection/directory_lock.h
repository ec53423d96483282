#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/files/file.h"
#include "base/files/file_system.h"

namespace stored::storage::sqlite {

// An exclusive lock on the file DIR/lock, held as long as the object lives, so that no two
// processes work on one queue. The file contains one word, which outlives the holder and tells how
// the holder ended. The new word overwrites the old one of the same length, which needs no disk
// space, so that a stop on a full disk can be recorded too.
//
// Not safe for concurrent use.
class DirectoryLock {
 public:
  // UNAVAILABLE if another process holds the lock. `files` outlives the lock.
  static absl::StatusOr<DirectoryLock> Take(const std::string& directory, FileSystem& files);

  // Locks a directory that is only read, so that no server starts on it, and changes nothing in it.
  // Returns an empty descriptor for a directory without a lock file, which no server has used.
  // UNAVAILABLE as Take.
  static absl::StatusOr<UniqueFd> TakeToRead(const std::string& directory);

  // Returns whether the last holder that called MarkWorking called MarkStopped too. Returns false
  // if the file is empty or its contents are not recognized.
  bool stopped_cleanly() const { return stopped_cleanly_; }

  // Record the word, durably when they return OK. After an error of MarkWorking the holder must not
  // begin to work: the next holder may find that this one stopped cleanly. After an error of
  // MarkStopped the next holder may find a crash.
  absl::Status MarkWorking();
  absl::Status MarkStopped();

 private:
  DirectoryLock(UniqueFd lock, std::unique_ptr<File> word)
      : lock_(std::move(lock)), word_(std::move(word)) {}

  absl::Status Write(std::string_view word);

  // Holds the lock.
  UniqueFd lock_;
  // Another descriptor of the same file, to read and write its word.
  std::unique_ptr<File> word_;
  bool stopped_cleanly_ = false;
};

}  // namespace stored::storage::sqlite
