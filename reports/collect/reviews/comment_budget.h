#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string_view>

#include "absl/status/statusor.h"
#include "reports/reviews/review_comments.h"

namespace stored::reports {

// Finds review comments in one source after the other, as long as all that were found take no more
// than a given amount of memory. Safe for concurrent use.
class CommentBudget {
 public:
  explicit CommentBudget(uint64_t max_bytes) : max_bytes_(max_bytes) {}

  // Null when there are none. RESOURCE_EXHAUSTED when they are too many.
  absl::StatusOr<std::unique_ptr<const ReviewComments>> Find(std::string_view text);

 private:
  const uint64_t max_bytes_;
  std::atomic<uint64_t> spent_ = 0;
};

}  // namespace stored::reports
