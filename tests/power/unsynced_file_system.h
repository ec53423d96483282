#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/files/file_system.h"
#include "tests/power/unsynced_disk.h"

namespace stored {

// The real file system, but changes below the root of `disk` last only as long as the disk keeps
// them. Files elsewhere can only be read. Safe for concurrent use.
class UnsyncedFileSystem final : public FileSystem {
 public:
  // REQUIRES: `disk` outlives this object.
  explicit UnsyncedFileSystem(UnsyncedDisk& disk) : disk_(disk) {}

  absl::StatusOr<std::unique_ptr<File>> Open(const std::string& path) override;
  absl::Status Rename(const std::string& from, const std::string& to) override;
  absl::Status Remove(const std::string& path) override;
  absl::Status MakeDirectory(const std::string& path) override;
  absl::Status SyncDirectory(const std::string& path) override;
  absl::StatusOr<uint64_t> SizeOf(const std::string& path) override;
  absl::StatusOr<std::vector<Entry>> List(const std::string& directory) override;

 private:
  UnsyncedDisk& disk_;
};

}  // namespace stored
