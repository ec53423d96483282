#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace stored::reports {

// The unit that offsets into a text count.
enum class TextUnit : uint8_t { kUtf16CodeUnit, kCodePoint, kByte };

// A part of a text by its offset from the text's start, in `unit`s.
struct TextSpan {
  uint64_t offset = 0;
  // Nothing when it is not known.
  std::optional<uint64_t> length;
  TextUnit unit = TextUnit::kUtf16CodeUnit;
  // What columns count there.
  TextUnit column_unit = TextUnit::kUtf16CodeUnit;

  friend bool operator==(const TextSpan&, const TextSpan&) = default;
};

// Finds the lines and columns of offsets into one text, which is UTF-8; a byte that is not counts
// as a character. Lines end with "\n". Finding takes about the same time wherever the offset is,
// however long the lines are. Immutable; safe for concurrent use.
class TextIndex {
 public:
  explicit TextIndex(std::string text);

  // Both from 1.
  struct Place {
    uint32_t line = 0;
    uint32_t column = 0;
  };
  // Returns nothing for an offset behind the text's end. Characters are counted without a byte
  // order mark, bytes with it.
  std::optional<Place> Find(uint64_t offset, TextUnit unit, TextUnit column_unit) const;

  // Bytes of the text.
  size_t size() const { return text_.size(); }

 private:
  // How much of each TextUnit there is in some part of the text.
  using Counts = std::array<uint64_t, 3>;
  // A stretch of the text; what is before it.
  struct Block {
    Counts before{};
    uint64_t lines = 0;
    // Where the line begins that the block begins in.
    size_t line_start = 0;
  };

  // Where the character begins that the offset is in.
  size_t ByteAt(uint64_t offset, TextUnit unit) const;
  // The last block that begins at or before this many units.
  const Block& BlockAt(uint64_t offset, TextUnit unit) const;
  uint64_t UnitsBefore(size_t byte, TextUnit unit) const;

  std::string text_;
  // After the byte order mark.
  size_t begin_ = 0;
  std::vector<Block> blocks_;
  Counts total_{};
};

}  // namespace stored::reports
