#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace stored {

// Owns a file descriptor and closes it. Movable; -1 stands for no descriptor.
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

// Returns the status for a failed system call: the canonical code for `error` (an errno value) and
// the message "what: reason". ENOENT becomes NOT_FOUND, EACCES and EPERM PERMISSION_DENIED, ENOSPC
// and EDQUOT RESOURCE_EXHAUSTED, EEXIST ALREADY_EXISTS, and any other value UNAVAILABLE.
absl::Status ErrnoStatus(int error, const std::string& what);
// Returns true if `status` came from ErrnoStatus, also if Annotate() has changed its message since.
bool IsSystemError(const absl::Status& status);

// Calls open(2) with O_CLOEXEC added. Errors are those of ErrnoStatus and name `path`.
absl::StatusOr<UniqueFd> OpenFile(const std::string& path, int flags, int mode = 0600);

// Returns the whole content of a regular file. RESOURCE_EXHAUSTED if it is longer than `max_bytes`,
// INVALID_ARGUMENT if `path` is not a regular file, an error of ErrnoStatus if it cannot be read.
absl::StatusOr<std::string> ReadFile(const std::string& path, uint64_t max_bytes);

// Writes all of `bytes` at `offset`, with as many system calls as that takes. Here and in ReadAt(),
// `path` is only for messages; errors are those of ErrnoStatus.
absl::Status WriteAt(int fd, std::string_view bytes, uint64_t offset, const std::string& path);
// Reads up to `size` bytes at `offset` into `buffer`. Returns the number of bytes read, which is
// less than `size` only at the end of the file.
absl::StatusOr<size_t> ReadAt(int fd, char* buffer, size_t size, uint64_t offset,
                              const std::string& path);

// A new directory under `parent` (under the system's temporary directory if `parent` is empty). The
// destructor removes it with its contents.
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
