#include "reports/inputs/skip_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace stored::reports {
namespace {

SkipFile Parsed(std::string_view text) {
  std::vector<std::string> warnings;
  absl::StatusOr<SkipFile> file = SkipFile::Parse(text, "skip_file", warnings);
  EXPECT_TRUE(file.ok()) << file.status();
  EXPECT_THAT(warnings, testing::IsEmpty());
  return file.ok() ? *file : SkipFile();
}

TEST(SkipFile, FirstMatchingRuleDecides) {
  // The example of CodeChecker's user guide.
  const SkipFile file = Parsed(
      "-/skip/all/files/in/directory/*\n"
      "-/do/not/check/this.file\n"
      "+/dir/do.check.this.file\n"
      "-/dir/*\n");
  EXPECT_TRUE(file.ShouldSkip("/skip/all/files/in/directory/sub/a.cc"));
  EXPECT_TRUE(file.ShouldSkip("/do/not/check/this.file"));
  EXPECT_FALSE(file.ShouldSkip("/dir/do.check.this.file"));
  EXPECT_TRUE(file.ShouldSkip("/dir/other.file"));
  EXPECT_FALSE(file.ShouldSkip("/elsewhere/a.cc"));
}

TEST(SkipFile, StarMatchesSlashes) {
  const SkipFile file = Parsed("-*/third_party/*\n");
  EXPECT_TRUE(file.ShouldSkip("/src/deep/third_party/x/y.h"));
  EXPECT_FALSE(file.ShouldSkip("/src/third_party_not/y.h"));
}

TEST(SkipFile, PatternWithoutStar_WholePathOrDirectory) {
  const SkipFile file = Parsed("-/src/gen/\n-/src/a.cc");
  EXPECT_TRUE(file.ShouldSkip("/src/gen/deep/x.cc"));
  EXPECT_TRUE(file.ShouldSkip("/src/gen"));
  EXPECT_FALSE(file.ShouldSkip("/src/generated.cc"));
  EXPECT_TRUE(file.ShouldSkip("/src/a.cc"));
  EXPECT_FALSE(file.ShouldSkip("/src/a.cc.orig"));
}

TEST(SkipFile, CommentsAndBlankLines_AreIgnored) {
  const SkipFile file = Parsed("\n# -/src/*\r\n   \n\t- /src/a.cc \r\n");
  EXPECT_TRUE(file.ShouldSkip("/src/a.cc"));
  EXPECT_FALSE(file.ShouldSkip("/src/b.cc"));
}

TEST(SkipFile, RootAlone_IsAll) { EXPECT_TRUE(Parsed("-/").ShouldSkip("/src/a.cc")); }

TEST(SkipFile, Empty_SkipsNothing) {
  EXPECT_FALSE(SkipFile().ShouldSkip("/src/a.cc"));
  EXPECT_FALSE(Parsed("").ShouldSkip("/src/a.cc"));
}

TEST(SkipFile, MalformedLine_IsAWarning_OthersApply) {
  for (const std::string bad : {"/src/a.cc", "-", "+  ", "*", "caf\xe9"}) {
    std::vector<std::string> warnings;
    const absl::StatusOr<SkipFile> file =
        SkipFile::Parse("-/a\n\n" + bad + "\n-/src/b.cc\n", "r/skip_file", warnings);
    ASSERT_TRUE(file.ok()) << file.status();
    EXPECT_THAT(warnings, testing::ElementsAre(testing::StartsWith(
                              "r/skip_file: line 3 is left out: neither \"-pattern\" nor")));
    EXPECT_TRUE(file->ShouldSkip("/a"));
    EXPECT_TRUE(file->ShouldSkip("/src/b.cc"));
    EXPECT_FALSE(file->ShouldSkip("/src/a.cc"));
  }
}

TEST(SkipFile, ManyMalformedLines_FirstAreNamedTheRestCounted) {
  std::string text;
  for (int i = 0; i < 1000; ++i) text += "src\n";
  std::vector<std::string> warnings;
  ASSERT_TRUE(SkipFile::Parse(text, "s", warnings).ok());
  ASSERT_EQ(warnings.size(), 6u);
  EXPECT_THAT(warnings.front(), testing::StartsWith("s: line 1 is left out"));
  EXPECT_EQ(warnings.back(), "s: 995 more warnings like these");
}

TEST(SkipFile, LineEndsAndByteOrderMark) {
  const SkipFile file = Parsed("\xef\xbb\xbf-/a\r-/b\r\n-/c\n\r-/d");
  for (const char* path : {"/a", "/b", "/c", "/d"}) EXPECT_TRUE(file.ShouldSkip(path)) << path;
}

TEST(SkipFile, QuestionMarkAndSet_MatchACharacter) {
  const SkipFile file = Parsed("-/src/f?r/*\n-/x[\xc3\xa0-\xc3\xbf].c\n");
  EXPECT_TRUE(file.ShouldSkip("/src/f\xc3\xbcr/a.c"));
  EXPECT_FALSE(file.ShouldSkip("/src/fr/a.c"));
  EXPECT_TRUE(file.ShouldSkip("/x\xc3\xa9.c"));
}

TEST(SkipFile, PatternTooLong_IsAWarning) {
  std::vector<std::string> warnings;
  ASSERT_TRUE(SkipFile::Parse("-/" + std::string(5000, 'a'), "s", warnings).ok());
  EXPECT_THAT(warnings, testing::ElementsAre("s: line 1 is left out: the pattern is 5001 bytes "
                                             "long; the limit is 4096"));
}

// The file is refused, not cut off, because it decides which reports are stored.
TEST(SkipFile, TooManyPatterns_Refused) {
  std::string many;
  for (int i = 0; i <= 10'000; ++i) many += "-/a\n";
  std::vector<std::string> warnings;
  EXPECT_EQ(SkipFile::Parse(many, "s", warnings).status().code(),
            absl::StatusCode::kResourceExhausted);
}

}  // namespace
}  // namespace stored::reports
