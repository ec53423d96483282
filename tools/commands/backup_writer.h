#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "base/files/file_system.h"
#include "base/sha256.h"
#include "stored/v1/admin_service.pb.h"

namespace stored::tools {

// Writes the stream of AdminService.Backup into a directory. Checks names, order, sizes, digests
// and the counts at the end, because it does not trust the server. Not safe for concurrent use.
class BackupWriter {
 public:
  // REQUIRES: `directory` exists and is empty.
  explicit BackupWriter(std::string directory) : directory_(std::move(directory)) {}

  // Writes the next part of the stream. DATA_LOSS if the stream is invalid; other errors come from
  // the disk.
  absl::Status Write(const v1::BackupResponse& part);
  // Makes the backup durable. Call it after the last part. DATA_LOSS if the stream ended early.
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
  // The file that is being written, its announced size and the bytes written so far.
  std::unique_ptr<File> file_;
  std::string path_;
  int64_t size_ = 0;
  int64_t written_ = 0;
  Sha256 sha256_;
};

}  // namespace stored::tools
