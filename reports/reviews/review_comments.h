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
    // No comment concerns the finding.
    kNone,
    kReview,
    // Several comments concern the finding, so that none of them counts.
    kContradiction,
    // No comment counts: one that belongs to the line cannot be parsed, or none concerns the
    // finding
    // and one has an unknown keyword.
    kMisspelt,
  };
  Kind kind = Kind::kNone;
  // Set for kReview.
  Review review;
  // The line of the comment, from 1; for kContradiction, the line of the nearest one.
  uint32_t line = 0;
  // The line of another comment, for kContradiction.
  uint32_t other_line = 0;
  // The misspelt comment as the source has it.
  std::string text;
};

// The review comments of one source file. The comments that belong to a line, and their meaning,
// are those of CodeChecker (codechecker_common/source_code_comment_handler.py): the comments in the
// comment lines directly above the line, up to the nearest line with "/*". Holds only the text of
// the comments. Immutable; safe for concurrent use.
class ReviewComments {
 public:
  // The number of bytes above a line that are searched. CodeChecker does not have a bound. No
  // person writes longer comments, but a generated file could make an unbounded search slow.
  static constexpr size_t kMaxTextAbove = 64 << 10;

  // Constructs an object without comments.
  ReviewComments() = default;

  // Finds the review comments in `text`; returns null if none of them could concern a line.
  // RESOURCE_EXHAUSTED if they would take more than `max_bytes` of memory.
  static absl::StatusOr<std::unique_ptr<const ReviewComments>> Find(std::string_view text,
                                                                    uint64_t max_bytes);

  // Returns the verdict on a finding of `checker_name` reported at `line`, from 1.
  CommentVerdict VerdictOn(uint32_t line, std::string_view checker_name) const;

  // Returns the memory that the comments take, in bytes.
  uint64_t Size() const;

 private:
  class Scan;

  // A line with a keyword.
  struct Comment {
    uint32_t line = 0;
    bool known = false;
    // The offset of the line in the source.
    uint64_t offset = 0;
  };
  // The comments that belong to a line, and their text from the first comment down to the line.
  struct Block {
    uint32_t line = 0;
    // Indices in comments_.
    uint32_t first = 0;
    uint32_t last = 0;
    // Offsets in text_.
    uint64_t begin = 0;
    uint64_t end = 0;
  };

  // Returns the text of `block` from comment `from` to comment `to`, or to the end of the block if
  // `to` is block.last.
  std::string_view TextOf(const Block& block, uint32_t from, uint32_t to) const;

  std::vector<Comment> comments_;
  // Sorted by line.
  std::vector<Block> blocks_;
  std::string text_;
};

}  // namespace stored::reports
