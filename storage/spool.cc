#include "storage/spool.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <system_error>
#include <utility>

#include "base/kill_point.h"
#include "base/random.h"
#include "base/status.h"

namespace stored::storage {
namespace {

constexpr std::string_view kPartialSuffix = ".part";
constexpr std::string_view kPayloadSuffix = ".payload";
constexpr std::string_view kWorkPrefix = "work-";
// Before the random name of an upload without an id: no id begins like this.
constexpr std::string_view kNameless = ".";
constexpr size_t kReadBytes = size_t{1} << 20;
constexpr size_t kNameBytes = 16;

}  // namespace

PartialPayload::PartialPayload(std::string directory, std::string name, UniqueFd fd)
    : directory_(std::move(directory)),
      name_(std::move(name)),
      path_(fmt::format("{}/{}{}", directory_, name_, kPartialSuffix)),
      fd_(std::move(fd)) {}

absl::Status PartialPayload::Append(std::string_view bytes) {
  STORED_RETURN_IF_ERROR(WriteAt(fd_.get(), bytes, size_, path_));
  sha256_.Update(bytes);
  size_ += bytes.size();
  return absl::OkStatus();
}

absl::Status PartialPayload::Truncate() {
  if (::ftruncate(fd_.get(), 0) != 0) return ErrnoStatus(errno, path_);
  size_ = 0;
  sha256_.Finish();  // Forgets what it has seen.
  return absl::OkStatus();
}

absl::StatusOr<PartialPayload::Sealed> PartialPayload::Seal(const Sha256Digest& expected) {
  // A name of its own: the upload's id may have been used before, and that payload is another's.
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
  STORED_RETURN_IF_ERROR(SyncFile(fd_.get(), path_));
  STORED_KILL_POINT("payload.after_sync");
  const std::string final_path = fmt::format("{}/{}", directory_, sealed.file);
  if (::rename(path_.c_str(), final_path.c_str()) != 0) return ErrnoStatus(errno, path_);
  path_ = final_path;
  STORED_KILL_POINT("payload.after_rename");
  const absl::Status synced = SyncDirectory(directory_);
  if (!synced.ok()) {
    ::unlink(final_path.c_str());  // Nobody will own it.
    return synced;
  }
  STORED_KILL_POINT("payload.after_directory_sync");
  return sealed;
}

absl::StatusOr<std::unique_ptr<Spool>> Spool::Open(const std::string& directory) {
  STORED_RETURN_IF_ERROR(CreateDirectories(directory));
  return std::unique_ptr<Spool>(new Spool(directory));
}

absl::StatusOr<std::unique_ptr<PartialPayload>> Spool::OpenPartial(const std::string& upload_id) {
  std::string name = upload_id;
  if (name.empty()) {
    STORED_ASSIGN_OR_RETURN(name, RandomHex(kNameBytes));
    name.insert(0, kNameless);
  }
  const std::string path = fmt::format("{}/{}{}", directory_, name, kPartialSuffix);
  STORED_ASSIGN_OR_RETURN(UniqueFd fd, OpenFile(path, O_RDWR | O_CREAT | O_NOFOLLOW));
  std::unique_ptr<PartialPayload> payload(
      new PartialPayload(directory_, std::move(name), std::move(fd)));
  std::string piece(kReadBytes, '\0');
  while (true) {
    STORED_ASSIGN_OR_RETURN(const size_t n, ReadAt(payload->fd_.get(), piece.data(), piece.size(),
                                                   payload->size_, path));
    if (n == 0) break;
    payload->sha256_.Update({piece.data(), n});
    payload->size_ += n;
  }
  return payload;
}

absl::StatusOr<uint64_t> Spool::PartialSize(const std::string& upload_id) const {
  const std::string path = fmt::format("{}/{}{}", directory_, upload_id, kPartialSuffix);
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) return ErrnoStatus(errno, path);
  return static_cast<uint64_t>(status.st_size);
}

absl::Status Spool::RemovePartial(const PartialPayload& payload) {
  return Remove(payload.name_ + std::string(kPartialSuffix));
}

std::string Spool::PathOf(const std::string& file) const {
  return fmt::format("{}/{}", directory_, file);
}

absl::Status Spool::Remove(const std::string& file) {
  const std::string path = PathOf(file);
  STORED_KILL_POINT("spool.before_remove");
  if (::unlink(path.c_str()) != 0 && errno != ENOENT) return ErrnoStatus(errno, path);
  return absl::OkStatus();
}

absl::StatusOr<int> Spool::RemoveWhere(
    const std::function<absl::StatusOr<bool>(const std::string& name, absl::Time touched)>&
        abandoned) {
  int removed = 0;
  std::error_code error;
  std::filesystem::directory_iterator entries(directory_, error);
  for (; !error && entries != std::filesystem::directory_iterator(); entries.increment(error)) {
    const std::string name = entries->path().filename().string();
    struct stat status {};
    if (::lstat(entries->path().c_str(), &status) != 0) continue;  // It went meanwhile.
    STORED_ASSIGN_OR_RETURN(const bool remove,
                            abandoned(name, absl::TimeFromTimespec(status.st_mtim)));
    if (!remove) continue;
    std::error_code remove_error;
    std::filesystem::remove_all(entries->path(), remove_error);
    if (remove_error) return ErrnoStatus(remove_error.value(), entries->path().string());
    ++removed;
  }
  if (error) return ErrnoStatus(error.value(), directory_);
  return removed;
}

absl::StatusOr<int> Spool::RemoveExpired(absl::Time before) {
  return RemoveWhere([before](const std::string& name, absl::Time touched) -> absl::StatusOr<bool> {
    return name.ends_with(kPartialSuffix) && touched < before;
  });
}

absl::StatusOr<int> Spool::RemoveOrphans(const Owners& owners) {
  return RemoveWhere([&owners](const std::string& name, absl::Time) -> absl::StatusOr<bool> {
    if (name.ends_with(kPartialSuffix)) {
      if (name.starts_with(kNameless)) return true;
      return owners.was_accepted(name.substr(0, name.size() - kPartialSuffix.size()));
    }
    if (name.starts_with(kWorkPrefix)) return true;
    if (!name.ends_with(kPayloadSuffix)) return false;
    STORED_ASSIGN_OR_RETURN(const bool wanted, owners.needs_payload(name));
    return !wanted;
  });
}

}  // namespace stored::storage
