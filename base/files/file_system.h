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

// A file open for reading and writing, closed when the object goes. Not safe for concurrent use.
class File {
 public:
  virtual ~File() = default;

  // As ReadAt and WriteAt of base/files/file.h.
  virtual absl::StatusOr<size_t> ReadAt(char* buffer, size_t size, uint64_t offset) = 0;
  virtual absl::Status WriteAt(std::string_view bytes, uint64_t offset) = 0;
  virtual absl::Status Truncate(uint64_t size) = 0;
  // Has the disk begin with what was written there, so that Sync finds less to wait for. A hint: it
  // promises nothing, and what goes wrong is Sync's to say.
  virtual void BeginSync(uint64_t offset, uint64_t size) = 0;
  // What was written is durable when this returns OK. The file's name need not be: see
  // FileSystem::SyncDirectory.
  virtual absl::Status Sync() = 0;
};

// How whatever must outlive a loss of power is changed on disk. An interface, so that a test can
// take power away and with it all that was not synced (tests/power). What only reads, and what
// lives no longer than the process, needs none of it. Errors are ErrnoStatus and name the path.
// Safe for concurrent use.
class FileSystem {
 public:
  struct Entry {
    // Within the directory.
    std::string name;
    absl::Time modified;
  };

  virtual ~FileSystem() = default;

  // Creates the file where there is none; does not follow a symbolic link.
  virtual absl::StatusOr<std::unique_ptr<File>> Open(const std::string& path) = 0;
  // Replaces what has the new name.
  virtual absl::Status Rename(const std::string& from, const std::string& to) = 0;
  // Removes a file, or a directory with all that is in it. Removing what is not there is no error.
  virtual absl::Status Remove(const std::string& path) = 0;
  // With mode 0700. ALREADY_EXISTS when there is anything of that name.
  virtual absl::Status MakeDirectory(const std::string& path) = 0;
  // The names that came and went in the directory are durable when this returns OK.
  virtual absl::Status SyncDirectory(const std::string& path) = 0;

  // Bytes.
  virtual absl::StatusOr<uint64_t> SizeOf(const std::string& path) = 0;
  // In no order; without what goes meanwhile.
  virtual absl::StatusOr<std::vector<Entry>> List(const std::string& directory) = 0;

  static FileSystem& Posix();
};

// mkdir -p, durable when this returns OK, also where an earlier call was killed half-way.
// FAILED_PRECONDITION names what stands in the way.
absl::Status CreateDirectories(const std::string& path, FileSystem& files = FileSystem::Posix());

}  // namespace stored
