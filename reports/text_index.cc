#include "reports/text_index.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace stored::reports {
namespace {

constexpr size_t kBlockBytes = 512;
constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";

bool Continues(char c) { return (static_cast<unsigned char>(c) & 0xc0) == 0x80; }

// Returns the size of the character at `at`; 1 if the text is not valid UTF-8 there.
size_t CharacterBytes(std::string_view text, size_t at) {
  const auto lead = static_cast<unsigned char>(text[at]);
  if (lead < 0xc2 || lead > 0xf4) return 1;
  const size_t bytes = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  if (bytes > text.size() - at) return 1;
  for (size_t i = 1; i < bytes; ++i) {
    if (!Continues(text[at + i])) return 1;
  }
  return bytes;
}

// Returns how many units a character of `bytes` bytes takes.
uint64_t UnitsOf(size_t bytes, TextUnit unit) {
  switch (unit) {
    case TextUnit::kUtf16CodeUnit:
      return bytes == 4 ? 2 : 1;
    case TextUnit::kCodePoint:
      return 1;
    case TextUnit::kByte:
      return bytes;
  }
  return bytes;
}

constexpr TextUnit kUnits[] = {TextUnit::kUtf16CodeUnit, TextUnit::kCodePoint, TextUnit::kByte};

size_t IndexOf(TextUnit unit) { return static_cast<size_t>(unit); }

}  // namespace

TextIndex::TextIndex(std::string text) : text_(std::move(text)) {
  if (text_.starts_with(kByteOrderMark)) begin_ = kByteOrderMark.size();
  total_[IndexOf(TextUnit::kByte)] = begin_;
  Block at{.before = total_, .lines = 0, .line_start = begin_};
  blocks_.push_back(at);
  for (size_t i = begin_; i < text_.size();) {
    if (at.before[IndexOf(TextUnit::kByte)] >=
        blocks_.back().before[IndexOf(TextUnit::kByte)] + kBlockBytes) {
      blocks_.push_back(at);
    }
    const size_t bytes = CharacterBytes(text_, i);
    for (const TextUnit unit : kUnits) at.before[IndexOf(unit)] += UnitsOf(bytes, unit);
    if (text_[i] == '\n') {
      ++at.lines;
      at.line_start = i + 1;
    }
    i += bytes;
  }
  total_ = at.before;
}

std::optional<TextIndex::Place> TextIndex::Find(uint64_t offset, TextUnit unit,
                                                TextUnit column_unit) const {
  if (offset > total_[IndexOf(unit)]) return std::nullopt;
  const size_t byte = ByteAt(offset, unit);
  const Block& block = BlockAt(byte, TextUnit::kByte);
  const std::string_view before =
      std::string_view(text_).substr(0, byte).substr(block.before[IndexOf(TextUnit::kByte)]);
  const uint64_t line =
      block.lines + static_cast<uint64_t>(std::count(before.begin(), before.end(), '\n')) + 1;
  const size_t last_end = before.rfind('\n');
  const size_t line_start = last_end == std::string_view::npos
                                ? block.line_start
                                : block.before[IndexOf(TextUnit::kByte)] + last_end + 1;
  const uint64_t column = UnitsBefore(byte, column_unit) - UnitsBefore(line_start, column_unit) + 1;
  constexpr uint64_t kMost = std::numeric_limits<int32_t>::max();
  if (line > kMost || column > kMost) return std::nullopt;
  return Place{static_cast<uint32_t>(line), static_cast<uint32_t>(column)};
}

size_t TextIndex::ByteAt(uint64_t offset, TextUnit unit) const {
  const Block& block = BlockAt(offset, unit);
  uint64_t units = block.before[IndexOf(unit)];
  size_t byte = block.before[IndexOf(TextUnit::kByte)];
  while (byte < text_.size()) {
    const size_t bytes = CharacterBytes(text_, byte);
    units += UnitsOf(bytes, unit);
    if (units > offset) break;
    byte += bytes;
  }
  return byte;
}

const TextIndex::Block& TextIndex::BlockAt(uint64_t offset, TextUnit unit) const {
  const auto after = std::upper_bound(
      blocks_.begin(), blocks_.end(), offset,
      [unit](uint64_t units, const Block& block) { return units < block.before[IndexOf(unit)]; });
  return after == blocks_.begin() ? blocks_.front() : *std::prev(after);
}

uint64_t TextIndex::UnitsBefore(size_t byte, TextUnit unit) const {
  const Block& block = BlockAt(byte, TextUnit::kByte);
  uint64_t units = block.before[IndexOf(unit)];
  for (size_t at = block.before[IndexOf(TextUnit::kByte)]; at < byte;) {
    const size_t bytes = CharacterBytes(text_, at);
    units += UnitsOf(bytes, unit);
    at += bytes;
  }
  return units;
}

}  // namespace stored::reports
