#pragma once

#include <array>
#include <string_view>

#include "reports/report.h"

namespace stored::reports {

// A word for a review status, in review_status.yaml as it is and in review comments behind
// "codechecker_" (CodeChecker's user guide).
struct ReviewWord {
  std::string_view text;
  ReviewStatus status;
};

// No word is the beginning of another.
inline constexpr std::array<ReviewWord, 4> kReviewWords = {{
    {"suppress", ReviewStatus::kFalsePositive},
    {"false_positive", ReviewStatus::kFalsePositive},
    {"intentional", ReviewStatus::kIntentional},
    {"confirmed", ReviewStatus::kConfirmed},
}};

}  // namespace stored::reports
