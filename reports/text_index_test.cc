#include "reports/text_index.h"

#include <gtest/gtest.h>

#include <string>

namespace stored::reports {
namespace {

constexpr TextUnit kUtf16 = TextUnit::kUtf16CodeUnit;
constexpr TextUnit kCodePoint = TextUnit::kCodePoint;
constexpr TextUnit kByte = TextUnit::kByte;

// Returns "line:column" or "nowhere".
std::string Find(const TextIndex& index, uint64_t offset, TextUnit unit, TextUnit column_unit) {
  const auto place = index.Find(offset, unit, column_unit);
  if (!place.has_value()) return "nowhere";
  return std::to_string(place->line) + ":" + std::to_string(place->column);
}

TEST(TextIndex, Find_OffsetsFromZeroAreLinesAndColumnsFromOne) {
  const TextIndex index("ab\n\ncd");
  for (const TextUnit unit : {kUtf16, kCodePoint, kByte}) {
    EXPECT_EQ(Find(index, 0, unit, kUtf16), "1:1");
    EXPECT_EQ(Find(index, 2, unit, kUtf16), "1:3");
    EXPECT_EQ(Find(index, 3, unit, kUtf16), "2:1");
    EXPECT_EQ(Find(index, 5, unit, kUtf16), "3:2");
    // The end of the text is a place; an offset beyond it is not.
    EXPECT_EQ(Find(index, 6, unit, kUtf16), "3:3");
    EXPECT_EQ(Find(index, 7, unit, kUtf16), "nowhere");
    EXPECT_EQ(Find(index, UINT64_MAX, unit, kUtf16), "nowhere");
  }
}

TEST(TextIndex, Find_UnitsDiffer) {
  // Characters of one, two, three and four bytes.
  const TextIndex index("a\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80z");
  EXPECT_EQ(Find(index, 10, kByte, kByte), "1:11");
  EXPECT_EQ(Find(index, 10, kByte, kUtf16), "1:6");
  EXPECT_EQ(Find(index, 10, kByte, kCodePoint), "1:5");
  EXPECT_EQ(Find(index, 5, kUtf16, kCodePoint), "1:5");
  EXPECT_EQ(Find(index, 4, kCodePoint, kByte), "1:11");
  // An offset inside a character finds that character.
  EXPECT_EQ(Find(index, 8, kByte, kCodePoint), "1:4");
  EXPECT_EQ(Find(index, 4, kUtf16, kCodePoint), "1:4");
}

TEST(TextIndex, Find_ByteOrderMark_IsNoCharacter) {
  const TextIndex index("\xef\xbb\xbfx\ny");
  EXPECT_EQ(Find(index, 0, kUtf16, kUtf16), "1:1");
  EXPECT_EQ(Find(index, 2, kCodePoint, kUtf16), "2:1");
  EXPECT_EQ(Find(index, 3, kByte, kUtf16), "1:1");
  EXPECT_EQ(Find(index, 5, kByte, kByte), "2:1");
}

TEST(TextIndex, Find_BytesThatAreNotUtf8_ACharacterEach) {
  const TextIndex index("\xe4\x80\n\xf0\x9fz");
  EXPECT_EQ(Find(index, 3, kCodePoint, kCodePoint), "2:1");
  EXPECT_EQ(Find(index, 5, kUtf16, kUtf16), "2:3");
}

TEST(TextIndex, Find_EmptyText) {
  const TextIndex index("");
  EXPECT_EQ(Find(index, 0, kByte, kByte), "1:1");
  EXPECT_EQ(Find(index, 1, kByte, kByte), "nowhere");
}

// Compares with plain counting, in a text of many blocks, with characters across block ends and
// lines of any length.
TEST(TextIndex, Find_LongText_SameAsCounting) {
  std::string text;
  for (int i = 0; i < 9000; ++i) {
    text += i % 7 == 0 ? "\xf0\x9f\x98\x80" : i % 5 == 0 ? "\xc3\xa4" : "x";
    if (i % 2500 == 0 || (i > 8000 && i % 3 == 0)) text += '\n';
  }
  const TextIndex index(text);
  uint64_t utf16 = 0;
  uint64_t points = 0;
  uint32_t line = 1;
  uint64_t line_utf16 = 0;
  for (size_t byte = 0; byte < text.size();) {
    const std::string expected =
        std::to_string(line) + ":" + std::to_string(utf16 - line_utf16 + 1);
    ASSERT_EQ(Find(index, byte, kByte, kUtf16), expected) << byte;
    ASSERT_EQ(Find(index, points, kCodePoint, kUtf16), expected) << byte;
    ASSERT_EQ(Find(index, utf16, kUtf16, kUtf16), expected) << byte;
    const auto lead = static_cast<unsigned char>(text[byte]);
    const size_t bytes = lead >= 0xf0 ? 4 : lead >= 0xc3 ? 2 : 1;
    utf16 += bytes == 4 ? 2 : 1;
    ++points;
    if (text[byte] == '\n') {
      ++line;
      line_utf16 = utf16;
    }
    byte += bytes;
  }
}

}  // namespace
}  // namespace stored::reports
