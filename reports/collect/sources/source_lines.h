#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace stored::reports {

// A text divided into lines. Immutable; safe for concurrent use.
class SourceLines {
 public:
  explicit SourceLines(std::string text);

  // Returns line `number`, from 1, without the line end; empty if there is no such line.
  std::string_view Line(size_t number) const;

 private:
  std::string text_;
  // The offset at which each line starts, and last the offset after the end of the last line.
  std::vector<size_t> starts_;
};

}  // namespace stored::reports
