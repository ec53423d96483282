#include "reports/inputs/archive_sources.h"

#include <utility>

#include "absl/status/status.h"
#include "base/files/path.h"

namespace stored::reports {
namespace {

class ArchivedThenLocal final : public SourceProvider {
 public:
  ArchivedThenLocal(std::vector<std::unique_ptr<ArchiveSources>> archives,
                    std::unique_ptr<SourceProvider> local)
      : archives_(std::move(archives)), local_(std::move(local)) {}

  absl::StatusOr<SourceText> Read(const std::string& path,
                                  const std::string& directory) const override {
    const ArchiveSources* own = nullptr;
    for (const std::unique_ptr<ArchiveSources>& archive : archives_) {
      if (archive->Holds(directory)) own = archive.get();
    }
    if (own == nullptr && !directory.empty()) return local_->Read(path, directory);
    if (own != nullptr) {
      absl::StatusOr<SourceText> source = own->Read(path, directory);
      if (!absl::IsNotFound(source.status())) return source;
    }
    if (own == nullptr || path.starts_with('/')) {
      for (const std::unique_ptr<ArchiveSources>& archive : archives_) {
        if (archive.get() == own) continue;
        absl::StatusOr<SourceText> source = archive->Read(path, "");
        if (!absl::IsNotFound(source.status())) return source;
      }
    }
    // The directory is not passed on, because local sources are never relative to an unpacked
    // archive.
    return local_->Read(path, "");
  }

 private:
  const std::vector<std::unique_ptr<ArchiveSources>> archives_;
  const std::unique_ptr<SourceProvider> local_;
};

}  // namespace

ArchiveSources::ArchiveSources(const std::string& unpacked, bool is_upload, const Limits& limits)
    : unpacked_(unpacked),
      below_root_(is_upload ? SourcesBelow(unpacked + "/root", limits) : nullptr),
      below_top_(SourcesBelow(unpacked, limits)) {}

bool ArchiveSources::Holds(std::string_view directory) const {
  return IsWithin(directory, unpacked_);
}

absl::StatusOr<SourceText> ArchiveSources::Read(const std::string& path,
                                                const std::string& directory) const {
  if (below_root_ != nullptr) {
    absl::StatusOr<SourceText> source = below_root_->Read(path, "");
    if (!absl::IsNotFound(source.status())) return source;
  }
  if (!path.starts_with('/') && Holds(directory)) {
    std::string below_top = directory.substr(unpacked_.size());
    while (!below_top.empty()) {
      absl::StatusOr<SourceText> source = below_top_->Read(below_top.substr(1) + "/" + path, "");
      if (!absl::IsNotFound(source.status())) return source;
      below_top.resize(below_top.rfind('/'));
    }
  }
  return below_top_->Read(path, "");
}

std::unique_ptr<SourceProvider> ArchivedThenLocalSources(
    std::vector<std::unique_ptr<ArchiveSources>> archives, std::unique_ptr<SourceProvider> local) {
  return std::make_unique<ArchivedThenLocal>(std::move(archives), std::move(local));
}

}  // namespace stored::reports
