#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string_view>

#include "absl/status/statusor.h"
#include "reports/reviews/review_comments.h"

namespace stored::reports {

// Finds the review comments in sources, as long as all of them together take no more than a given
// amount of memory. Safe for concurrent use.
class CommentBudget {
 public:
  explicit CommentBudget(uint64_t max_bytes) : max_bytes_(max_bytes) {}

  // Returns the comments of one source; null if there are none. RESOURCE_EXHAUSTED if they exceed
  // the budget.
  absl::StatusOr<std::unique_ptr<const ReviewComments>> Find(std::string_view text);

 private:
  const uint64_t max_bytes_;
  std::atomic<uint64_t> spent_ = 0;
};

}  // namespace stored::reports
