#include "reports/reviews/review_comment.h"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "reports/reviews/line_reader.h"
#include "reports/reviews/review_keywords.h"

namespace stored::reports {
namespace {

// Returns the keyword at the start of `text`, or null.
const ReviewKeyword* KeywordAt(std::string_view text) {
  if (!text.starts_with(kReviewCommentPrefix)) return nullptr;
  text.remove_prefix(kReviewCommentPrefix.size());
  const auto* const found =
      std::find_if(kReviewKeywords.begin(), kReviewKeywords.end(),
                   [&](const ReviewKeyword& word) { return text.starts_with(word.text); });
  return found == kReviewKeywords.end() ? nullptr : found;
}

// Returns the length in bytes of the white space character at the start of `text`, or 0 if there is
// none. White space is what Python's str.split() treats as such, in UTF-8.
size_t WhiteSpaceLength(std::string_view text) {
  const auto byte = [&](size_t i) {
    return i < text.size() ? static_cast<uint8_t>(text[i]) : uint8_t{0};
  };
  const uint8_t first = byte(0);
  if (first == ' ' || (first >= 0x09 && first <= 0x0d)) return 1;
  if (first >= 0x1c && first <= 0x1f) return 1;
  if (first == 0xc2) return byte(1) == 0x85 || byte(1) == 0xa0 ? 2 : 0;
  if (first == 0xe1) return byte(1) == 0x9a && byte(2) == 0x80 ? 3 : 0;
  if (first == 0xe3) return byte(1) == 0x80 && byte(2) == 0x80 ? 3 : 0;
  if (first != 0xe2) return 0;
  if (byte(1) == 0x81) return byte(2) == 0x9f ? 3 : 0;
  if (byte(1) != 0x80) return 0;
  const uint8_t last = byte(2);
  const bool is_space =
      (last >= 0x80 && last <= 0x8a) || last == 0xa8 || last == 0xa9 || last == 0xaf;
  return is_space ? 3 : 0;
}

std::string_view WithoutLeadingWhiteSpace(std::string_view text) {
  for (size_t length = WhiteSpaceLength(text); length > 0; length = WhiteSpaceLength(text)) {
    text.remove_prefix(length);
  }
  return text;
}

// Appends the words of `text` to `out`, separated by single blanks.
void AppendWords(std::string_view text, std::string& out) {
  bool at_start = true;
  while (!text.empty()) {
    const size_t length = WhiteSpaceLength(text);
    if (length > 0) {
      text.remove_prefix(length);
      at_start = true;
      continue;
    }
    if (at_start && !out.empty()) out += ' ';
    at_start = false;
    out += text.front();
    text.remove_prefix(1);
  }
}

std::string Without(std::string_view text, std::string_view part) {
  std::string rest;
  for (size_t at = text.find(part); at != std::string_view::npos; at = text.find(part)) {
    rest += text.substr(0, at);
    text.remove_prefix(at + part.size());
  }
  return rest += text;
}

std::string_view WithoutSlashes(std::string_view line) {
  line = WithoutLeadingWhiteSpace(line);
  while (line.starts_with("//")) line = WithoutLeadingWhiteSpace(line.substr(2));
  return line;
}

std::string WithoutStars(std::string_view line) {
  std::string text = Without(Without(WithoutLeadingWhiteSpace(line), "/*"), "*/");
  if (text.starts_with('*')) text.erase(0, 1);
  return text;
}

// Returns the words of a comment, separated by single blanks, without the comment marks.
std::string WordsOf(std::string_view lines) {
  std::string words;
  const bool slashes = CommentMarksOf(lines).whole_line;
  for (LineReader reader(lines); reader.Next();) {
    if (slashes) {
      AppendWords(WithoutSlashes(reader.line()), words);
    } else {
      AppendWords(WithoutStars(reader.line()), words);
    }
  }
  return words;
}

std::vector<std::string> NamesIn(std::string_view list) {
  std::vector<std::string> names;
  while (true) {
    const size_t begin = list.find_first_not_of(", ");
    if (begin == std::string_view::npos) return names;
    list.remove_prefix(begin);
    const size_t end = std::min(list.find_first_of(", "), list.size());
    names.emplace_back(list.substr(0, end));
    list.remove_prefix(end);
  }
}

}  // namespace

bool ReviewComment::Concerns(std::string_view checker_name) const {
  return std::any_of(checkers.begin(), checkers.end(), [&](const std::string& part) {
    return part == "all" || checker_name.find(part) != std::string_view::npos;
  });
}

bool HasReviewKeyword(std::string_view line) {
  for (size_t at = line.find(kReviewCommentPrefix); at != std::string_view::npos;
       at = line.find(kReviewCommentPrefix, at + 1)) {
    if (KeywordAt(line.substr(at)) != nullptr) return true;
  }
  return false;
}

bool HasUnknownReviewKeyword(std::string_view line) {
  line = WithoutLeadingWhiteSpace(line);
  const std::string_view text =
      WithoutLeadingWhiteSpace(line.substr(std::min(line.find_first_not_of("/*!"), line.size())));
  return text.size() < line.size() && text.starts_with(kReviewCommentPrefix) &&
         !HasReviewKeyword(text);
}

CommentMarks CommentMarksOf(std::string_view line) {
  return {.whole_line = WithoutLeadingWhiteSpace(line).starts_with("//"),
          .begins = line.find("/*") != std::string_view::npos,
          .ends = line.find("*/") != std::string_view::npos};
}

std::optional<ReviewComment> ParseReviewComment(std::string_view lines) {
  const std::string words = WordsOf(lines);
  const ReviewKeyword* const keyword = KeywordAt(words);
  if (keyword == nullptr) return std::nullopt;
  std::string_view rest =
      std::string_view(words).substr(kReviewCommentPrefix.size() + keyword->text.size());
  rest = WithoutLeadingWhiteSpace(rest);
  const size_t close = rest.find(']');
  if (!rest.starts_with('[') || close == std::string_view::npos) return std::nullopt;
  ReviewComment comment;
  comment.checkers = NamesIn(rest.substr(1, close - 1));
  comment.review = {.status = keyword->status,
                    .comment = std::string(WithoutLeadingWhiteSpace(rest.substr(close + 1))),
                    .in_source = true};
  if (comment.review.comment.empty()) comment.review.comment = kNoReviewReason;
  return comment;
}

}  // namespace stored::reports
