#include "reports/collect/source_table.h"

#include <utility>

namespace stored::reports {

void Source::Load(const SourceProvider& provider) {
  if (begun_.exchange(true)) return;
  absl::StatusOr<std::string> content = provider.Read(path_, directory_);
  if (content.ok()) {
    digest_ = Sha256::Of(*content);
  } else {
    status_ = content.status();
  }
  done_.store(true);
  done_.notify_all();
}

const absl::Status& Source::status() const {
  done_.wait(false);
  return status_;
}

const Sha256Digest& Source::digest() const {
  done_.wait(false);
  return digest_;
}

Source& SourceTable::Find(std::string_view path, std::string_view directory) {
  // An absolute path is the same file wherever the result file lies. No path has a NUL.
  std::string key(path);
  if (!path.starts_with('/')) {
    key.push_back('\0');
    key.append(directory);
  }
  const std::lock_guard lock(mutex_);
  std::unique_ptr<Source>& source = sources_[std::move(key)];
  if (!source) source = std::make_unique<Source>(std::string(path), std::string(directory));
  return *source;
}

}  // namespace stored::reports
