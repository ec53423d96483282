#include "reports/sarif/uri.h"

#include <gtest/gtest.h>

#include <string>

namespace stored::reports::sarif {
namespace {

std::string Path(std::string_view uri) {
  const absl::StatusOr<std::string> path = PathOfUri(uri);
  EXPECT_TRUE(path.ok()) << uri << ": " << path.status();
  return path.value_or("");
}

TEST(SarifUri, PathOfUri_FileUris) {
  EXPECT_EQ(Path("file:///a/b.c"), "/a/b.c");
  EXPECT_EQ(Path("file:/a/b.c"), "/a/b.c");
  EXPECT_EQ(Path("FILE:///a/b.c"), "/a/b.c");
  EXPECT_EQ(Path("file://localhost/a/b.c"), "/a/b.c");
  EXPECT_EQ(Path("file://server/share/b.c"), "//server/share/b.c");
  EXPECT_EQ(Path("file:////server/share"), "/server/share");
}

TEST(SarifUri, PathOfUri_WindowsDrives) {
  EXPECT_EQ(Path("file:///C:/src/a.c"), "C:/src/a.c");
  EXPECT_EQ(Path("file:///c%3A/src/a.c"), "c:/src/a.c");
  EXPECT_EQ(Path("file://C:/src/a.c"), "C:/src/a.c");
  EXPECT_EQ(Path("C:\\src\\a.c"), "C:/src/a.c");
  EXPECT_EQ(Path("C:/src/../a.c"), "C:/a.c");
  EXPECT_EQ(Path("src\\a.c"), "src/a.c");
}

TEST(SarifUri, PathOfUri_PercentDecoding) {
  EXPECT_EQ(Path("file:///a%20b/%C3%A9.c"), "/a b/\xc3\xa9.c");
  EXPECT_EQ(Path("100%.c"), "100%.c");
  EXPECT_EQ(Path("a%2.c"), "a%2.c");
  EXPECT_EQ(Path("a%zz.c"), "a%zz.c");
  EXPECT_EQ(Path("a%25zz.c"), "a%zz.c");
  EXPECT_EQ(Path("a%5Cb"), "a\\b");
}

TEST(SarifUri, PathOfUri_DotSegments) {
  EXPECT_EQ(Path("./a/./b/../c.c"), "a/c.c");
  EXPECT_EQ(Path("../../a.c"), "../../a.c");
  EXPECT_EQ(Path("a/../../b.c"), "../b.c");
  EXPECT_EQ(Path("file:///../a.c"), "/a.c");
  EXPECT_EQ(Path("file:///a//b.c"), "/a/b.c");
  EXPECT_EQ(Path("file:///a/%2e%2e/b.c"), "/b.c");
  EXPECT_EQ(Path("."), "");
  EXPECT_EQ(Path(""), "");
}

TEST(SarifUri, PathOfUri_OtherSchemesStay) {
  EXPECT_EQ(Path("https://example.org/a%20b/../c"), "https://example.org/a%20b/../c");
  EXPECT_EQ(Path("git+ssh://host/x"), "git+ssh://host/x");
  // No scheme: a file whose name has a colon.
  EXPECT_EQ(Path("a/b:c.c"), "a/b:c.c");
}

TEST(SarifUri, PathOfUri_EncodedNul_IsAnError) {
  EXPECT_EQ(PathOfUri("a%00.c").status().code(), absl::StatusCode::kInvalidArgument);
}

TEST(SarifUri, Resolve_AddsTheSlashThatABaseLacks) {
  UriBases bases;
  bases.Add("ROOT", "file:///src", "");
  EXPECT_EQ(bases.Resolve("a.c", "ROOT"), "file:///src/a.c");
  EXPECT_EQ(bases.Resolve("", "ROOT"), "file:///src");
}

TEST(SarifUri, Resolve_AbsoluteUrisAreTheirOwn) {
  UriBases bases;
  bases.Add("ROOT", "file:///src/", "");
  EXPECT_EQ(bases.Resolve("https://x/a.c", "ROOT"), "https://x/a.c");
  EXPECT_EQ(bases.Resolve("/a.c", "ROOT"), "/a.c");
  EXPECT_EQ(bases.Resolve("C:/a.c", "ROOT"), "C:/a.c");
}

TEST(SarifUri, Resolve_BaseThatIsItsOwn_LeavesTheUri) {
  UriBases bases;
  bases.Add("ROOT", "x/", "ROOT");
  EXPECT_EQ(bases.Resolve("a.c", "ROOT"), "a.c");
}

TEST(SarifUri, Resolve_ChainThatEndsInTheUnknown_GoesAsFarAsItCan) {
  UriBases bases;
  bases.Add("SRC", "src/", "ROOT");
  EXPECT_EQ(bases.Resolve("a.c", "SRC"), "src/a.c");
}

}  // namespace
}  // namespace stored::reports::sarif
