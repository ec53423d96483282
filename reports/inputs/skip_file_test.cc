#include "reports/inputs/skip_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace stored::reports {
namespace {

SkipFile Parsed(std::string_view text) {
  absl::StatusOr<SkipFile> file = SkipFile::Parse(text, "skip_file");
  EXPECT_TRUE(file.ok()) << file.status();
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

TEST(SkipFile, CommentsAndBlankLines_AreNothing) {
  const SkipFile file = Parsed("\n# -/src/*\r\n   \n\t- /src/a.cc \r\n");
  EXPECT_TRUE(file.ShouldSkip("/src/a.cc"));
  EXPECT_FALSE(file.ShouldSkip("/src/b.cc"));
}

TEST(SkipFile, RootAlone_IsAll) { EXPECT_TRUE(Parsed("-/").ShouldSkip("/src/a.cc")); }

TEST(SkipFile, Empty_SkipsNothing) {
  EXPECT_FALSE(SkipFile().ShouldSkip("/src/a.cc"));
  EXPECT_FALSE(Parsed("").ShouldSkip("/src/a.cc"));
}

TEST(SkipFile, LineThatIsNeither_NamedByNumber) {
  for (const std::string bad : {"/src/a.cc", "-", "+  ", "*"}) {
    const absl::Status status = SkipFile::Parse("-/a\n\n" + bad + "\n", "r/skip_file").status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << bad;
    EXPECT_THAT(std::string(status.message().data(), status.message().size()),
                testing::StartsWith("r/skip_file: line 3: "));
  }
}

TEST(SkipFile, TooLong_Refused) {
  EXPECT_EQ(SkipFile::Parse("-/" + std::string(5000, 'a'), "s").status().code(),
            absl::StatusCode::kResourceExhausted);
  std::string many;
  for (int i = 0; i <= 10'000; ++i) many += "-/a\n";
  EXPECT_EQ(SkipFile::Parse(many, "s").status().code(), absl::StatusCode::kResourceExhausted);
}

}  // namespace
}  // namespace stored::reports
