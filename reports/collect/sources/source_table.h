#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "base/mutex.h"
#include "base/sha256.h"
#include "reports/collect/reviews/comment_budget.h"
#include "reports/inputs/inputs.h"
#include "reports/limits.h"

namespace stored::reports {

// Reads the source that a result file in `directory` names as `path`. If it is not found or must
// not be read, tries `below_base`, unless that is empty.
absl::StatusOr<SourceText> ReadSourceText(const SourceProvider& provider, const std::string& path,
                                          const std::string& directory,
                                          std::string_view below_base);

// A source file as result files name it. Its content is read once, by the first thread that calls
// Load(). Safe for concurrent use.
class Source {
 public:
  // `budget` outlives it.
  Source(std::string path, std::string directory, std::string below_base, CommentBudget& budget)
      : path_(std::move(path)),
        directory_(std::move(directory)),
        below_base_(std::move(below_base)),
        budget_(budget) {}

  // Reads and digests the content, or returns at once if another thread has begun to.
  void Load(const SourceProvider& provider);

  // The following block until Load() has finished.
  // REQUIRES: a thread has called Load().

  // Returns why the content could not be read (usually NOT_FOUND), else OK.
  const absl::Status& status() const;
  // REQUIRES: status() is OK.
  const Sha256Digest& digest() const;
  // Returns why the review comments could not be found in the content, else OK.
  const absl::Status& comments_status() const;
  // Returns the review comments; null if it has none or was not read.
  const ReviewComments* comments() const;
  // Returns when the file was last changed, see SourceText; 0 unless status() is OK.
  int64_t modified_ns() const;

  // Returns the path before trimming.
  const std::string& path() const { return path_; }

  // Reads the content again.
  absl::StatusOr<SourceText> ReadAgain(const SourceProvider& provider) const;

 private:
  void Read(const SourceProvider& provider);

  const std::string path_;
  const std::string directory_;
  const std::string below_base_;
  CommentBudget& budget_;
  std::atomic<bool> begun_ = false;
  std::atomic<bool> done_ = false;
  // Written before done_ is set, and read only after that.
  absl::Status status_;
  Sha256Digest digest_;
  absl::Status comments_status_;
  std::unique_ptr<const ReviewComments> comments_;
  int64_t modified_ns_ = 0;
};

// The sources that result files name, each once. Safe for concurrent use.
class SourceTable {
 public:
  explicit SourceTable(uint64_t max_review_comment_bytes = Limits().max_review_comment_bytes)
      : comment_budget_(max_review_comment_bytes) {}

  // Returns the source that a result file in `directory` names as `path`, see ReadSourceText. It
  // lives as long as the table.
  Source& Find(std::string_view path, std::string_view directory, std::string_view below_base = "");

  // Returns the budget that review comments of all texts share, those embedded in result files
  // included.
  CommentBudget& comment_budget() { return comment_budget_; }

 private:
  CommentBudget comment_budget_;
  Mutex mutex_;
  // By path, and by directory too if the path is relative.
  absl::flat_hash_map<std::string, std::unique_ptr<Source>> sources_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace stored::reports
