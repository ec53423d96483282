#pragma once

#include <array>
#include <string_view>

#include "reports/report.h"

namespace stored::reports {

// A keyword for a review status. review_status.yaml has it as it is, review comments have it after
// "codechecker_" (CodeChecker's user guide).
struct ReviewKeyword {
  std::string_view text;
  ReviewStatus status;
};

// Precedes a keyword in a review comment.
inline constexpr std::string_view kReviewCommentPrefix = "codechecker_";

// None of the keywords is the beginning of another.
inline constexpr std::array<ReviewKeyword, 4> kReviewKeywords = {{
    {"suppress", ReviewStatus::kFalsePositive},
    {"false_positive", ReviewStatus::kFalsePositive},
    {"intentional", ReviewStatus::kIntentional},
    {"confirmed", ReviewStatus::kConfirmed},
}};

}  // namespace stored::reports
