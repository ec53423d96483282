#include "reports/collect/reviews/comment_budget.h"

#include <fmt/format.h>

#include <algorithm>

namespace stored::reports {

absl::StatusOr<std::unique_ptr<const ReviewComments>> CommentBudget::Find(std::string_view text) {
  const uint64_t left = max_bytes_ - std::min(max_bytes_, spent_.load());
  absl::StatusOr<std::unique_ptr<const ReviewComments>> found = ReviewComments::Find(text, left);
  if (absl::IsResourceExhausted(found.status())) {
    return absl::ResourceExhaustedError(
        fmt::format("the review comments of the sources up to here take more than {} bytes of "
                    "memory, the limit of one store",
                    max_bytes_));
  }
  if (found.ok() && *found != nullptr) spent_ += (*found)->Size();
  return found;
}

}  // namespace stored::reports
