#include "reports/inputs/path_trimmer.h"

#include <gtest/gtest.h>

namespace stored::reports {
namespace {

std::string Trim(const std::vector<std::string>& prefixes, std::string_view path) {
  absl::StatusOr<PathTrimmer> trimmer = PathTrimmer::Create(prefixes);
  EXPECT_TRUE(trimmer.ok()) << trimmer.status();
  return trimmer.ok() ? trimmer->Trim(path) : "";
}

TEST(PathTrimmer, LongestMatchingPrefix_IsRemoved) {
  EXPECT_EQ(Trim({"/a/b", "/a", "/x"}, "/a/b/c.cc"), "c.cc");
  EXPECT_EQ(Trim({"/a", "/a/b/"}, "/a/b/c/d.cc"), "c/d.cc");
  EXPECT_EQ(Trim({"/a"}, "/other/c.cc"), "/other/c.cc");
  EXPECT_EQ(Trim({}, "/a/c.cc"), "/a/c.cc");
}

TEST(PathTrimmer, PrefixEndsAtAWholeName) {
  EXPECT_EQ(Trim({"/src/lib"}, "/src/library/a.cc"), "/src/library/a.cc");
  EXPECT_EQ(Trim({"/src/lib*"}, "/src/library/a.cc"), "a.cc");
  EXPECT_EQ(Trim({"/src//./x/../lib/"}, "/src/lib/a.cc"), "a.cc");
}

// The behaviour of CodeChecker's trim_path_prefixes (codechecker_report_converter).
TEST(PathTrimmer, WildcardsMatchAsMuchAsTheyCan) {
  EXPECT_EQ(Trim({"/*/jsmith/"}, "/home/jsmith/p/a.cc"), "p/a.cc");
  EXPECT_EQ(Trim({"/*/jsmith/"}, "/home/more/jsmith/p/a.cc"), "p/a.cc");
  EXPECT_EQ(Trim({"/home/*"}, "/home/jsmith/p/a.cc"), "a.cc");
  EXPECT_EQ(Trim({"/home/?smith"}, "/home/jsmith/a.cc"), "a.cc");
  EXPECT_EQ(Trim({"/home/[a-k]smith"}, "/home/jsmith/a.cc"), "a.cc");
  EXPECT_EQ(Trim({"/home/[a-i]smith"}, "/home/jsmith/a.cc"), "/home/jsmith/a.cc");
  EXPECT_EQ(Trim({"*/home"}, "/home/a.cc"), "a.cc");
}

TEST(PathTrimmer, RelativePrefix_ForRelativePaths) {
  EXPECT_EQ(Trim({"build/gen"}, "build/gen/a.cc"), "a.cc");
  EXPECT_EQ(Trim({"build/gen"}, "/build/gen/a.cc"), "/build/gen/a.cc");
}

TEST(PathTrimmer, WindowsPrefix_SlashesAndDriveLettersAreAlike) {
  EXPECT_EQ(Trim({"C:\\x"}, "C:/x/y/a.cc"), "y/a.cc");
  EXPECT_EQ(Trim({"C:\\x\\"}, "c:/x/a.cc"), "a.cc");
  EXPECT_EQ(Trim({"c:/x"}, "C:\\x\\y\\a.cc"), "y\\a.cc");
  EXPECT_EQ(Trim({"C:\\x"}, "C:/xy/a.cc"), "C:/xy/a.cc");
  EXPECT_EQ(Trim({"C:\\x"}, "D:/x/a.cc"), "D:/x/a.cc");
  EXPECT_EQ(Trim({"C:\\X"}, "C:/x/a.cc"), "C:/x/a.cc");
  EXPECT_EQ(Trim({"C:\\x\\.\\z\\..\\y"}, "C:/x/y/a.cc"), "a.cc");
  EXPECT_EQ(Trim({"C:\\"}, "C:/x/a.cc"), "x/a.cc");
  EXPECT_EQ(Trim({"src\\lib"}, "src/lib/a.cc"), "a.cc");
}

TEST(PathTrimmer, WindowsPrefix_LongestOfAll_IsRemoved) {
  EXPECT_EQ(Trim({"C:\\x", "C:/x/y", "/x"}, "C:/x/y/a.cc"), "a.cc");
  EXPECT_EQ(Trim({"C:\\x", "/x/y"}, "/x/y/a.cc"), "a.cc");
  EXPECT_EQ(Trim({"C:\\x\\a.cc"}, "C:/x/a.cc"), "C:/x/a.cc");
}

TEST(PathTrimmer, WindowsPrefix_VerbatimAndNetworkPaths) {
  EXPECT_EQ(Trim({"\\\\?\\C:\\x"}, "C:/x/a.cc"), "a.cc");
  EXPECT_EQ(Trim({"C:\\x"}, "\\\\?\\c:\\x\\a.cc"), "a.cc");
  EXPECT_EQ(Trim({"\\\\server\\share"}, "//server/share/y/a.cc"), "y/a.cc");
  EXPECT_EQ(Trim({"\\\\?\\UNC\\server\\share"}, "\\\\server\\share\\a.cc"), "a.cc");
  EXPECT_EQ(Trim({"\\\\server\\share"}, "\\\\?\\UNC\\server\\share\\a.cc"), "a.cc");
}

TEST(PathTrimmer, WindowsPrefix_Wildcards) {
  EXPECT_EQ(Trim({"C:\\*\\jsmith"}, "c:/users/jsmith/p/a.cc"), "p/a.cc");
  EXPECT_EQ(Trim({"?:\\x"}, "D:/x/a.cc"), "a.cc");
}

TEST(PathTrimmer, TwoSlashesAtTheFront_AreOneToPosix) {
  EXPECT_EQ(Trim({"/a"}, "//a/c.cc"), "c.cc");
  EXPECT_EQ(Trim({"//server/share"}, "//server/share/c.cc"), "c.cc");
  EXPECT_EQ(Trim({"//server/share"}, "/server/share/c.cc"), "c.cc");
}

TEST(PathTrimmer, PosixPrefix_BackslashInAPathIsALetter) {
  EXPECT_EQ(Trim({"/a"}, "/a\\b/c.cc"), "/a\\b/c.cc");
  EXPECT_EQ(Trim({"/a"}, "/a/b\\c.cc"), "b\\c.cc");
}

TEST(PathTrimmer, PrefixThatIsTheWholePath_TrimsNothing) {
  EXPECT_EQ(Trim({"/a/b"}, "/a/b"), "/a/b");
  EXPECT_EQ(Trim({"/a/b"}, "/a/b/"), "/a/b/");
  EXPECT_EQ(Trim({"/a"}, ""), "");
  EXPECT_EQ(Trim({"/"}, "/a/b.cc"), "/a/b.cc");
}

TEST(PathTrimmer, BadPrefixes_Refused) {
  EXPECT_EQ(PathTrimmer::Create({"/a", ""}).status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_TRUE(PathTrimmer::Create(std::vector<std::string>(64, "/a")).ok());
  EXPECT_EQ(PathTrimmer::Create(std::vector<std::string>(65, "/a")).status().code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_TRUE(PathTrimmer::Create({std::string(4096, 'a')}).ok());
  EXPECT_EQ(PathTrimmer::Create({std::string(4097, 'a')}).status().code(),
            absl::StatusCode::kInvalidArgument);
}

TEST(NormalizePath, ResolvesByTextAlone) {
  EXPECT_EQ(NormalizePath("/a/./b//c/../d.cc"), "/a/b/d.cc");
  EXPECT_EQ(NormalizePath("/.."), "/");
  EXPECT_EQ(NormalizePath("/../../a"), "/a");
  EXPECT_EQ(NormalizePath("//a"), "/a");
  EXPECT_EQ(NormalizePath("a/b/"), "a/b");
  EXPECT_EQ(NormalizePath("../a"), "../a");
  EXPECT_EQ(NormalizePath("a/../../b"), "../b");
  EXPECT_EQ(NormalizePath("../../a/.."), "../..");
  EXPECT_EQ(NormalizePath("a/.."), ".");
  EXPECT_EQ(NormalizePath("./a"), "a");
  EXPECT_EQ(NormalizePath("c:\\x\\y.cc"), "c:\\x\\y.cc");
  EXPECT_EQ(NormalizePath("/"), "/");
  EXPECT_EQ(NormalizePath(""), "");
}

}  // namespace
}  // namespace stored::reports
