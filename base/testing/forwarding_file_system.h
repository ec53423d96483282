#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/files/file_system.h"

// Forward every call to the real files. Tests derive from these classes and override some calls.
namespace stored {

class ForwardingFile : public File {
 public:
  explicit ForwardingFile(std::unique_ptr<File> real) : real_(std::move(real)) {}

  absl::StatusOr<size_t> ReadAt(char* buffer, size_t size, uint64_t offset) override {
    return real_->ReadAt(buffer, size, offset);
  }
  absl::Status WriteAt(std::string_view bytes, uint64_t offset) override {
    return real_->WriteAt(bytes, offset);
  }
  absl::Status Truncate(uint64_t size) override { return real_->Truncate(size); }
  void BeginSync(uint64_t offset, uint64_t size) override { real_->BeginSync(offset, size); }
  absl::Status Sync() override { return real_->Sync(); }

 private:
  const std::unique_ptr<File> real_;
};

class ForwardingFileSystem : public FileSystem {
 public:
  absl::StatusOr<std::unique_ptr<File>> Open(const std::string& path) override {
    return Posix().Open(path);
  }
  absl::Status Rename(const std::string& from, const std::string& to) override {
    return Posix().Rename(from, to);
  }
  absl::Status Remove(const std::string& path) override { return Posix().Remove(path); }
  absl::Status MakeDirectory(const std::string& path) override {
    return Posix().MakeDirectory(path);
  }
  absl::Status SyncDirectory(const std::string& path) override {
    return Posix().SyncDirectory(path);
  }
  absl::StatusOr<uint64_t> SizeOf(const std::string& path) override { return Posix().SizeOf(path); }
  absl::StatusOr<std::vector<Entry>> List(const std::string& directory) override {
    return Posix().List(directory);
  }
};

}  // namespace stored
