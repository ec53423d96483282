#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace stored::reports {

// Reads a text line by line. A line ends at "\n", "\r\n" or a lone "\r", as compilers count lines.
class LineReader {
 public:
  explicit LineReader(std::string_view text) : text_(text) {}

  // Moves to the next line; the first call moves to the first line. Returns false after the last
  // line.
  bool Next() {
    if (next_ >= text_.size()) return false;
    begin_ = next_;
    if (newline_ < begin_ || number_ == 0) newline_ = FindOrEnd('\n', text_.size());
    end_ = FindOrEnd('\r', newline_);
    next_ = end_ + (end_ + 1 == newline_ ? 2 : 1);
    ++number_;
    return true;
  }

  // The current line: its text without the line end, and its bounds in the text.
  std::string_view line() const { return text_.substr(begin_, end_ - begin_); }
  size_t begin() const { return begin_; }
  size_t end() const { return end_; }
  // The number of the current line, from 1.
  uint32_t number() const { return number_; }

 private:
  // Returns the place of `c` in the text from begin_ to `end`, or `end` if it is not there.
  size_t FindOrEnd(char c, size_t end) const {
    const size_t at = text_.substr(begin_, end - begin_).find(c);
    return at == std::string_view::npos ? end : begin_ + at;
  }

  const std::string_view text_;
  size_t begin_ = 0;
  size_t end_ = 0;
  size_t next_ = 0;
  // The "\n" at or after begin_. Kept, because in a text with only "\r" every line would search for
  // it.
  size_t newline_ = 0;
  uint32_t number_ = 0;
};

}  // namespace stored::reports
