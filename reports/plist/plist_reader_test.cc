#include "reports/plist/plist_reader.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stop_token>
#include <string>
#include <string_view>

#include "reports/plist/testing/test_plists.h"

namespace stored::reports {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

TEST(PlistReader, StopRequested_Cancelled) {
  std::stop_source stop;
  stop.request_stop();
  EXPECT_TRUE(absl::IsCancelled(
      ReadPlist(SamplePlist("clang.plist"), "x.plist", "", Limits{}, stop.get_token()).status()));
}

TEST(PlistReader, NoEvents_DiagnosticItselfIsTheEvent) {
  const absl::StatusOr<ResultFile> read = TryReadPlist(
      PlistWithGood("<key>description</key><string>d</string><key>path</key><array/>"));
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_THAT(read->reports[0].bug_path.events,
              ElementsAre(BugPathEvent{.location = {.file = 0, .line = 7, .column = 3},
                                       .message = "d",
                                       .depth = 0,
                                       .ranges = {}}));
}

TEST(PlistReader, NoHash_EmptyHashAndABasis) {
  const absl::StatusOr<ResultFile> read = TryReadPlist(PlistWithGood(""));
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(read->reports[0].report_hash, "");
  EXPECT_THAT(read->hash_bases, SizeIs(1));
}

TEST(PlistReader, NoCheckName_CodeCheckersNameAndAWarning) {
  const absl::StatusOr<ResultFile> read = TryReadPlist(PlistWith(kLocation));
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(read->reports[0].checker_name, "NOT FOUND");
  EXPECT_THAT(read->warnings, ElementsAre(HasSubstr("1 of 1 diagnostics without a check_name")));
}

TEST(PlistReader, Annotations_AreTextsInTheFilesOrder) {
  const absl::StatusOr<ResultFile> read = TryReadPlist(PlistWithGood(
      "<key>report-annotation</key><dict><key>testcase</key><string>t&lt;1&gt;</string>"
      "<key>chronological_order</key><integer>12</integer><key>flaky</key><true/></dict>"));
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_THAT(read->reports[0].annotations,
              ElementsAre(Annotation{"testcase", "t<1>"}, Annotation{"chronological_order", "12"},
                          Annotation{"flaky", "true"}));
}

TEST(PlistReader, TextInPieces_IsJoined) {
  const absl::StatusOr<ResultFile> read = TryReadPlist(PlistWithGood(
      "<key>description</key><string>a &amp; b<!-- c --> &#x64;<![CDATA[<e> ]]]]>f</string>"));
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(read->reports[0].message, "a & b d<e> ]]f");
}

TEST(PlistReader, InvalidUtf8_IsKeptAsBytes) {
  const absl::StatusOr<ResultFile> read =
      TryReadPlist(PlistWithGood("<key>description</key><string>caf\xe9 \xff</string>"));
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(read->reports[0].message, "caf\xe9 \xff");
}

TEST(PlistReader, DeclaredLatin1_IsConverted) {
  const std::string plist = PlistWithGood("<key>description</key><string>caf\xe9</string>");
  for (const std::string name : {"=\"ISO-8859-1\"", "=\"latin1\"", " = 'Iso-8859-1'"}) {
    const absl::StatusOr<ResultFile> read = TryReadPlist(Replaced(plist, "=\"UTF-8\"", name));
    ASSERT_TRUE(read.ok()) << read.status();
    EXPECT_EQ(read->reports[0].message, "caf\xc3\xa9") << name;
  }
}

TEST(PlistReader, ByteOrderMark_IsSkipped) {
  const absl::StatusOr<ResultFile> read = TryReadPlist("\xef\xbb\xbf" + PlistWithGood(""));
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_THAT(read->reports, SizeIs(1));
}

TEST(PlistReader, UnknownLine_IsZero) {
  const absl::StatusOr<ResultFile> read =
      TryReadPlist(Replaced(PlistWithGood(""), "<integer>7</integer>", "<integer>-1</integer>"));
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(read->reports[0].location.line, 0U);
}

TEST(PlistReader, NoDiagnostics_NoReports) {
  const absl::StatusOr<ResultFile> read = TryReadPlist(
      fmt::format("{}<plist><dict><key>diagnostics</key><array>\n</array></dict></plist>", kHead));
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_THAT(read->reports, IsEmpty());
}

TEST(PlistReader, PlaceholderHash_CountsAsAbsent) {
  const auto read = [](std::string_view hash) {
    const absl::StatusOr<ResultFile> file = TryReadPlist(PlistWithGood(
        fmt::format("<key>issue_hash_content_of_line_in_context</key><string>{}</string>", hash)));
    EXPECT_TRUE(file.ok()) << file.status();
    return file.ok() ? *file : ResultFile();
  };
  for (const std::string_view none : {"0", "00000000000000000000000000000000", "", " \n", "0 ",
                                      "00000000-0000-0000-0000-000000000000"}) {
    const ResultFile file = read(none);
    EXPECT_EQ(file.reports[0].report_hash, "") << none;
    EXPECT_THAT(file.hash_bases, SizeIs(1)) << none;
  }
  for (const std::string_view hash : {"00000000000000000000000000000001", "x", "0a"}) {
    const ResultFile file = read(hash);
    EXPECT_EQ(file.reports[0].report_hash, hash);
    EXPECT_THAT(file.hash_bases, IsEmpty()) << hash;
  }
}

TEST(PlistReader, Analyzer_IsFromMetadataOrTheVersion) {
  const auto analyzer = [](std::string_view top, std::string_view checker = "c") {
    const absl::StatusOr<ResultFile> read = TryReadPlist(Replaced(
        PlistWith(fmt::format("{}<key>check_name</key><string>{}</string>", kLocation, checker)),
        "<key>files</key>", fmt::format("{}<key>files</key>", top)));
    EXPECT_TRUE(read.ok()) << read.status();
    return read.ok() ? read->reports[0].analyzer_name : "";
  };
  const auto version = [](std::string_view text) {
    return fmt::format("<key>clang_version</key><string>{}</string>", text);
  };
  const auto metadata = [](std::string_view part, std::string_view name) {
    return fmt::format(
        "<key>metadata</key><dict><key>{}</key><dict><key>name</key><string>{}"
        "</string></dict></dict>",
        part, name);
  };
  EXPECT_EQ(analyzer(version("Debian clang version 14.0.6")), "clangsa");
  EXPECT_EQ(analyzer(version("Apple LLVM version 10.0.0")), "clangsa");
  EXPECT_EQ(analyzer(version("cppcheck version 2.10")), "cppcheck");
  EXPECT_EQ(analyzer(version("Cppcheck 1.90")), "cppcheck");
  EXPECT_EQ(analyzer(version("cppcheck version 2.10"), "clang-diagnostic-x"), "cppcheck");
  EXPECT_EQ(analyzer(version("Debian clang version 14.0.6"), "clang-diagnostic-x"), "clang-tidy");
  EXPECT_EQ(analyzer(metadata("analyzer", "infer") + version("clang version 9")), "infer");
  EXPECT_EQ(analyzer(metadata("generated_by", "smatch")), "smatch");
  // The analyzer remains unknown.
  EXPECT_EQ(analyzer(metadata("generated_by", "report-converter")), "");
  EXPECT_EQ(analyzer(version("mytool 1.0")), "");
  EXPECT_EQ(analyzer(""), "");
}

TEST(PlistReader, TextBesideElements_IsIgnored) {
  const absl::StatusOr<ResultFile> read = TryReadPlist(
      Replaced(PlistWithGood(""), "<key>check_name</key>", "a<key>check_name</key> b "));
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(read->reports[0].checker_name, "c");
}

TEST(PlistReader, EncodedKindsAndNumbers_AreDecoded) {
  const absl::StatusOr<ResultFile> read = TryReadPlist(PlistWithGood(
      "<key>path</key><array><dict><key>kind</key><string><![CDATA[event]]></string>"
      "<key>location</key><dict><key>line</key><integer><!-- x -->5</integer><key>col</key>"
      "<integer>&#54;</integer><key>file</key><integer>0</integer></dict>"
      "<key>mes&#115;age</key><string>m</string></dict></array>"));
  ASSERT_TRUE(read.ok()) << read.status();
  ASSERT_THAT(read->reports[0].bug_path.events, SizeIs(1));
  EXPECT_EQ(read->reports[0].bug_path.events[0].location,
            (Location{.file = 0, .line = 5, .column = 6}));
  EXPECT_EQ(read->reports[0].bug_path.events[0].message, "m");
}

}  // namespace
}  // namespace stored::reports
