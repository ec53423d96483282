// Malformed fields of diagnostics: they are left out with a warning, and the report is kept.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "reports/plist/testing/test_plists.h"

namespace stored::reports {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// Reads a plist and expects these warnings, all about its first diagnostic.
ResultFile ReadMalformed(const std::string& bytes, const std::vector<std::string>& warnings) {
  absl::StatusOr<ResultFile> read = TryReadPlist(bytes);
  EXPECT_TRUE(read.ok()) << read.status();
  if (!read.ok()) return {};
  std::vector<std::string> expected;
  expected.reserve(warnings.size());
  for (const std::string& warning : warnings) {
    expected.push_back("x.plist: diagnostics[0]: " + warning + "; the rest is kept");
  }
  EXPECT_EQ(read->warnings, expected);
  EXPECT_THAT(read->reports, SizeIs(1));
  return *std::move(read);
}

TEST(PlistMalformedField, MissingFile_NoPlaceAndAWarning) {
  const ResultFile read =
      ReadMalformed(Replaced(PlistWithGood(""), "<integer>0</integer>", "<integer>99</integer>"),
                    {"location: file 99 is out of range; 'files' has 1 entries"});
  ASSERT_THAT(read.files, SizeIs(2));
  EXPECT_EQ(read.files[1].path, "");
  EXPECT_EQ(read.reports[0].location, (Location{.file = 1, .line = 0, .column = 0}));

  const absl::StatusOr<ResultFile> edge =
      TryReadPlist(Replaced(SamplePlist("clang.plist"), "<key>file</key><integer>0</integer>",
                            "<key>file</key><integer>2</integer>"));
  ASSERT_TRUE(edge.ok()) << edge.status();
  EXPECT_THAT(edge->warnings,
              ElementsAre("x.plist: diagnostics[0]: path[0]: edges[0]: start: file 2 is out of "
                          "range; 'files' has 2 entries; the rest is kept"));
  EXPECT_THAT(edge->reports, SizeIs(4));
  EXPECT_THAT(edge->reports[0].bug_path.events, SizeIs(5));
}

TEST(PlistMalformedField, FieldsMissingOrOfAnotherKind_AreLeftOut) {
  const ResultFile nowhere =
      ReadMalformed(PlistWith("<key>check_name</key><string>c</string>"), {"it has no location"});
  EXPECT_EQ(nowhere.files[nowhere.reports[0].location.file].path, "");

  const ResultFile step = ReadMalformed(
      PlistWithGood("<key>path</key><array><dict><key>kind</key><string>event</string>"
                    "<key>message</key><string>m</string></dict></array>"),
      {"path[0]: it has no location"});
  ASSERT_THAT(step.reports[0].bug_path.events, SizeIs(1));
  EXPECT_EQ(step.reports[0].bug_path.events[0].message, "m");
  EXPECT_EQ(step.reports[0].bug_path.events[0].location.line, 0U);

  ReadMalformed(
      PlistWithGood(fmt::format("<key>notes</key><array><dict>{}</dict></array>", kLocation)),
      {"notes[0]: it has no message"});
  ReadMalformed(PlistWithGood("<key>path</key><string>m</string>"),
                {"path: an <array> was expected"});
  ReadMalformed(PlistWithGood("<key>path</key><array><string/></array>"),
                {"path[0]: a <dict> was expected"});
  ReadMalformed(PlistWithGood("<key>description</key><dict/>"), {"description: text was expected"});
  ReadMalformed(PlistWithGood("<key>category</key><array/><key>notes</key><true/>"),
                {"category: text was expected", "notes: an <array> was expected"});
  ReadMalformed(
      PlistWithGood("<key>macro_expansions</key><array><dict><key>name</key><string>M</string>"
                    "<key>expansion</key><string>1</string></dict></array>"),
      {"macro_expansions[0]: it has no location"});
  ReadMalformed(Replaced(PlistWithGood(""), "<integer>7</integer>", "<integer>7x</integer>"),
                {"line: '7x' is not a number in range"});
  ReadMalformed(Replaced(PlistWithGood(""), "<integer>7</integer>",
                         "<integer>99999999999999999999</integer>"),
                {"line: '99999999999999999999' is not a number in range"});
}

TEST(PlistMalformedField, MalformedPartsOfAStep_StepIsKept) {
  const ResultFile read = ReadMalformed(
      PlistWithGood(fmt::format("<key>path</key><array><dict><key>kind</key><string>event</string>"
                                "{}<key>message</key><string>m</string><key>depth</key><string/>"
                                "<key>ranges</key><array><array/><array><dict/></array></array>"
                                "</dict></array>",
                                kLocation)),
      {"path[0]: depth: '' is not a number in range",
       "path[0]: ranges[0]: a range must have two locations",
       "path[0]: ranges[1]: it does not name a file"});
  ASSERT_THAT(read.reports[0].bug_path.events, SizeIs(1));
  EXPECT_EQ(read.reports[0].bug_path.events[0].location.line, 7U);
  EXPECT_THAT(read.reports[0].bug_path.events[0].ranges, IsEmpty());
}

TEST(PlistMalformedField, ManyWarnings_FirstAreNamedTheRestCounted) {
  std::string diagnostics;
  for (int i = 0; i < 100; ++i) diagnostics += "<dict><key>category</key><dict/></dict>";
  const absl::StatusOr<ResultFile> read =
      TryReadPlist(Replaced(PlistWithGood(""), "</dict></array><key>files",
                            fmt::format("</dict>{}</array><key>files", diagnostics)));
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_THAT(read->reports, SizeIs(101));
  // One of these is about the missing check_names.
  ASSERT_THAT(read->warnings, SizeIs(7));
  EXPECT_EQ(read->warnings.back(), "x.plist: 195 more warnings like these");
}

TEST(PlistMalformedField, EmptyPathAmongTheFiles_StaysEmpty) {
  const ResultFile read =
      ReadMalformed(Replaced(PlistWithGood(""), "<string>a.c</string>", "<string></string>"), {});
  EXPECT_EQ(read.files[0].path, "");
}

TEST(PlistMalformedField, Numbers_AreReadAsPythonReadsThem) {
  const auto line = [](std::string_view element) {
    const ResultFile read =
        ReadMalformed(Replaced(PlistWithGood(""), "<integer>7</integer>", element), {});
    return read.reports.empty() ? 0 : read.reports[0].location.line;
  };
  EXPECT_EQ(line("<integer> 12\n</integer>"), 12U);
  EXPECT_EQ(line("<integer>\t+12</integer>"), 12U);
  EXPECT_EQ(line("<integer>012</integer>"), 12U);
  EXPECT_EQ(line("<integer>0x1F</integer>"), 31U);
  EXPECT_EQ(line("<real>12.0</real>"), 12U);
  EXPECT_EQ(line("<real> 1.2e1 </real>"), 12U);
  EXPECT_EQ(line("<integer> -1 </integer>"), 0U);
  for (const std::string_view odd : {"+-1", "0x", "12.5", "1e30", "nan", "1 2", ""}) {
    ReadMalformed(Replaced(PlistWithGood(""), "<integer>7</integer>",
                           fmt::format("<integer>{}</integer>", odd)),
                  {fmt::format("line: '{}' is not a number in range", odd)});
  }
}

TEST(PlistMalformedField, KeyGivenTwice_LastOneCounts) {
  const ResultFile read = ReadMalformed(
      PlistWithGood("<key>description</key><string>first</string>"
                    "<key>description</key><string>last</string>"
                    "<key>report-annotation</key><dict><key>testcase</key><string>A</string>"
                    "<key>k</key><string>v</string><key>testcase</key><string>B</string></dict>"
                    "<key>path</key><array><dict><key>kind</key><string>control</string>"
                    "<key>location</key><dict><key>line</key><integer>1</integer><key>line</key>"
                    "<integer>5</integer><key>col</key><integer>1</integer><key>file</key>"
                    "<integer>0</integer></dict><key>message</key><string>m</string>"
                    "<key>kind</key><string>event</string></dict></array>"),
      {});
  const Report& report = read.reports[0];
  EXPECT_EQ(report.message, "last");
  EXPECT_THAT(report.annotations, ElementsAre(Annotation{"k", "v"}, Annotation{"testcase", "B"}));
  ASSERT_THAT(report.bug_path.events, SizeIs(1));
  EXPECT_EQ(report.bug_path.events[0].location.line, 5U);
}

TEST(PlistMalformedField, AnnotationThatIsNotText_IsLeftOut) {
  const ResultFile read = ReadMalformed(
      PlistWithGood("<key>report-annotation</key><dict><key>a</key><array/><key>b</key>"
                    "<date>2024-01-02T03:04:05Z</date><key>c</key><data>YQ==</data></dict>"),
      {"report-annotation: a: text was expected"});
  EXPECT_THAT(read.reports[0].annotations,
              ElementsAre(Annotation{"b", "2024-01-02T03:04:05Z"}, Annotation{"c", "YQ=="}));
}

}  // namespace
}  // namespace stored::reports
