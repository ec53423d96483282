#include "base/text/text.h"

#include <gtest/gtest.h>

#include <iterator>
#include <string>

namespace stored {
namespace {

TEST(TextTest, ReplaceInvalidUtf8_KeepsWhatIsValid) {
  EXPECT_EQ(ReplaceInvalidUtf8("na\xc3\xafve \xf0\x9f\x90\x9b"), "na\xc3\xafve \xf0\x9f\x90\x9b");
  EXPECT_EQ(ReplaceInvalidUtf8("caf\xe9!"), "caf\xef\xbf\xbd!");
  // A truncated sequence gets one replacement, a surrogate or an overlong form one per byte.
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

TEST(TextTest, Utf8Prefix_WellFormed_CutBetweenCharacters) {
  const std::string text = "a\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80z";
  const size_t kept[] = {0, 1, 1, 3, 3, 3, 6, 6, 6, 6, 10, 11, 11};
  for (size_t max_bytes = 0; max_bytes < std::size(kept); ++max_bytes) {
    EXPECT_EQ(Utf8Prefix(text, max_bytes), text.substr(0, kept[max_bytes])) << max_bytes;
  }
}

TEST(TextTest, Utf8Prefix_IllFormed_ByteIsACharacter) {
  EXPECT_EQ(Utf8Prefix(std::string(9, '\x80'), 5), std::string(5, '\x80'));
  EXPECT_EQ(Utf8Prefix("a\xe2\x82", 2), "a\xe2");
  EXPECT_EQ(Utf8Prefix("\xc3\xa4\xa4", 2), "\xc3\xa4");
  EXPECT_EQ(Utf8Prefix("", 0), "");
}

TEST(TextTest, Printable_IsAlwaysOneLine) {
  EXPECT_EQ(Printable("a\nb\tc\x1b[31m"), "a\\nb\\tc\\x1b[31m");
  EXPECT_EQ(Printable("\xc2\x9b"
                      "caf\xc3\xa9"),
            "\\x9b"
            "caf\xc3\xa9");
  EXPECT_FALSE(HasControlCharacter("caf\xc3\xa9"));
  EXPECT_TRUE(HasControlCharacter("a\x7f"));
  EXPECT_EQ(Printable(std::string("a\0b", 3)), "a\\x00b");
  // A right-to-left override, a line separator and an isolate; then their neighbours, which are not
  // control characters.
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

TEST(TextTest, GlobMatch_CountsCharactersNotBytes) {
  const std::string u_umlaut = "\xc3\xbc";
  const std::string euro = "\xe2\x82\xac";
  const std::string smile = "\xf0\x9f\x98\x80";
  EXPECT_TRUE(GlobMatch("m?ller.c", "m" + u_umlaut + "ller.c"));
  EXPECT_FALSE(GlobMatch("m??ller.c", "m" + u_umlaut + "ller.c"));
  for (const std::string& character : {u_umlaut, euro, smile}) {
    EXPECT_TRUE(GlobMatch("?", character));
    EXPECT_TRUE(GlobMatch("*?", character));
    // A star does not leave a part of a character unmatched.
    EXPECT_FALSE(GlobMatch("*??", character));
    EXPECT_FALSE(GlobMatch("?*?", character));
    EXPECT_TRUE(GlobMatch("[" + character + "]", character));
    EXPECT_TRUE(GlobMatch("a[!b]c", "a" + character + "c"));
    EXPECT_FALSE(GlobMatch("[!" + character + "]", character));
  }
  EXPECT_TRUE(GlobMatch("x[\xc3\xa0-\xc3\xbf]y", "x" + u_umlaut + "y"));
  EXPECT_FALSE(GlobMatch("x[\xc3\xa0-\xc3\xbb]y", "x" + u_umlaut + "y"));
  // A set of whole characters does not match a part of one.
  EXPECT_FALSE(GlobMatch("[" + euro + "]*", u_umlaut));
  EXPECT_TRUE(GlobMatch("*/" + smile + "/*.c", "/a/" + smile + "/b.c"));
}

TEST(TextTest, GlobMatch_IllFormedText_ByteIsACharacter) {
  EXPECT_TRUE(GlobMatch("caf?.c", "caf\xe9.c"));
  EXPECT_TRUE(GlobMatch("caf[\xe8-\xea].c", "caf\xe9.c"));
  EXPECT_FALSE(GlobMatch("caf[a-z].c", "caf\xe9.c"));
  EXPECT_TRUE(GlobMatch("??", "\xe2\x82"));
  EXPECT_TRUE(GlobMatch("*\xe9*", "caf\xe9.c"));
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
