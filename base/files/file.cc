#include "base/files/file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <system_error>

#include "absl/strings/cord.h"
#include "base/status.h"

namespace stored {

UniqueFd& UniqueFd::operator=(UniqueFd&& other) noexcept {
  if (this != &other) {
    reset();
    fd_ = std::exchange(other.fd_, -1);
  }
  return *this;
}

UniqueFd::~UniqueFd() { reset(); }

void UniqueFd::reset() {
  if (fd_ >= 0) ::close(std::exchange(fd_, -1));
}

namespace {

// Names the payload that ErrnoStatus leaves.
constexpr char kErrnoPayload[] = "stored.errno";

absl::StatusCode CodeOf(int error) {
  switch (error) {
    case ENOENT:
      return absl::StatusCode::kNotFound;
    case EACCES:
    case EPERM:
      return absl::StatusCode::kPermissionDenied;
    case ENOSPC:
    case EDQUOT:
      return absl::StatusCode::kResourceExhausted;
    case EEXIST:
      return absl::StatusCode::kAlreadyExists;
    default:
      return absl::StatusCode::kUnavailable;
  }
}

}  // namespace

absl::Status ErrnoStatus(int error, const std::string& what) {
  absl::Status status(
      CodeOf(error),
      fmt::format("{}: {}", what, std::error_code(error, std::generic_category()).message()));
  status.SetPayload(kErrnoPayload, absl::Cord(fmt::format("{}", error)));
  return status;
}

bool IsSystemError(const absl::Status& status) {
  return status.GetPayload(kErrnoPayload).has_value();
}

absl::StatusOr<UniqueFd> OpenFile(const std::string& path, int flags, int mode) {
  const int fd = ::open(path.c_str(), flags | O_CLOEXEC, mode);
  if (fd < 0) return ErrnoStatus(errno, path);
  return UniqueFd(fd);
}

absl::StatusOr<std::string> ReadFile(const std::string& path, uint64_t max_bytes) {
  STORED_ASSIGN_OR_RETURN(const UniqueFd fd, OpenFile(path, O_RDONLY | O_NONBLOCK));
  struct stat info {};
  if (::fstat(fd.get(), &info) != 0) return ErrnoStatus(errno, path);
  if (!S_ISREG(info.st_mode)) {
    return absl::InvalidArgumentError(fmt::format("{}: not a regular file", path));
  }
  const auto too_large = [&] {
    return absl::ResourceExhaustedError(
        fmt::format("{}: larger than the limit of {} bytes", path, max_bytes));
  };
  if (static_cast<uint64_t>(info.st_size) > max_bytes) return too_large();
  std::string bytes;
  // Reserves room for simdjson's padding; without it, the parser would copy the whole file to add
  // the padding.
  constexpr size_t kSlack = 256;
  bytes.reserve(static_cast<size_t>(info.st_size) + kSlack);
  // One byte more than the size, so that a read notices if the file has grown since.
  bytes.resize(static_cast<size_t>(info.st_size) + 1);
  size_t used = 0;
  while (true) {
    STORED_ASSIGN_OR_RETURN(const size_t n,
                            ReadAt(fd.get(), bytes.data() + used, bytes.size() - used, used, path));
    used += n;
    if (used < bytes.size()) break;
    if (used > max_bytes) return too_large();
    bytes.resize(bytes.size() * 2);
  }
  bytes.resize(used);
  return bytes;
}

absl::Status WriteAt(int fd, std::string_view bytes, uint64_t offset, const std::string& path) {
  while (!bytes.empty()) {
    const ssize_t n = ::pwrite(fd, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (n < 0) {
      if (errno == EINTR) continue;
      return ErrnoStatus(errno, path);
    }
    bytes.remove_prefix(static_cast<size_t>(n));
    offset += static_cast<uint64_t>(n);
  }
  return absl::OkStatus();
}

absl::StatusOr<size_t> ReadAt(int fd, char* buffer, size_t size, uint64_t offset,
                              const std::string& path) {
  size_t used = 0;
  while (used < size) {
    const ssize_t n = ::pread(fd, buffer + used, size - used, static_cast<off_t>(offset + used));
    if (n < 0) {
      if (errno == EINTR) continue;
      return ErrnoStatus(errno, path);
    }
    if (n == 0) break;
    used += static_cast<size_t>(n);
  }
  return used;
}

absl::StatusOr<TemporaryDirectory> TemporaryDirectory::Create(const std::string& parent,
                                                              const std::string& prefix) {
  std::error_code error;
  std::filesystem::path where(parent);
  if (parent.empty()) where = std::filesystem::temp_directory_path(error);
  if (error) return ErrnoStatus(error.value(), "the temporary directory");
  std::string pattern = (where / (prefix + "XXXXXX")).string();
  if (::mkdtemp(pattern.data()) == nullptr) return ErrnoStatus(errno, pattern);
  return TemporaryDirectory(pattern);
}

TemporaryDirectory& TemporaryDirectory::operator=(TemporaryDirectory&& other) noexcept {
  if (this != &other) {
    Remove();
    path_ = std::exchange(other.path_, std::string());
  }
  return *this;
}

TemporaryDirectory::~TemporaryDirectory() { Remove(); }

void TemporaryDirectory::Remove() {
  if (path_.empty()) return;
  std::error_code ignored;  // A destructor cannot report an error.
  std::filesystem::remove_all(path_, ignored);
  path_.clear();
}

}  // namespace stored
