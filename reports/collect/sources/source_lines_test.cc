#include "reports/collect/sources/source_lines.h"

#include <gtest/gtest.h>

namespace stored::reports {
namespace {

TEST(SourceLines, Line_WithAndWithoutLastLineEnd) {
  for (const char* text : {"a\n\nc", "a\n\nc\n"}) {
    const SourceLines lines(text);
    EXPECT_EQ(lines.Line(1), "a");
    EXPECT_EQ(lines.Line(2), "");
    EXPECT_EQ(lines.Line(3), "c");
    EXPECT_EQ(lines.Line(4), "");
  }
}

TEST(SourceLines, Line_OutOfRange_Empty) {
  const SourceLines lines("a");
  EXPECT_EQ(lines.Line(0), "");
  EXPECT_EQ(lines.Line(2), "");
  EXPECT_EQ(lines.Line(SIZE_MAX), "");
  EXPECT_EQ(SourceLines("").Line(1), "");
}

}  // namespace
}  // namespace stored::reports
