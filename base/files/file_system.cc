#include "base/files/file_system.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <system_error>
#include <utility>

#include "base/files/file.h"
#include "base/status.h"

namespace stored {
namespace {

class PosixFile final : public File {
 public:
  PosixFile(std::string path, UniqueFd fd) : path_(std::move(path)), fd_(std::move(fd)) {}

  absl::StatusOr<size_t> ReadAt(char* buffer, size_t size, uint64_t offset) override {
    return stored::ReadAt(fd_.get(), buffer, size, offset, path_);
  }
  absl::Status WriteAt(std::string_view bytes, uint64_t offset) override {
    return stored::WriteAt(fd_.get(), bytes, offset, path_);
  }
  absl::Status Truncate(uint64_t size) override {
    if (::ftruncate(fd_.get(), static_cast<off_t>(size)) != 0) return ErrnoStatus(errno, path_);
    return absl::OkStatus();
  }
  void BeginSync(uint64_t offset, uint64_t size) override {
    ::sync_file_range(fd_.get(), static_cast<off_t>(offset), static_cast<off_t>(size),
                      SYNC_FILE_RANGE_WRITE);
  }
  absl::Status Sync() override {
    if (::fsync(fd_.get()) != 0) return ErrnoStatus(errno, path_);
    return absl::OkStatus();
  }

 private:
  const std::string path_;
  const UniqueFd fd_;
};

class PosixFileSystem final : public FileSystem {
 public:
  absl::StatusOr<std::unique_ptr<File>> Open(const std::string& path) override {
    STORED_ASSIGN_OR_RETURN(UniqueFd fd, OpenFile(path, O_RDWR | O_CREAT | O_NOFOLLOW));
    return std::make_unique<PosixFile>(path, std::move(fd));
  }

  absl::Status Rename(const std::string& from, const std::string& to) override {
    if (::rename(from.c_str(), to.c_str()) != 0) return ErrnoStatus(errno, from);
    return absl::OkStatus();
  }

  absl::Status Remove(const std::string& path) override {
    std::error_code error;
    std::filesystem::remove_all(path, error);
    return error ? ErrnoStatus(error.value(), "cannot remove " + path) : absl::OkStatus();
  }

  absl::Status MakeDirectory(const std::string& path) override {
    if (::mkdir(path.c_str(), 0700) != 0) return ErrnoStatus(errno, path);
    return absl::OkStatus();
  }

  absl::Status SyncDirectory(const std::string& path) override {
    STORED_ASSIGN_OR_RETURN(UniqueFd fd, OpenFile(path, O_RDONLY | O_DIRECTORY));
    return PosixFile(path, std::move(fd)).Sync();
  }

  absl::StatusOr<uint64_t> SizeOf(const std::string& path) override {
    struct stat status {};
    if (::stat(path.c_str(), &status) != 0) return ErrnoStatus(errno, path);
    return static_cast<uint64_t>(status.st_size);
  }

  absl::StatusOr<std::vector<Entry>> List(const std::string& directory) override {
    std::vector<Entry> entries;
    std::error_code error;
    std::filesystem::directory_iterator next(directory, error);
    for (; !error && next != std::filesystem::directory_iterator(); next.increment(error)) {
      struct stat status {};
      if (::lstat(next->path().c_str(), &status) != 0) continue;
      entries.push_back({next->path().filename().string(), absl::TimeFromTimespec(status.st_mtim)});
    }
    if (error) return ErrnoStatus(error.value(), directory);
    return entries;
  }
};

absl::Status SyncParent(const std::filesystem::path& path, FileSystem& files) {
  const std::string parent = path.parent_path().string();
  return files.SyncDirectory(parent.empty() ? "." : parent);
}

}  // namespace

FileSystem& FileSystem::Posix() {
  static PosixFileSystem files;
  return files;
}

absl::Status CreateDirectories(const std::string& path, FileSystem& files) {
  const std::filesystem::path whole(path);
  std::filesystem::path part;
  // The deepest directory that existed already. An earlier call may have created it and been killed
  // before it was durable; its parents were durable by then.
  std::filesystem::path found;
  for (const std::filesystem::path& name : whole) {
    if (name.empty()) continue;  // The path ends with a slash.
    part /= name;
    absl::Status made = files.MakeDirectory(part.string());
    if (made.ok()) {
      STORED_RETURN_IF_ERROR(SyncParent(part, files));
      continue;
    }
    std::error_code ignored;
    if (!absl::IsNotFound(made) && std::filesystem::is_directory(part, ignored)) {
      found = part;
      continue;
    }
    if (!absl::IsAlreadyExists(made)) return made;
    return absl::FailedPreconditionError(
        fmt::format("{}: exists and is not a directory", part.string()));
  }
  if (!found.has_relative_path()) return absl::OkStatus();
  const absl::Status synced = SyncParent(found, files);
  // A directory that we may not read is not one in which an earlier call created `found`.
  return absl::IsPermissionDenied(synced) ? absl::OkStatus() : synced;
}

}  // namespace stored
