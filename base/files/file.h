#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace stored {

// Owns a file descriptor and closes it. Movable; -1 is none.
class UniqueFd {
 public:
  UniqueFd() = default;
  explicit UniqueFd(int fd) : fd_(fd) {}
  UniqueFd(UniqueFd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  UniqueFd& operator=(UniqueFd&& other) noexcept;
  ~UniqueFd();

  int get() const { return fd_; }
  bool valid() const { return fd_ >= 0; }
  void reset();

 private:
  int fd_ = -1;
};

// The status for a failed system call: canonical code from `error` (an errno value), message
// "what: reason". ENOENT is NOT_FOUND, EACCES PERMISSION_DENIED, ENOSPC and EDQUOT
// RESOURCE_EXHAUSTED, EEXIST ALREADY_EXISTS, anything else UNAVAILABLE.
absl::Status ErrnoStatus(int error, const std::string& what);
// Whether `status` came from ErrnoStatus: the machine failed, whatever it was asked to do.
bool IsSystemError(const absl::Status& status);

// open(2) with O_CLOEXEC added. The error names `path`.
absl::StatusOr<UniqueFd> OpenFile(const std::string& path, int flags, int mode = 0600);

// The whole of a regular file of at most `max_bytes`; a longer one is RESOURCE_EXHAUSTED, what is
// no regular file INVALID_ARGUMENT.
absl::StatusOr<std::string> ReadFile(const std::string& path, uint64_t max_bytes);

// Writes all of `bytes` at `offset`, however many system calls it takes.
absl::Status WriteAt(int fd, std::string_view bytes, uint64_t offset, const std::string& path);
// Reads up to `size` bytes at `offset` into `buffer`; returns how many, fewer only at end of file.
absl::StatusOr<size_t> ReadAt(int fd, char* buffer, size_t size, uint64_t offset,
                              const std::string& path);

// A directory of its own under `parent` (the system's temporary directory where empty), removed
// with all that is in it when the object goes.
class TemporaryDirectory {
 public:
  static absl::StatusOr<TemporaryDirectory> Create(const std::string& parent,
                                                   const std::string& prefix);
  TemporaryDirectory(TemporaryDirectory&& other) noexcept
      : path_(std::exchange(other.path_, std::string())) {}
  TemporaryDirectory& operator=(TemporaryDirectory&& other) noexcept;
  ~TemporaryDirectory();

  const std::string& path() const { return path_; }

 private:
  explicit TemporaryDirectory(std::string path) : path_(std::move(path)) {}
  void Remove();

  std::string path_;
};

}  // namespace stored
