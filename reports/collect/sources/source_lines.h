#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace stored::reports {

// A text by its lines. Immutable; safe for concurrent use.
class SourceLines {
 public:
  explicit SourceLines(std::string text);

  // Line `number`, from 1, without its end; empty where there is none.
  std::string_view Line(size_t number) const;

 private:
  std::string text_;
  // Where each line starts, and one place after the last line's end.
  std::vector<size_t> starts_;
};

}  // namespace stored::reports
