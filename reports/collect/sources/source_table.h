#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "base/sha256.h"
#include "reports/collect/reviews/comment_budget.h"
#include "reports/inputs/inputs.h"
#include "reports/limits.h"

namespace stored::reports {

// Reads the source that a result file in `directory` names as `path`; where there is none, the one
// that it names as `below_base`, unless that is empty.
absl::StatusOr<SourceText> ReadSourceText(const SourceProvider& provider, const std::string& path,
                                          const std::string& directory,
                                          std::string_view below_base);

// A source file as result files name it. Its content is read once, by whichever thread is first.
class Source {
 public:
  // `budget` outlives it.
  Source(std::string path, std::string directory, std::string below_base, CommentBudget& budget)
      : path_(std::move(path)),
        directory_(std::move(directory)),
        below_base_(std::move(below_base)),
        budget_(budget) {}

  // Reads and digests the content unless some thread does already; does not wait for that one.
  void Load(const SourceProvider& provider);

  // Below: wait until a Load that was begun is over.

  // Nothing (NOT_FOUND, mostly) when it could not be read.
  const absl::Status& status() const;
  // When status() is OK.
  const Sha256Digest& digest() const;
  // What kept its review comments from being found though it was read.
  const absl::Status& comments_status() const;
  // Its review comments; null where it has none, or was not read.
  const ReviewComments* comments() const;
  // When its file was last changed, see SourceText; 0 unless status() is OK.
  int64_t modified_ns() const;

  // Untrimmed.
  const std::string& path() const { return path_; }

  // Reads the content once more.
  absl::StatusOr<SourceText> ReadAgain(const SourceProvider& provider) const;

 private:
  void Read(const SourceProvider& provider);

  const std::string path_;
  const std::string directory_;
  const std::string below_base_;
  CommentBudget& budget_;
  std::atomic<bool> begun_ = false;
  std::atomic<bool> done_ = false;
  // Written before done_ is set, only read after.
  absl::Status status_;
  Sha256Digest digest_;
  absl::Status comments_status_;
  std::unique_ptr<const ReviewComments> comments_;
  int64_t modified_ns_ = 0;
};

// Every source that result files name, once. Safe for concurrent use.
class SourceTable {
 public:
  explicit SourceTable(uint64_t max_review_comment_bytes = Limits().max_review_comment_bytes)
      : comment_budget_(max_review_comment_bytes) {}

  // The source that a result file in `directory` names as `path`. Lives as long as the table.
  Source& Find(std::string_view path, std::string_view directory, std::string_view below_base = "");

  // What review comments are found with, those of texts that are in no table too.
  CommentBudget& comment_budget() { return comment_budget_; }

 private:
  CommentBudget comment_budget_;
  std::mutex mutex_;
  absl::flat_hash_map<std::string, std::unique_ptr<Source>> sources_;
};

}  // namespace stored::reports
