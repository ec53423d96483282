#include "reports/sarif/warnings.h"

#include <fmt/format.h>

#include "reports/report_sink.h"

namespace stored::reports::sarif {

void Warnings::Add(std::string_view warning) {
  if (warnings_.size() + 1 >= kMaxWarnings) {
    ++left_out_;
    return;
  }
  std::string text = prefix_;
  text += warning;
  if (text.size() > kMaxWarningBytes) {
    // Not in the middle of a UTF-8 sequence.
    size_t end = kMaxWarningBytes;
    while (end > 0 && (static_cast<uint8_t>(text[end]) & 0xc0) == 0x80) --end;
    text.resize(end);
  }
  warnings_.push_back(std::move(text));
}

std::vector<std::string> Warnings::Take() && {
  if (left_out_ > 0) warnings_.push_back(fmt::format("{}further warnings: {}", prefix_, left_out_));
  return std::move(warnings_);
}

}  // namespace stored::reports::sarif
