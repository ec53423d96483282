// Plists that are refused: malformed ones, and those that exceed a limit.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <string_view>

#include "reports/plist/testing/test_plists.h"

namespace stored::reports {
namespace {

using ::testing::AllOf;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::SizeIs;
using ::testing::StartsWith;

void ExpectInvalid(const std::string& bytes, std::string_view where, std::string_view what) {
  const absl::StatusOr<ResultFile> read = TryReadPlist(bytes);
  ASSERT_FALSE(read.ok());
  EXPECT_EQ(read.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(
      std::string(read.status().message()),
      AllOf(StartsWith("x.plist: "), HasSubstr(std::string(where)), HasSubstr(std::string(what))));
}

TEST(PlistErrors, NoFilesAtAll_IsAnError) {
  ExpectInvalid(Replaced(PlistWithGood(""), "<string>a.c</string>", ""),
                "diagnostics[0]: location: ", "'files' has 0 entries");
}

TEST(PlistErrors, KeysThatDoNotAlternate_AreAnError) {
  ExpectInvalid(PlistWithGood("<string>no key</string><key>k</key>"),
                "diagnostics[0]: ", "do not alternate");
  ExpectInvalid(PlistWithGood("<key>path</key><array><dict><key>kind</key></dict>"
                              "</array>"),
                "diagnostics[0]: ", "do not alternate");
}

TEST(PlistErrors, NotAPlist_ErrorSaysWhatItIs) {
  ExpectInvalid("", "", "empty");
  ExpectInvalid(" \n", "", "empty");
  ExpectInvalid("{\"version\": \"2.1.0\"}", "", "not XML");
  ExpectInvalid("bplist00\xd4\x01", "", "plutil -convert xml1");
  ExpectInvalid(std::string("\xff\xfe<\0", 4), "", "UTF-16");
  ExpectInvalid(std::string("<plist>\n\0</plist>", 17), "line 2", "NUL");
  ExpectInvalid("<html><body/></html>", "", "<html>, not <plist>");
  ExpectInvalid("<plist><array/></plist>", "", "does not hold one <dict>");
  ExpectInvalid("<plist><dict/></plist><plist><dict/></plist>", "", "more than one");
  ExpectInvalid("<plist><dict><key>Label</key><string>x</string></dict></plist>", "",
                "no array 'diagnostics'");
  ExpectInvalid("<plist>\n<dict>\n<key></string></dict></plist>", "line 3", "not well-formed");
}

TEST(PlistErrors, CutAnywhere_ErrorNamesTheFile) {
  const std::string whole = SamplePlist("clang.plist");
  const size_t end = whole.rfind('>');
  for (size_t size = 0; size <= end; ++size) {
    const absl::StatusOr<ResultFile> read = TryReadPlist(whole.substr(0, size));
    ASSERT_FALSE(read.ok()) << "cut at " << size;
    ASSERT_EQ(read.status().code(), absl::StatusCode::kInvalidArgument);
    ASSERT_TRUE(std::string(read.status().message()).starts_with("x.plist: "));
  }
}

TEST(PlistErrors, CutInTheMiddle_ErrorNamesTheLine) {
  const std::string whole = SamplePlist("clang.plist");
  const std::string half = whole.substr(0, whole.find("<key>ExecutedLines") + 10);
  const auto lines = std::count(half.begin(), half.end(), '\n') + 1;
  ExpectInvalid(half, fmt::format("line {}: ", lines), "cut short");
}

TEST(PlistErrors, EntityDeclarations_AreAnError) {
  ExpectInvalid(
      "<?xml version=\"1.0\"?>\n<!DOCTYPE lolz [\n <!ENTITY lol \"lol\">\n"
      " <!ENTITY lol2 \"&lol;&lol;&lol;&lol;&lol;&lol;&lol;&lol;\">\n]>\n"
      "<plist><dict><key>diagnostics</key><array/></dict></plist>",
      "", "declares entities");
  ExpectInvalid(
      "<!DOCTYPE plist SYSTEM \"x.dtd\" [<!ENTITY e SYSTEM \"file:///etc/passwd\">]>"
      "<plist><dict><key>diagnostics</key><array/></dict></plist>",
      "", "declares entities");
}

TEST(PlistErrors, DeepNesting_IsReadUpToTheLimit) {
  const auto nested = [](int depth) {
    std::string deep = "<key>x</key>";
    for (int i = 0; i < depth; ++i) deep += "<array>";
    for (int i = 0; i < depth; ++i) deep += "</array>";
    return TryReadPlist(PlistWithGood(deep));
  };
  // The outermost of them is in plist, dict, array and dict, which count.
  const absl::StatusOr<ResultFile> read = nested(252);
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_THAT(read->reports, SizeIs(1));
  EXPECT_EQ(nested(253).status().code(), absl::StatusCode::kResourceExhausted);
  EXPECT_THAT(std::string(nested(200'000).status().message()),
              AllOf(StartsWith("x.plist: line "), HasSubstr("nested more than 256 deep")));
}

TEST(PlistErrors, TooManyElements_ResourceExhausted) {
  std::string many;
  for (int i = 0; i < 500'000; ++i) many += "<a/>";
  const absl::StatusOr<ResultFile> read =
      TryReadPlist(PlistWithGood("<key>x</key><x>" + many + "</x>"));
  EXPECT_EQ(read.status().code(), absl::StatusCode::kResourceExhausted) << read.status();
  EXPECT_THAT(std::string(read.status().message()), StartsWith("x.plist: line "));
}

// The densest possible plist is within the bounds.
TEST(PlistErrors, DensePlist_IsRead) {
  std::string edges;
  for (int i = 0; i < 200'000; ++i) edges += "<integer>1</integer>";
  const absl::StatusOr<ResultFile> read =
      TryReadPlist(PlistWithGood("<key>x</key><array>" + edges + "</array>"));
  EXPECT_TRUE(read.ok()) << read.status();
}

TEST(PlistErrors, LongNames_AreKeptUpToTheirLimits) {
  const std::string text(size_t{100} << 10, 't');
  const auto read = [&](const std::string& checker) {
    return TryReadPlist(PlistWithGood(
        fmt::format("<key>category</key><string>{}</string><key>type</key><string>{}</string>"
                    "<key>check_name</key><string>{}</string>",
                    text, text, checker)));
  };
  const std::string longest(4096, 'c');
  const absl::StatusOr<ResultFile> whole = read(longest);
  ASSERT_TRUE(whole.ok()) << whole.status();
  EXPECT_EQ(whole->reports[0].category, text);
  EXPECT_EQ(whole->reports[0].type, text);
  EXPECT_EQ(whole->reports[0].checker_name, longest);
  const absl::Status over = read(longest + "c").status();
  EXPECT_EQ(over.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_THAT(std::string(over.message()),
              HasSubstr("diagnostics[0]: the checker name is 4097 bytes long; the limit is 4096"));
}

TEST(PlistErrors, TextOverTheLimit_ResourceExhausted) {
  const absl::StatusOr<ResultFile> read = TryReadPlist(PlistWithGood(fmt::format(
      "<key>description</key><string>{}</string>", std::string(size_t{10} << 20, 'x'))));
  EXPECT_EQ(read.status().code(), absl::StatusCode::kResourceExhausted);
  EXPECT_THAT(std::string(read.status().message()),
              AllOf(StartsWith("x.plist: diagnostics[0]: "), HasSubstr("message"),
                    HasSubstr("10485760 bytes")));
}

TEST(PlistErrors, PathOverTheLimit_ResourceExhausted) {
  Limits limits;
  limits.max_path_bytes = 14;
  const absl::StatusOr<ResultFile> read = TryReadPlist(SamplePlist("clang.plist"), limits);
  EXPECT_EQ(read.status().code(), absl::StatusCode::kResourceExhausted);
  EXPECT_THAT(std::string(read.status().message()),
              AllOf(StartsWith("x.plist: files[0]: "), EndsWith("the limit is 14")));
}

}  // namespace
}  // namespace stored::reports
