#include "tests/power/unsynced_file_system.h"

#include <utility>

#include "base/status.h"

namespace stored {
namespace {

absl::Status NoPower() { return absl::UnavailableError("there is no power"); }

// Syncs never reach the real files: they would take time, and the machine's own power is not cut.
class UnsyncedFile final : public File {
 public:
  UnsyncedFile(UnsyncedDisk& disk, UnsyncedDisk::NodePtr node, std::unique_ptr<File> real)
      : disk_(disk), node_(std::move(node)), real_(std::move(real)) {}

  absl::StatusOr<size_t> ReadAt(char* buffer, size_t size, uint64_t offset) override {
    if (!disk_.powered()) return NoPower();
    return real_->ReadAt(buffer, size, offset);
  }
  absl::Status WriteAt(std::string_view bytes, uint64_t offset) override {
    if (!disk_.BeginChange()) return NoPower();
    STORED_RETURN_IF_ERROR(real_->WriteAt(bytes, offset));
    disk_.Written(*node_, offset, bytes);
    return absl::OkStatus();
  }
  absl::Status Truncate(uint64_t size) override {
    if (!disk_.BeginChange()) return NoPower();
    STORED_RETURN_IF_ERROR(real_->Truncate(size));
    disk_.Truncated(*node_, size);
    return absl::OkStatus();
  }
  // Started write-back need not have reached the disk when the power is cut.
  void BeginSync(uint64_t, uint64_t) override {}
  absl::Status Sync() override {
    if (!disk_.BeginChange()) return NoPower();
    disk_.Synced(*node_);
    return absl::OkStatus();
  }

 private:
  UnsyncedDisk& disk_;
  const UnsyncedDisk::NodePtr node_;
  const std::unique_ptr<File> real_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<File>> UnsyncedFileSystem::Open(const std::string& path) {
  UnsyncedDisk::NodePtr node = disk_.Find(path);
  if (node == nullptr ? !disk_.BeginChange() : !disk_.powered()) return NoPower();
  STORED_ASSIGN_OR_RETURN(std::unique_ptr<File> real, Posix().Open(path));
  if (node == nullptr) node = disk_.Created(path);
  return std::make_unique<UnsyncedFile>(disk_, std::move(node), std::move(real));
}

absl::Status UnsyncedFileSystem::Rename(const std::string& from, const std::string& to) {
  if (!disk_.BeginChange()) return NoPower();
  STORED_RETURN_IF_ERROR(Posix().Rename(from, to));
  disk_.Renamed(from, to);
  return absl::OkStatus();
}

absl::Status UnsyncedFileSystem::Remove(const std::string& path) {
  if (!disk_.BeginChange()) return NoPower();
  STORED_RETURN_IF_ERROR(Posix().Remove(path));
  disk_.Removed(path);
  return absl::OkStatus();
}

absl::Status UnsyncedFileSystem::MakeDirectory(const std::string& path) {
  if (!disk_.Contains(path) || disk_.Find(path) != nullptr) return Posix().MakeDirectory(path);
  if (!disk_.BeginChange()) return NoPower();
  STORED_RETURN_IF_ERROR(Posix().MakeDirectory(path));
  disk_.MadeDirectory(path);
  return absl::OkStatus();
}

absl::Status UnsyncedFileSystem::SyncDirectory(const std::string& path) {
  if (path != disk_.root() && !disk_.Contains(path)) return absl::OkStatus();
  if (!disk_.BeginChange()) return NoPower();
  const UnsyncedDisk::NodePtr node = disk_.Find(path);
  if (node == nullptr) return absl::NotFoundError(path);
  disk_.Synced(*node);
  return absl::OkStatus();
}

absl::StatusOr<uint64_t> UnsyncedFileSystem::SizeOf(const std::string& path) {
  if (!disk_.powered()) return NoPower();
  return Posix().SizeOf(path);
}

absl::StatusOr<std::vector<FileSystem::Entry>> UnsyncedFileSystem::List(
    const std::string& directory) {
  if (!disk_.powered()) return NoPower();
  return Posix().List(directory);
}

}  // namespace stored
