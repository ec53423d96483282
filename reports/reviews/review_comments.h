#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "reports/report.h"

namespace stored::reports {

// The verdict of a source's review comments on one finding.
struct CommentVerdict {
  enum class Kind : uint8_t {
    // Nothing.
    kNone,
    kReview,
    // More than one comment concerns it. None of them counts.
    kContradiction,
    // A comment by the finding is misspelt. None of those there counts.
    kMisspelt,
  };
  Kind kind = Kind::kNone;
  // Of kReview.
  Review review;
  // The line of the comment, from 1; of a contradiction, the line of the nearest.
  uint32_t line = 0;
  // The line of another one, of a contradiction.
  uint32_t other_line = 0;
  // The misspelt comment as it stands there.
  std::string text;
};

// The review comments of one source file. Which comments belong to a line, and what they say, is
// as in CodeChecker (codechecker_common/source_code_comment_handler.py): those in the comment lines
// right above it, up to the nearest line with "/*". Holds the text of the comments only. Immutable;
// safe for concurrent use.
class ReviewComments {
 public:
  // How much text above a line is looked at, bytes. CodeChecker knows no bound; more than that is
  // no comment that a person wrote, and looking for it could take time without bound.
  static constexpr size_t kMaxTextAbove = 64 << 10;

  // None.
  ReviewComments() = default;

  // Finds the review comments in `text`; null when there are none that could concern a line.
  // RESOURCE_EXHAUSTED when they would take more than `max_bytes` of memory.
  static absl::StatusOr<std::unique_ptr<const ReviewComments>> Find(std::string_view text,
                                                                    uint64_t max_bytes);

  // Returns what they say of a finding of `checker_name` reported at `line`, from 1.
  CommentVerdict VerdictOn(uint32_t line, std::string_view checker_name) const;

  // Bytes of memory they take.
  uint64_t Size() const;

 private:
  class Scan;

  // A line that has a keyword.
  struct Comment {
    uint32_t line = 0;
    bool known = false;
    // Of the line in the source.
    uint64_t offset = 0;
  };
  // The comments that belong to a line, and their text from the first one on to the line.
  struct Block {
    uint32_t line = 0;
    // Places in comments_.
    uint32_t first = 0;
    uint32_t last = 0;
    // In text_.
    uint64_t begin = 0;
    uint64_t end = 0;
  };

  // The text of `block` from comment `from` up to comment `to`, or to its end where that is last.
  std::string_view TextOf(const Block& block, uint32_t from, uint32_t to) const;

  std::vector<Comment> comments_;
  // By line.
  std::vector<Block> blocks_;
  std::string text_;
};

}  // namespace stored::reports
