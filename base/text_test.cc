#include "base/text.h"

#include <gtest/gtest.h>

#include <string>

namespace stored {
namespace {

TEST(TextTest, ReplaceInvalidUtf8_KeepsWhatIsValid) {
  EXPECT_EQ(ReplaceInvalidUtf8("na\xc3\xafve \xf0\x9f\x90\x9b"), "na\xc3\xafve \xf0\x9f\x90\x9b");
  EXPECT_EQ(ReplaceInvalidUtf8("caf\xe9!"), "caf\xef\xbf\xbd!");
  // Truncated sequence: one replacement. Surrogate and overlong: a replacement a byte.
  EXPECT_EQ(ReplaceInvalidUtf8("\xf0\x9f\x90"), "\xef\xbf\xbd");
  EXPECT_EQ(ReplaceInvalidUtf8("\xed\xa0\x80"), "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd");
  EXPECT_EQ(ReplaceInvalidUtf8("\xc0\xaf"), "\xef\xbf\xbd\xef\xbf\xbd");
}

TEST(TextTest, IsValidUtf8_AgreesWithReplacement) {
  for (const std::string& text :
       {std::string("plain"), std::string("long enough to go by words"), std::string("caf\xe9"),
        std::string("\xe2\x82\xac"), std::string("eight by\xff"), std::string()}) {
    EXPECT_EQ(IsValidUtf8(text), ReplaceInvalidUtf8(text) == text) << text;
  }
}

TEST(TextTest, Printable_OneLineWhateverComes) {
  EXPECT_EQ(Printable("a\nb\tc\x1b[31m"), "a\\nb\\tc\\x1b[31m");
  EXPECT_EQ(Printable("\xc2\x9b"
                      "caf\xc3\xa9"),
            "\\x9b"
            "caf\xc3\xa9");
  EXPECT_FALSE(HasControlCharacter("caf\xc3\xa9"));
  EXPECT_TRUE(HasControlCharacter("a\x7f"));
  EXPECT_EQ(Printable(std::string("a\0b", 3)), "a\\x00b");
  // Right-to-left override, line separator, isolate; and neighbours that are none.
  EXPECT_EQ(Printable("a\xe2\x80\xae"
                      "b\xe2\x80\xa8\xe2\x81\xa6"),
            "a\\u202eb\\u2028\\u2066");
  EXPECT_FALSE(HasControlCharacter("\xe2\x80\xa7\xe2\x80\xaf\xe2\x82\xac\xe2\x80"));
}

TEST(TextTest, GlobMatch_ShellPatterns) {
  EXPECT_TRUE(GlobMatch("*/third_party/*", "/src/third_party/a/b.c"));
  EXPECT_TRUE(GlobMatch("*.cc", "dir/x.cc"));
  EXPECT_FALSE(GlobMatch("*.cc", "x.cc.h"));
  EXPECT_TRUE(GlobMatch("a?c", "abc"));
  EXPECT_FALSE(GlobMatch("a?c", "ac"));
  EXPECT_TRUE(GlobMatch("[a-c]x[!0-9]", "bxz"));
  EXPECT_FALSE(GlobMatch("[a-c]x[!0-9]", "bx5"));
  EXPECT_TRUE(GlobMatch("[", "["));
  EXPECT_TRUE(GlobMatch("", ""));
  EXPECT_FALSE(GlobMatch("", "x"));
}

TEST(TextTest, GlobMatch_ManyStars_EndsSoon) {
  std::string pattern;
  for (int i = 0; i < 50; ++i) pattern += "*a";
  EXPECT_FALSE(GlobMatch(pattern + "b", std::string(5000, 'a')));
  const std::string brackets(2000, '[');
  EXPECT_FALSE(GlobMatch("*" + brackets + "x" + brackets, std::string(4096, '[')));
}

}  // namespace
}  // namespace stored
