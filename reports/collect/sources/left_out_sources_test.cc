#include "reports/collect/sources/left_out_sources.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace stored::reports {
namespace {

using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

TEST(LeftOutSourcesTest, None_NoWarning) { EXPECT_EQ(LeftOutSources().Warning(), ""); }

TEST(LeftOutSourcesTest, Warning_SaysHowManyWhichAndTheOption) {
  LeftOutSources left_out;
  left_out.Add("/w/p/src/a.c", "/w/p/src/a.c");
  EXPECT_THAT(left_out.Warning(), StartsWith("1 source file "));
  EXPECT_THAT(left_out.Warning(), HasSubstr("add --source-root /w/p/src: /w/p/src/a.c"));
  left_out.Add("../include/b.h", "/w/p/include/b.h");
  left_out.Add("/w/p/link.c", "/w/p/src/deep/c.c");
  left_out.Add("/w/p/d.c", "/w/p/d.c");
  EXPECT_THAT(left_out.Warning(), StartsWith("4 source files "));
  EXPECT_THAT(left_out.Warning(), HasSubstr("add --source-root /w/p: "));
  EXPECT_THAT(left_out.Warning(), EndsWith("/w/p/src/a.c, ../include/b.h, /w/p/link.c and 1 more"));
}

TEST(LeftOutSourcesTest, Warning_OptionsComeBeforeLongNames) {
  LeftOutSources left_out;
  left_out.Add(std::string(4000, 'x'), "/etc/a");
  left_out.Add("b", "/opt/it's mine/b");
  EXPECT_LT(left_out.Warning().find("--source-root /etc --source-root '/opt/it'\\''s mine'"), 500U);
}

TEST(LeftOutSourcesTest, Warning_BoundedWhateverIsNamed) {
  LeftOutSources left_out;
  for (int i = 0; i < 100'000; ++i) {
    const std::string name = std::to_string(i);
    left_out.Add(name, "/" + name + "/x/y");
  }
  EXPECT_THAT(left_out.Warning(), StartsWith("100000 source files"));
  EXPECT_LT(left_out.Warning().size(), 1000U);
}

TEST(CommonDirectoriesTest, OneForAll) {
  EXPECT_THAT(CommonDirectories({}, ""), IsEmpty());
  EXPECT_THAT(CommonDirectories({"/a/b"}, ""), ElementsAre("/a/b"));
  EXPECT_THAT(CommonDirectories({"/a/b", "/a/b/c"}, ""), ElementsAre("/a/b"));
  EXPECT_THAT(CommonDirectories({"/a/b/c", "/a/b"}, ""), ElementsAre("/a/b"));
  EXPECT_THAT(CommonDirectories({"/a/bc", "/a/bd"}, ""), ElementsAre("/a"));
  EXPECT_THAT(CommonDirectories({"/a/b", "/a/b-c", "/a/b/d"}, ""), ElementsAre("/a"));
  EXPECT_THAT(CommonDirectories({"/a/b", "/a/bc"}, ""), ElementsAre("/a"));
}

TEST(CommonDirectoriesTest, NothingInCommon_OneForEachOfTheTop) {
  EXPECT_THAT(CommonDirectories({"/etc", "/w/p/src", "/w/p/include"}, ""),
              ElementsAre("/etc", "/w/p"));
  EXPECT_THAT(CommonDirectories({"/a", "/a-b", "/a/c"}, ""), ElementsAre("/a", "/a-b"));
  // Files in the root need the root itself.
  EXPECT_THAT(CommonDirectories({"/", "/etc"}, ""), ElementsAre("/", "/etc"));
}

TEST(CommonDirectoriesTest, Home_IsNotOpenedWhereLessWillDo) {
  EXPECT_THAT(CommonDirectories({"/home/a/.ssh", "/home/a/p/src", "/home/a/p/lib"}, "/home/a"),
              ElementsAre("/home/a/.ssh", "/home/a/p"));
  EXPECT_THAT(CommonDirectories({"/home/a/p", "/home/b/q/x", "/home/b/q/y"}, "/home/a"),
              ElementsAre("/home/a/p", "/home/b/q"));
  EXPECT_THAT(CommonDirectories({"/home/a", "/home/a/p"}, "/home/a"),
              ElementsAre("/home/a", "/home/a/p"));
  EXPECT_THAT(CommonDirectories({"/home/ab/p", "/home/ab/q"}, "/home/a"), ElementsAre("/home/ab"));
}

TEST(ShellQuotedTest, PlainWordsAsTheyAre_OthersInQuotes) {
  EXPECT_EQ(ShellQuoted("/a/b-c_1.0+x:y@z%,="), "/a/b-c_1.0+x:y@z%,=");
  EXPECT_EQ(ShellQuoted("/a b"), "'/a b'");
  EXPECT_EQ(ShellQuoted("/a'b"), "'/a'\\''b'");
  EXPECT_EQ(ShellQuoted("/$(rm -r x)`y`"), "'/$(rm -r x)`y`'");
  EXPECT_EQ(ShellQuoted(""), "''");
  EXPECT_EQ(ShellQuoted("/caf\xc3\xa9"), "'/caf\xc3\xa9'");
}

}  // namespace
}  // namespace stored::reports
