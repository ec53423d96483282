#include "storage/sqlite/connection/directory_lock.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>

#include <cerrno>
#include <utility>

#include "base/kill_point.h"
#include "base/status.h"

namespace stored::storage::sqlite {
namespace {

// Both words have the same length, so that each overwrites the other.
constexpr std::string_view kWorking = "working\n";
constexpr std::string_view kStopped = "stopped\n";
static_assert(kWorking.size() == kStopped.size());

absl::Status Lock(int fd, const std::string& directory) {
  if (flock(fd, LOCK_EX | LOCK_NB) == 0) return absl::OkStatus();
  if (errno != EWOULDBLOCK)
    return ErrnoStatus(errno, fmt::format("cannot lock {}/lock", directory));
  return absl::UnavailableError(fmt::format(
      "{} is in use by another process; end that process, or use another directory", directory));
}

}  // namespace

absl::StatusOr<DirectoryLock> DirectoryLock::Take(const std::string& directory, FileSystem& files) {
  const std::string path = directory + "/lock";
  STORED_ASSIGN_OR_RETURN(std::unique_ptr<File> word, files.Open(path));
  STORED_ASSIGN_OR_RETURN(UniqueFd fd, OpenFile(path, O_RDWR));
  STORED_RETURN_IF_ERROR(Lock(fd.get(), directory));
  DirectoryLock lock(std::move(fd), std::move(word));
  // Reads one byte too many, so that a longer file does not compare equal.
  std::string found(kStopped.size() + 1, '\0');
  STORED_ASSIGN_OR_RETURN(const size_t n, lock.word_->ReadAt(found.data(), found.size(), 0));
  lock.stopped_cleanly_ = std::string_view(found).substr(0, n) == kStopped;
  return lock;
}

absl::StatusOr<UniqueFd> DirectoryLock::TakeToRead(const std::string& directory) {
  absl::StatusOr<UniqueFd> fd = OpenFile(directory + "/lock", O_RDONLY);
  if (absl::IsNotFound(fd.status())) return UniqueFd();
  STORED_RETURN_IF_ERROR(fd.status());
  STORED_RETURN_IF_ERROR(Lock(fd->get(), directory));
  return fd;
}

absl::Status DirectoryLock::Write(std::string_view word) {
  STORED_RETURN_IF_ERROR(word_->WriteAt(word, 0));
  return word_->Sync();
}

absl::Status DirectoryLock::MarkWorking() {
  STORED_KILL_POINT("lock.before_sync");
  const absl::Status written = Write(kWorking);
  STORED_KILL_POINT("lock.after_sync");
  // Ignores the error if the file does not say that the last holder stopped cleanly: without that,
  // the next holder finds a crash in any case.
  return stopped_cleanly_ ? written : absl::OkStatus();
}

absl::Status DirectoryLock::MarkStopped() { return Write(kStopped); }

}  // namespace stored::storage::sqlite
