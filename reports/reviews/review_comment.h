#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "reports/report.h"

namespace stored::reports {

// A review comment: "codechecker_suppress [CHECKER, ...] TEXT" and its kin (CodeChecker's
// docs/analyzer/user_guide.md, "Setting with source code comments").
struct ReviewComment {
  Review review;
  // Names of checkers, or parts of names; "all" stands for every checker.
  std::vector<std::string> checkers;

  bool Concerns(std::string_view checker_name) const;
};

// Returns whether `line` has a keyword that makes a comment a review comment, wherever in it.
bool HasReviewKeyword(std::string_view line);

// Returns whether `line` begins like a review comment, but with a keyword that is not known.
bool HasUnknownReviewKeyword(std::string_view line);

// Whether a line is part of a comment.
struct CommentMarks {
  // "//" is the first thing in it.
  bool whole_line = false;
  // It has "/*" or "*/", wherever.
  bool begins = false;
  bool ends = false;
};
CommentMarks CommentMarksOf(std::string_view line);

// Reads the comment in `lines`, which begin with the line that has the keyword. Returns nothing
// when the keyword is not the first thing in the comment, or no list of checkers in brackets
// follows it.
std::optional<ReviewComment> ParseReviewComment(std::string_view lines);

// The reason of a review comment that gives none, as in CodeChecker.
inline constexpr char kNoReviewReason[] = "WARNING! source code comment is missing";

}  // namespace stored::reports
