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
  // Not set if not known.
  std::optional<uint64_t> length;
  TextUnit unit = TextUnit::kUtf16CodeUnit;
  // The unit that columns count in that text.
  TextUnit column_unit = TextUnit::kUtf16CodeUnit;

  friend bool operator==(const TextSpan&, const TextSpan&) = default;
};

// Finds the lines and columns of offsets into one UTF-8 text. A byte that is not valid UTF-8 counts
// as a character. Lines end with "\n". A search takes about the same time for every offset, even if
// lines are long. Immutable; safe for concurrent use.
class TextIndex {
 public:
  explicit TextIndex(std::string text);

  // Both are 1-based.
  struct Place {
    uint32_t line = 0;
    uint32_t column = 0;
  };
  // Returns nullopt if `offset` is beyond the end of the text. A byte order mark counts for offsets
  // in bytes, but not for those in characters.
  std::optional<Place> Find(uint64_t offset, TextUnit unit, TextUnit column_unit) const;

  // Returns the size of the text in bytes.
  size_t size() const { return text_.size(); }

 private:
  // The size of some part of the text in each TextUnit.
  using Counts = std::array<uint64_t, 3>;
  // The counts up to the start of a block of the text.
  struct Block {
    Counts before{};
    uint64_t lines = 0;
    // The byte at which the first line of the block begins, which may be in an earlier block.
    size_t line_start = 0;
  };

  // Returns the byte offset of the start of the character that `offset` is in.
  size_t ByteAt(uint64_t offset, TextUnit unit) const;
  // Returns the last block that begins at or before the offset.
  const Block& BlockAt(uint64_t offset, TextUnit unit) const;
  uint64_t UnitsBefore(size_t byte, TextUnit unit) const;

  std::string text_;
  // The first byte after the byte order mark, if there is one.
  size_t begin_ = 0;
  std::vector<Block> blocks_;
  Counts total_{};
};

}  // namespace stored::reports
