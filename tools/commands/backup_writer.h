#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "base/files/file_system.h"
#include "base/sha256.h"
#include "stored/v1/admin_service.pb.h"

namespace stored::tools {

// Writes what AdminService.Backup sends into a directory. Believes nothing of what comes: names,
// order, sizes, digests and the counts at the end are checked. Not safe for concurrent use.
class BackupWriter {
 public:
  // `directory` is there and empty.
  explicit BackupWriter(std::string directory) : directory_(std::move(directory)) {}

  // The next part. DATA_LOSS: the stream is not what it should be; other errors are the disk's.
  absl::Status Take(const v1::BackupResponse& part);
  // After the last part: whether everything is there, and durable. DATA_LOSS when the stream ended
  // early.
  absl::Status Finish();

  int64_t files() const { return files_; }
  int64_t bytes() const { return bytes_; }

 private:
  absl::Status Begin(const v1::BackupFile& file);
  absl::Status Append(const std::string& data);
  absl::Status End(const v1::BackupFileEnd& end);

  const std::string directory_;
  int64_t files_ = 0;
  int64_t bytes_ = 0;
  bool complete_ = false;
  // The file that is being written.
  std::unique_ptr<File> file_;
  std::string path_;
  int64_t size_ = 0;
  int64_t written_ = 0;
  Sha256 sha256_;
};

}  // namespace stored::tools
