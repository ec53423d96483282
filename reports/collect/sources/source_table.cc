#include "reports/collect/sources/source_table.h"

#include <new>
#include <utility>

namespace stored::reports {

absl::StatusOr<SourceText> ReadSourceText(const SourceProvider& provider, const std::string& path,
                                          const std::string& directory,
                                          std::string_view below_base) {
  absl::StatusOr<SourceText> content = provider.Read(path, directory);
  const bool is_there = !absl::IsNotFound(content.status()) &&
                        // The error for a file of this machine that must not be read.
                        !absl::IsPermissionDenied(content.status());
  if (below_base.empty() || is_there) return content;
  absl::StatusOr<SourceText> below = provider.Read(std::string(below_base), directory);
  return below.ok() ? std::move(below) : std::move(content);
}

void Source::Load(const SourceProvider& provider) {
  if (begun_.exchange(true)) return;
  try {
    Read(provider);
  } catch (const std::bad_alloc&) {
    // Other threads wait for done_, so the exception must not leave here.
    status_ = absl::ResourceExhaustedError(path_ + ": there is not enough memory to read it");
  }
  done_.store(true);
  done_.notify_all();
}

void Source::Read(const SourceProvider& provider) {
  const absl::StatusOr<SourceText> source = ReadAgain(provider);
  if (!source.ok()) {
    status_ = source.status();
    return;
  }
  digest_ = Sha256::Of(source->text);
  modified_ns_ = source->modified_ns;
  absl::StatusOr<std::unique_ptr<const ReviewComments>> found = budget_.Find(source->text);
  if (found.ok()) {
    comments_ = *std::move(found);
  } else {
    comments_status_ = found.status();
  }
}

absl::StatusOr<SourceText> Source::ReadAgain(const SourceProvider& provider) const {
  return ReadSourceText(provider, path_, directory_, below_base_);
}

const absl::Status& Source::status() const {
  done_.wait(false);
  return status_;
}

const Sha256Digest& Source::digest() const {
  done_.wait(false);
  return digest_;
}

const absl::Status& Source::comments_status() const {
  done_.wait(false);
  return comments_status_;
}

const ReviewComments* Source::comments() const {
  done_.wait(false);
  return comments_.get();
}

int64_t Source::modified_ns() const {
  done_.wait(false);
  return modified_ns_;
}

Source& SourceTable::Find(std::string_view path, std::string_view directory,
                          std::string_view below_base) {
  // An absolute path names the same file in whichever directory the result file is. A NUL, which no
  // path contains, separates path and directory.
  std::string key(path);
  if (!path.starts_with('/')) {
    key.push_back('\0');
    key.append(directory);
  }
  const MutexLock lock(mutex_);
  std::unique_ptr<Source>& source = sources_[std::move(key)];
  if (!source) {
    source = std::make_unique<Source>(std::string(path), std::string(directory),
                                      std::string(below_base), comment_budget_);
  }
  return *source;
}

}  // namespace stored::reports
