#include "reports/sarif/location/uri.h"

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
}

TEST(SarifUri, PathOfUri_ManySlashes_UncOrAnAbsolutePath) {
  EXPECT_EQ(Path("file:////server/share/a.c"), "//server/share/a.c");
  EXPECT_EQ(Path("file:////server/share"), "//server/share");
  EXPECT_EQ(Path("file://///server/share/a.c"), "//server/share/a.c");
  EXPECT_EQ(Path("file:////wsl.localhost/Debian/a.c"), "//wsl.localhost/Debian/a.c");
  // "file:///" in front of an absolute path.
  EXPECT_EQ(Path("file:////home/me/a.c"), "/home/me/a.c");
  EXPECT_EQ(Path("file:////tmp/x/../a.c"), "/tmp/a.c");
  EXPECT_EQ(Path("file:////C:/src/a.c"), "C:/src/a.c");
  // A server without a share does not have files.
  EXPECT_EQ(Path("file:////a.c"), "/a.c");
  EXPECT_EQ(Path("file:////"), "/");
}

TEST(SarifUri, PathOfUri_AuthorityThatIsNotAHost_IsTheFile) {
  EXPECT_EQ(Path("file://<source>"), "<source>");
  EXPECT_EQ(Path("file://<stdin>/part"), "<stdin>/part");
  EXPECT_EQ(Path("file://%3Cstdin%3E"), "<stdin>");
  EXPECT_EQ(Path("file://a.c"), "a.c");
  EXPECT_EQ(Path("file://../src/a.c"), "../src/a.c");
  EXPECT_EQ(Path("file://./src/a.c"), "src/a.c");
  EXPECT_EQ(Path("file://%SRCROOT%/a.c"), "%SRCROOT%/a.c");
  EXPECT_EQ(Path("file://LOCALHOST/a.c"), "/a.c");
  EXPECT_EQ(Path("file://"), "");
  EXPECT_EQ(Path("file:"), "");
}

TEST(SarifUri, PathOfUri_DropsQueryAndFragment) {
  EXPECT_EQ(Path("file:///a/x.c#L5"), "/a/x.c");
  EXPECT_EQ(Path("file:///a/Makefile#L5-L9"), "/a/Makefile");
  EXPECT_EQ(Path("file:///a/x.c?raw=1#L5"), "/a/x.c");
  EXPECT_EQ(Path("src/api.json#/paths/get"), "src/api.json");
  EXPECT_EQ(Path("src/App.vue?vue&type=script"), "src/App.vue");
  EXPECT_EQ(Path("file:///C:/x.c#L5"), "C:/x.c");
  EXPECT_EQ(Path("file:///a/x%23y.c#L5"), "/a/x#y.c");
  EXPECT_EQ(Path("file:///a/x%3Fy.c"), "/a/x?y.c");
  // Names that were not percent-encoded.
  EXPECT_EQ(Path("file:///src/C#/x.cs"), "/src/C#/x.cs");
  EXPECT_EQ(Path("src/f#sharp.fs"), "src/f#sharp.fs");
  EXPECT_EQ(Path("#top/a.c"), "#top/a.c");
}

TEST(SarifUri, PathOfUri_WindowsDrives) {
  EXPECT_EQ(Path("file:///C:/src/a.c"), "C:/src/a.c");
  EXPECT_EQ(Path("file:///c%3A/src/a.c"), "c:/src/a.c");
  EXPECT_EQ(Path("file://C:/src/a.c"), "C:/src/a.c");
  EXPECT_EQ(Path("C:\\src\\a.c"), "C:/src/a.c");
  EXPECT_EQ(Path("C:/src/../a.c"), "C:/a.c");
  EXPECT_EQ(Path("src\\a.c"), "src/a.c");
  EXPECT_EQ(Path("file:///C|/a/x.c"), "C:/a/x.c");
  EXPECT_EQ(Path("file:///c%7C/a/x.c"), "c:/a/x.c");
  EXPECT_EQ(Path("file://C|/a/x.c"), "C:/a/x.c");
  EXPECT_EQ(Path("file:///C:%5Csrc%5Ca.c"), "C:/src/a.c");
  EXPECT_EQ(Path("file:///C:\\src\\a.c#L5"), "C:/src/a.c");
  EXPECT_EQ(Path("file:///a|/x.c"), "a:/x.c");
  EXPECT_EQ(Path("file:///ab|/x.c"), "/ab|/x.c");
}

TEST(SarifUri, PathOfUri_WindowsVerbatimAndNetworkPaths) {
  EXPECT_EQ(Path("\\\\?\\C:\\src\\a.c"), "C:/src/a.c");
  EXPECT_EQ(Path("\\\\.\\C:\\src\\a.c"), "C:/src/a.c");
  EXPECT_EQ(Path("\\\\?\\UNC\\server\\share\\a.c"), "//server/share/a.c");
  EXPECT_EQ(Path("\\\\server\\share\\a.c"), "//server/share/a.c");
  EXPECT_EQ(Path("//?/C:/src/a.c"), "C:/src/a.c");
  EXPECT_EQ(Path("file:////?/C:/src/a.c"), "C:/src/a.c");
  EXPECT_EQ(Path("file://?/C:/src/a.c"), "C:/src/a.c");
  EXPECT_EQ(Path("file:///\\\\?\\C:\\src\\a.c"), "C:/src/a.c");
  EXPECT_EQ(Path("file://\\\\?\\C:\\src\\a.c"), "C:/src/a.c");
  EXPECT_EQ(Path("file:///%5C%5C%3F%5CC:%5Csrc%5Ca.c"), "C:/src/a.c");
  EXPECT_EQ(Path("file://\\\\server\\share\\a.c"), "//server/share/a.c");
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
  EXPECT_EQ(Path("."), ".");
  EXPECT_EQ(Path("./"), ".");
  EXPECT_EQ(Path("a/.."), ".");
  EXPECT_EQ(Path("file:///a/b/"), "/a/b");
  EXPECT_EQ(Path("file:///"), "/");
  EXPECT_EQ(Path(""), "");
}

TEST(SarifUri, PathOfUri_OtherSchemesStay) {
  EXPECT_EQ(Path("https://example.org/a%20b/../c"), "https://example.org/a%20b/../c");
  EXPECT_EQ(Path("git+ssh://host/x"), "git+ssh://host/x");
  // This has no scheme: it is a file whose name has a colon.
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

TEST(SarifUri, Resolve_AbsoluteUris_IgnoreTheBase) {
  UriBases bases;
  bases.Add("ROOT", "file:///src/", "");
  EXPECT_EQ(bases.Resolve("https://x/a.c", "ROOT"), "https://x/a.c");
  EXPECT_EQ(bases.Resolve("/a.c", "ROOT"), "/a.c");
  EXPECT_EQ(bases.Resolve("C:/a.c", "ROOT"), "C:/a.c");
  EXPECT_EQ(bases.Resolve("\\\\server\\a.c", "ROOT"), "\\\\server\\a.c");
}

TEST(SarifUri, Resolve_BaseThatRefersToItself_KeepsTheUri) {
  UriBases bases;
  bases.Add("ROOT", "x/", "ROOT");
  EXPECT_EQ(bases.Resolve("a.c", "ROOT"), "a.c");
}

TEST(SarifUri, Resolve_ChainWithUnknownBase_UsesTheKnownOnes) {
  UriBases bases;
  bases.Add("SRC", "src/", "ROOT");
  EXPECT_EQ(bases.Resolve("a.c", "SRC"), "src/a.c");
}

}  // namespace
}  // namespace stored::reports::sarif
