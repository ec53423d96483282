#include "reports/collect/sources/source_lines.h"

#include <utility>

namespace stored::reports {

SourceLines::SourceLines(std::string text) : text_(std::move(text)), starts_{0} {
  for (size_t at = text_.find('\n'); at != std::string::npos; at = text_.find('\n', at + 1)) {
    starts_.push_back(at + 1);
  }
  starts_.push_back(text_.size() + 1);
}

std::string_view SourceLines::Line(size_t number) const {
  if (number == 0 || number >= starts_.size()) return {};
  const size_t start = starts_[number - 1];
  return std::string_view(text_).substr(start, starts_[number] - 1 - start);
}

}  // namespace stored::reports
