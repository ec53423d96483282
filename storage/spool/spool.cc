#include "storage/spool/spool.h"

#include <fmt/format.h>

#include <utility>

#include "base/kill_point.h"
#include "base/random.h"
#include "base/status.h"

namespace stored::storage {
namespace {

constexpr std::string_view kPartialSuffix = ".part";
constexpr std::string_view kPayloadSuffix = ".payload";
constexpr std::string_view kWorkPrefix = "work-";
// Prefix of the random name of an upload without an id. No upload id begins with it.
constexpr std::string_view kNameless = ".";
constexpr size_t kReadBytes = size_t{1} << 20;
constexpr size_t kNameBytes = 16;
// Append starts writing to the disk whenever so many bytes have arrived, so that the fsync in Seal
// has less to write.
constexpr uint64_t kBeginSyncBytes = uint64_t{8} << 20;

}  // namespace

PartialPayload::PartialPayload(FileSystem& files, std::string directory, std::string name)
    : files_(files),
      directory_(std::move(directory)),
      name_(std::move(name)),
      path_(fmt::format("{}/{}{}", directory_, name_, kPartialSuffix)) {}

absl::Status PartialPayload::Append(std::string_view bytes) {
  STORED_RETURN_IF_ERROR(file_->WriteAt(bytes, size_));
  sha256_.Update(bytes);
  size_ += bytes.size();
  if (size_ - sync_begun_ >= kBeginSyncBytes) {
    file_->BeginSync(sync_begun_, size_ - sync_begun_);
    sync_begun_ = size_;
  }
  return absl::OkStatus();
}

absl::Status PartialPayload::Truncate() {
  STORED_RETURN_IF_ERROR(file_->Truncate(0));
  size_ = 0;
  sync_begun_ = 0;
  sha256_.Finish();  // Resets the digest.
  return absl::OkStatus();
}

absl::StatusOr<PartialPayload::Sealed> PartialPayload::Seal(const Sha256Digest& expected) {
  // A new name: the upload's id may have been used before, by another store's payload.
  STORED_ASSIGN_OR_RETURN(const std::string name, RandomHex(kNameBytes));
  Sealed sealed;
  sealed.file = name + std::string(kPayloadSuffix);
  sealed.sha256 = sha256_.Finish();
  if (sealed.sha256 != expected) {
    return absl::DataLossError(
        fmt::format("the payload's SHA-256 is {}, the trailer says {}: send it again",
                    sealed.sha256.Hex(), expected.Hex()));
  }
  STORED_KILL_POINT("payload.before_sync");
  STORED_RETURN_IF_ERROR(file_->Sync());
  STORED_KILL_POINT("payload.after_sync");
  const std::string final_path = fmt::format("{}/{}", directory_, sealed.file);
  STORED_RETURN_IF_ERROR(files_.Rename(path_, final_path));
  path_ = final_path;
  STORED_KILL_POINT("payload.after_rename");
  const absl::Status synced = files_.SyncDirectory(directory_);
  if (!synced.ok()) {
    files_.Remove(final_path).IgnoreError();  // No store will own it.
    return synced;
  }
  STORED_KILL_POINT("payload.after_directory_sync");
  return sealed;
}

absl::StatusOr<std::unique_ptr<Spool>> Spool::Open(const std::string& directory,
                                                   FileSystem& files) {
  STORED_RETURN_IF_ERROR(CreateDirectories(directory, files));
  return std::unique_ptr<Spool>(new Spool(directory, files));
}

absl::StatusOr<std::unique_ptr<PartialPayload>> Spool::OpenPartial(const std::string& upload_id) {
  std::string name = upload_id;
  if (name.empty()) {
    STORED_ASSIGN_OR_RETURN(name, RandomHex(kNameBytes));
    name.insert(0, kNameless);
  }
  std::unique_ptr<PartialPayload> payload(new PartialPayload(files_, directory_, std::move(name)));
  STORED_ASSIGN_OR_RETURN(payload->file_, files_.Open(payload->path_));
  std::string piece(kReadBytes, '\0');
  while (true) {
    STORED_ASSIGN_OR_RETURN(const size_t n,
                            payload->file_->ReadAt(piece.data(), piece.size(), payload->size_));
    if (n == 0) break;
    payload->sha256_.Update({piece.data(), n});
    payload->size_ += n;
  }
  return payload;
}

absl::StatusOr<uint64_t> Spool::PartialSize(const std::string& upload_id) const {
  return files_.SizeOf(fmt::format("{}/{}{}", directory_, upload_id, kPartialSuffix));
}

absl::Status Spool::RemovePartial(const PartialPayload& payload) {
  return Remove(payload.name_ + std::string(kPartialSuffix));
}

std::string Spool::PathOf(const std::string& file) const {
  return fmt::format("{}/{}", directory_, file);
}

absl::StatusOr<uint64_t> Spool::PayloadSize(const std::string& file) const {
  return files_.SizeOf(PathOf(file));
}

absl::Status Spool::Remove(const std::string& file) {
  STORED_KILL_POINT("spool.before_remove");
  return files_.Remove(PathOf(file));
}

absl::Status Spool::ForEachEntry(
    absl::FunctionRef<absl::Status(const FileSystem::Entry&)> visit) const {
  STORED_ASSIGN_OR_RETURN(const std::vector<FileSystem::Entry> entries, files_.List(directory_));
  for (const FileSystem::Entry& entry : entries) STORED_RETURN_IF_ERROR(visit(entry));
  return absl::OkStatus();
}

absl::StatusOr<Spool::Expired> Spool::VisitExpired(
    absl::Time before, absl::FunctionRef<absl::Status(const std::string& name)> visit) const {
  Expired expired;
  const absl::Status visited = ForEachEntry([&](const FileSystem::Entry& entry) -> absl::Status {
    if (!entry.name.ends_with(kPartialSuffix) || entry.modified >= before) return absl::OkStatus();
    const absl::StatusOr<uint64_t> size = files_.SizeOf(PathOf(entry.name));
    if (!size.ok()) return absl::OkStatus();  // It was removed meanwhile.
    STORED_RETURN_IF_ERROR(visit(entry.name));
    ++expired.uploads;
    expired.bytes += static_cast<int64_t>(*size);
    return absl::OkStatus();
  });
  STORED_RETURN_IF_ERROR(visited);
  return expired;
}

absl::StatusOr<Spool::Expired> Spool::RemoveExpired(absl::Time before) {
  return VisitExpired(before,
                      [this](const std::string& name) { return files_.Remove(PathOf(name)); });
}

absl::StatusOr<Spool::Expired> Spool::CountExpired(absl::Time before) const {
  return VisitExpired(before, [](const std::string&) { return absl::OkStatus(); });
}

absl::StatusOr<int> Spool::RemoveOrphans(const Owners& owners) {
  int removed = 0;
  const absl::Status visited = ForEachEntry([&](const FileSystem::Entry& entry) -> absl::Status {
    STORED_ASSIGN_OR_RETURN(const bool owned, IsOwned(entry.name, owners));
    if (owned) return absl::OkStatus();
    ++removed;
    return files_.Remove(PathOf(entry.name));
  });
  STORED_RETURN_IF_ERROR(visited);
  return removed;
}

absl::StatusOr<bool> Spool::IsOwned(const std::string& name, const Owners& owners) {
  if (name.starts_with(kWorkPrefix)) return false;
  if (name.ends_with(kPayloadSuffix)) return owners.needs_payload(name);
  if (!name.ends_with(kPartialSuffix)) return true;  // Not a file of the spool.
  if (name.starts_with(kNameless)) return false;
  STORED_ASSIGN_OR_RETURN(const bool accepted,
                          owners.was_accepted(name.substr(0, name.size() - kPartialSuffix.size())));
  return !accepted;
}

}  // namespace stored::storage
