#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "reports/report.h"

namespace stored::reports {

// A review comment: "codechecker_suppress [CHECKER, ...] TEXT" or one with another keyword
// (CodeChecker's docs/analyzer/user_guide.md, "Setting with source code comments").
struct ReviewComment {
  Review review;
  // Names of checkers, or parts of names; "all" stands for every checker.
  std::vector<std::string> checkers;

  bool Concerns(std::string_view checker_name) const;
};

// Returns true if `line` has, anywhere, a keyword that makes a comment a review comment.
bool HasReviewKeyword(std::string_view line);

// Returns true if `line` begins like a review comment, but with an unknown keyword.
bool HasUnknownReviewKeyword(std::string_view line);

// The marks by which a line is part of a comment.
struct CommentMarks {
  // "//" is the first text in the line.
  bool whole_line = false;
  // The line has "/*" or "*/" anywhere.
  bool begins = false;
  bool ends = false;
};
CommentMarks CommentMarksOf(std::string_view line);

// Reads the comment in `lines`, which begin with the line that has the keyword. Returns nothing
// unless the keyword is the first word of the comment and a list of checkers in brackets follows.
std::optional<ReviewComment> ParseReviewComment(std::string_view lines);

// The reason for a review comment without a text, as in CodeChecker.
inline constexpr char kNoReviewReason[] = "WARNING! source code comment is missing";

}  // namespace stored::reports
