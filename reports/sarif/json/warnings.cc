#include "reports/sarif/json/warnings.h"

#include <fmt/format.h>

#include "base/text/text.h"
#include "reports/stream/report_sink.h"

namespace stored::reports::sarif {
namespace {

// The warnings of a kind that are kept: enough to see what they have in common.
constexpr uint64_t kMaxOfAKind = 3;

void CutTo(size_t bytes, std::string& text) { text.resize(Utf8Prefix(text, bytes).size()); }

// Returns the text with each number replaced by '#'.
std::string KindOf(std::string_view text) {
  std::string kind;
  for (const char c : text) {
    const bool digit = c >= '0' && c <= '9';
    if (!digit) {
      kind += c;
    } else if (!kind.ends_with('#')) {
      kind += '#';
    }
  }
  return kind;
}

}  // namespace

void Warnings::Add(std::string_view warning) {
  if (!Keep(Spell(warning))) ++left_out_;
}

void Warnings::AddOneOfMany(std::string_view warning) {
  std::string text = Spell(warning);
  const auto [entry, added] = kinds_.try_emplace(KindOf(text));
  Kind& kind = entry->second;
  if (kind.count < kMaxOfAKind) {
    if (!Keep(std::move(text))) {
      ++left_out_;
      if (added) kinds_.erase(entry);
      return;
    }
    kind.last = warnings_.size() - 1;
  }
  ++kind.count;
}

std::string Warnings::Spell(std::string_view warning) const {
  std::string text = name_ + ": ";
  const std::string place = place_.ToString();
  if (!place.empty()) text += place + ": ";
  text += warning;
  CutTo(kMaxWarningBytes, text);
  return text;
}

bool Warnings::Keep(std::string text) {
  if (warnings_.size() + 1 >= kMaxWarnings) return false;
  warnings_.push_back(std::move(text));
  return true;
}

std::vector<std::string> Warnings::Take() && {
  for (const auto& [text, kind] : kinds_) {
    if (kind.count <= kMaxOfAKind) continue;
    const std::string more = fmt::format(" (and {} more like it)", kind.count - kMaxOfAKind);
    std::string& last = warnings_[kind.last];
    CutTo(kMaxWarningBytes - more.size(), last);
    last += more;
  }
  if (left_out_ > 0) {
    warnings_.push_back(fmt::format("{}: further warnings: {}", name_, left_out_));
  }
  return std::move(warnings_);
}

}  // namespace stored::reports::sarif
