#include "reports/reviews/review_comments.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <optional>
#include <utility>

#include "base/status.h"
#include "reports/reviews/line_reader.h"
#include "reports/reviews/review_comment.h"
#include "reports/reviews/review_keywords.h"

namespace stored::reports {
namespace {

constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";

// Returns false for most sources, which are then not scanned line by line. memmem is many times
// faster here than string_view::find.
bool MayHaveComments(std::string_view text) {
  return ::memmem(text.data(), text.size(), kReviewCommentPrefix.data(),
                  kReviewCommentPrefix.size()) != nullptr;
}

CommentVerdict Misspelt(uint32_t line, std::string_view text) {
  CommentVerdict verdict;
  verdict.kind = CommentVerdict::Kind::kMisspelt;
  verdict.line = line;
  verdict.text = text;
  return verdict;
}

}  // namespace

// Scans a source once, from the first line to the last.
//
// CodeChecker instead walks up from each reported line: over lines that start with "//" or have
// "*/" in them; once it has met a "*/", over any line; and not beyond a line with "/*". The line
// that such a walk reaches follows from the line that the walk from the line above reaches, so one
// pass finds it for every line.
class ReviewComments::Scan {
 public:
  Scan(std::string_view text, uint64_t max_bytes) : text_(text), max_bytes_(max_bytes) {}

  absl::StatusOr<std::unique_ptr<const ReviewComments>> Run() {
    LineReader reader(text_);
    while (reader.Next()) {
      std::string_view line = reader.line();
      if (reader.number() == 1 && line.starts_with(kByteOrderMark)) {
        line.remove_prefix(kByteOrderMark.size());
      }
      TakeLine(line, reader);
      STORED_RETURN_IF_ERROR(AddBlock(reader));
    }
    if (found_->blocks_.empty()) return nullptr;
    found_->comments_.shrink_to_fit();
    found_->blocks_.shrink_to_fit();
    found_->text_.shrink_to_fit();
    return std::move(found_);
  }

 private:
  void TakeLine(std::string_view line, const LineReader& reader) {
    const auto before = static_cast<uint32_t>(found_->comments_.size());
    const bool known = HasReviewKeyword(line);
    if (known || HasUnknownReviewKeyword(line)) {
      const auto offset = static_cast<uint64_t>(line.data() - text_.data());
      found_->comments_.push_back({reader.number(), known, offset});
    }
    const CommentMarks marks = CommentMarksOf(line);
    if (marks.begins) {
      first_ = comment_first_ = before;
    } else if (marks.ends) {
      first_ = comment_first_;
    } else if (!marks.whole_line) {
      first_ = static_cast<uint32_t>(found_->comments_.size());
    }
  }

  // Adds the comments that belong to the line after the current one.
  absl::Status AddBlock(const LineReader& reader) {
    const std::vector<Comment>& comments = found_->comments_;
    const size_t end = reader.end();
    while (oldest_ < comments.size() && comments[oldest_].offset + kMaxTextAbove < end) ++oldest_;
    const uint32_t first = std::max(first_, oldest_);
    if (first >= comments.size()) return absl::OkStatus();
    const size_t begin = comments[first].offset;
    Keep(begin, end);
    found_->blocks_.push_back({reader.number() + 1, first, static_cast<uint32_t>(comments.size()),
                               kept_text_ + (begin - kept_begin_),
                               kept_text_ + (end - kept_begin_)});
    if (found_->Size() <= max_bytes_) return absl::OkStatus();
    return absl::ResourceExhaustedError(
        fmt::format("its review comments take more than {} bytes of memory", max_bytes_));
  }

  // Makes sure that the kept text ends with the source from `begin` to `end` as one piece.
  void Keep(size_t begin, size_t end) {
    if (begin < kept_begin_ || begin > kept_end_ || found_->text_.empty()) {
      kept_begin_ = kept_end_ = begin;
      kept_text_ = found_->text_.size();
    }
    if (end <= kept_end_) return;
    found_->text_ += text_.substr(kept_end_, end - kept_end_);
    kept_end_ = end;
  }

  const std::string_view text_;
  const uint64_t max_bytes_;
  std::unique_ptr<ReviewComments> found_ = std::make_unique<ReviewComments>();
  // The first comment that belongs to the line after the current one.
  uint32_t first_ = 0;
  // The first comment since the last "/*". It becomes first_ at a line with "*/".
  uint32_t comment_first_ = 0;
  // The first comment that is at most kMaxTextAbove bytes above the current line's end.
  uint32_t oldest_ = 0;
  // The piece of the source with which the kept text ends, and the place in the kept text where it
  // begins.
  size_t kept_begin_ = 0;
  size_t kept_end_ = 0;
  size_t kept_text_ = 0;
};

absl::StatusOr<std::unique_ptr<const ReviewComments>> ReviewComments::Find(std::string_view text,
                                                                           uint64_t max_bytes) {
  if (!MayHaveComments(text)) return nullptr;
  return Scan(text, max_bytes).Run();
}

CommentVerdict ReviewComments::VerdictOn(uint32_t line, std::string_view checker_name) const {
  const auto block =
      std::lower_bound(blocks_.begin(), blocks_.end(), line,
                       [](const Block& at, uint32_t wanted) { return at.line < wanted; });
  if (block == blocks_.end() || block->line != line) return {};
  CommentVerdict verdict;
  CommentVerdict unknown;
  // Visits the comments from the nearest to the farthest.
  for (uint32_t i = block->last, end = block->last; i-- > block->first;) {
    const Comment& comment = comments_[i];
    if (!comment.known) {
      if (unknown.kind != CommentVerdict::Kind::kNone) continue;
      unknown = Misspelt(comment.line, TextOf(*block, i, i + 1));
      continue;
    }
    const std::string_view text = TextOf(*block, i, std::exchange(end, i));
    const std::optional<ReviewComment> parsed = ParseReviewComment(text);
    if (!parsed) return Misspelt(comment.line, text);
    if (!parsed->Concerns(checker_name)) continue;
    if (verdict.kind == CommentVerdict::Kind::kNone) {
      verdict.kind = CommentVerdict::Kind::kReview;
      verdict.review = parsed->review;
      verdict.line = comment.line;
    } else {
      verdict.kind = CommentVerdict::Kind::kContradiction;
      verdict.other_line = comment.line;
    }
  }
  return verdict.kind == CommentVerdict::Kind::kNone ? unknown : verdict;
}

std::string_view ReviewComments::TextOf(const Block& block, uint32_t from, uint32_t to) const {
  const uint64_t first = comments_[block.first].offset;
  const uint64_t begin = block.begin + (comments_[from].offset - first);
  const uint64_t end = to == block.last ? block.end : block.begin + (comments_[to].offset - first);
  return std::string_view(text_).substr(begin, end - begin);
}

uint64_t ReviewComments::Size() const {
  return text_.size() + comments_.size() * sizeof(Comment) + blocks_.size() * sizeof(Block);
}

}  // namespace stored::reports
