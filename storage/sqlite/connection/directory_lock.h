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

// DIR/lock: held as long as the object lives, so that no two processes work one queue. One word in
// it outlives its holder and says how that ended. The word is written over the one before, which
// takes no room: it is on a full disk that the difference between a stop and a crash matters.
//
// Not safe for concurrent use.
class DirectoryLock {
 public:
  // UNAVAILABLE: another process holds it. `files` outlives the lock.
  static absl::StatusOr<DirectoryLock> Take(const std::string& directory, FileSystem& files);

  // Keeps servers out of a directory while it is only looked at, and changes nothing in it. Takes
  // nothing in a directory without a lock file, which no server has used. UNAVAILABLE as Take.
  static absl::StatusOr<UniqueFd> TakeToLook(const std::string& directory);

  // Returns whether the last holder that called MarkWorking called MarkStopped too. False if the
  // file is empty or its content is not known.
  bool stopped_cleanly() const { return stopped_cleanly_; }

  // Durable when these return OK. After an error what the next holder finds is a crash.
  absl::Status MarkWorking();
  absl::Status MarkStopped();

 private:
  DirectoryLock(UniqueFd lock, std::unique_ptr<File> word)
      : lock_(std::move(lock)), word_(std::move(word)) {}

  absl::Status Write(std::string_view word);

  UniqueFd lock_;
  std::unique_ptr<File> word_;
  bool stopped_cleanly_ = false;
};

}  // namespace stored::storage::sqlite
