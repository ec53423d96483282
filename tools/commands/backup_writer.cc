#include "tools/commands/backup_writer.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "base/status.h"
#include "base/text/text.h"

namespace stored::tools {
namespace {

// The subdirectories that files of a backup can be in.
constexpr std::string_view kProducts = "products";
constexpr std::string_view kSpool = "spool";

// Returns true for a plain name, alone or in one of the two subdirectories, which cannot lead out
// of the backup.
bool IsBackupName(std::string_view name) {
  const size_t slash = name.find('/');
  if (slash != std::string_view::npos) {
    const std::string_view directory = name.substr(0, slash);
    if (directory != kProducts && directory != kSpool) return false;
    name.remove_prefix(slash + 1);
  }
  return !name.empty() && name.size() <= 200 && name.front() != '.' &&
         std::all_of(name.begin(), name.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  c == '.' || c == '_' || c == '-';
         });
}

absl::Status Invalid(std::string_view part) {
  return absl::DataLossError(fmt::format("the server sent an invalid backup: {}", part));
}

}  // namespace

absl::Status BackupWriter::Write(const v1::BackupResponse& part) {
  if (complete_) return Invalid("data after the end");
  switch (part.part_case()) {
    case v1::BackupResponse::kFile:
      return Begin(part.file());
    case v1::BackupResponse::kData:
      return Append(part.data());
    case v1::BackupResponse::kFileEnd:
      return End(part.file_end());
    case v1::BackupResponse::kEnd:
      if (file_ != nullptr || part.end().files() != files_ || part.end().bytes() != bytes_) {
        return Invalid("an end with other counts of files or bytes");
      }
      complete_ = true;
      return absl::OkStatus();
    case v1::BackupResponse::PART_NOT_SET:
      break;
  }
  return Invalid("a part of an unknown kind");
}

absl::Status BackupWriter::Begin(const v1::BackupFile& file) {
  if (file_ != nullptr) return Invalid("a file within a file");
  if (!IsBackupName(file.name()) || file.size() < 0) {
    return Invalid(fmt::format("a file named '{}'", Printable(Utf8Prefix(file.name(), 200))));
  }
  path_ = directory_ + "/" + file.name();
  FileSystem& files = FileSystem::Posix();
  if (files.SizeOf(path_).ok()) return Invalid("the same file twice");
  STORED_RETURN_IF_ERROR(CreateDirectories(path_.substr(0, path_.rfind('/'))));
  STORED_ASSIGN_OR_RETURN(file_, files.Open(path_));
  size_ = file.size();
  written_ = 0;
  return absl::OkStatus();
}

absl::Status BackupWriter::Append(const std::string& data) {
  const auto size = static_cast<int64_t>(data.size());
  if (file_ == nullptr || size > size_ - written_)
    return Invalid("a file that is larger than announced");
  STORED_RETURN_IF_ERROR(file_->WriteAt(data, static_cast<uint64_t>(written_)));
  sha256_.Update(data);
  written_ += size;
  return absl::OkStatus();
}

absl::Status BackupWriter::End(const v1::BackupFileEnd& end) {
  if (file_ == nullptr || written_ != size_)
    return Invalid("a file that is smaller than announced");
  if (sha256_.Finish().Hex() != end.sha256()) {
    return absl::DataLossError(path_ + " does not have the SHA-256 that the server sent");
  }
  STORED_RETURN_IF_ERROR(file_->Sync());
  file_.reset();
  ++files_;
  bytes_ += size_;
  return absl::OkStatus();
}

absl::Status BackupWriter::Finish() {
  if (!complete_) return absl::DataLossError("the stream ended before the backup was complete");
  for (const std::string_view name : {kProducts, kSpool}) {
    absl::Status synced = FileSystem::Posix().SyncDirectory(fmt::format("{}/{}", directory_, name));
    if (!synced.ok() && !absl::IsNotFound(synced)) return synced;
  }
  return FileSystem::Posix().SyncDirectory(directory_);
}

}  // namespace stored::tools
