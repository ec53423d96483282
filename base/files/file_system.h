#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace stored {

// A file open for reading and writing; the destructor closes it. Not safe for concurrent use.
class File {
 public:
  virtual ~File() = default;

  // Same as ReadAt and WriteAt of base/files/file.h.
  virtual absl::StatusOr<size_t> ReadAt(char* buffer, size_t size, uint64_t offset) = 0;
  virtual absl::Status WriteAt(std::string_view bytes, uint64_t offset) = 0;
  virtual absl::Status Truncate(uint64_t size) = 0;
  // Starts writing a range of the file to disk, so that Sync has less to wait for. This is a hint:
  // it makes nothing durable, and Sync reports its errors.
  virtual void BeginSync(uint64_t offset, uint64_t size) = 0;
  // Makes all written bytes durable (fsync). The file's name may still be lost: see
  // FileSystem::SyncDirectory.
  virtual absl::Status Sync() = 0;
};

// Changes files that must survive a loss of power. It is an interface so that a test can simulate
// such a loss by dropping all that was not synced (tests/power). Code that only reads, or that
// writes files that live no longer than the process, need not use it. Errors are those of
// ErrnoStatus and name the path. Safe for concurrent use.
class FileSystem {
 public:
  struct Entry {
    // The name within the directory.
    std::string name;
    absl::Time modified;
  };

  virtual ~FileSystem() = default;

  // Opens the file, and creates it if it does not exist. Does not follow a symbolic link.
  virtual absl::StatusOr<std::unique_ptr<File>> Open(const std::string& path) = 0;
  // Replaces a file that already has the new name.
  virtual absl::Status Rename(const std::string& from, const std::string& to) = 0;
  // Removes a file, or a directory with its contents. OK if the path does not exist.
  virtual absl::Status Remove(const std::string& path) = 0;
  // Creates a directory with mode 0700. ALREADY_EXISTS if the path exists in any form.
  virtual absl::Status MakeDirectory(const std::string& path) = 0;
  // Makes durable which names the directory has: files created, renamed and removed.
  virtual absl::Status SyncDirectory(const std::string& path) = 0;

  // Returns the size in bytes.
  virtual absl::StatusOr<uint64_t> SizeOf(const std::string& path) = 0;
  // Returns the entries in no particular order. Entries that vanish meanwhile are left out.
  virtual absl::StatusOr<std::vector<Entry>> List(const std::string& directory) = 0;

  static FileSystem& Posix();
};

// Creates `path` and its parents as `mkdir -p` does. All of them are durable when this returns OK,
// even if an earlier call was killed half-way. FAILED_PRECONDITION names the path if something
// other than a directory has it.
absl::Status CreateDirectories(const std::string& path, FileSystem& files = FileSystem::Posix());

}  // namespace stored
