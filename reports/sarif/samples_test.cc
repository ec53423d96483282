// Logs that real tools wrote, compared field by field. testdata/README.md says how they were made.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "reports/sarif/testing/test_logs.h"

namespace stored::reports {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// Returns place, severity, checker and message of a report as one line.
std::string Summary(const ResultFile& file, const Report& report) {
  return fmt::format("{}:{}:{} {} {}: {}", file.files[report.location.file].path,
                     report.location.line, report.location.column,
                     static_cast<int>(report.severity), report.checker_name, report.message);
}

std::vector<std::string> Summaries(const ResultFile& file) {
  std::vector<std::string> summaries;
  for (const Report& report : file.reports) summaries.push_back(Summary(file, report));
  return summaries;
}

std::vector<std::string> Steps(const ResultFile& file, const Report& report) {
  std::vector<std::string> steps;
  for (const BugPathEvent& event : report.bug_path.events) {
    steps.push_back(fmt::format("{}:{}:{} {}", file.files[event.location.file].path,
                                event.location.line, event.location.column, event.message));
  }
  return steps;
}

TEST(SarifSamples, Clang_CodeFlowsAreBugPaths) {
  const ResultFile file = ReadLog(SampleLog("clang/divide.sarif"));

  // The log does not have levels, so each is "warning" by section 3.27.10, which is MEDIUM.
  EXPECT_THAT(Summaries(file),
              ElementsAre("/src/divide.c:4:19 3 core.DivideZero: Division by zero",
                          "/src/divide.c:20:3 3 deadcode.DeadStores: Value stored to 'unused' is "
                          "never read",
                          "/src/divide.c:22:12 3 core.NullDereference: Array access (from variable "
                          "'values') results in a null pointer dereference",
                          "/src/divide.c:30:3 3 unix.Malloc: Potential leak of memory pointed to "
                          "by 'buffer'"));
  ASSERT_THAT(file.reports, SizeIs(4));
  EXPECT_THAT(
      Steps(file, file.reports[0]),
      ElementsAre("/src/divide.c:9:19 Assuming 'i' is >= 'count'",
                  "/src/divide.c:9:3 Loop condition is false. Execution continues on line 12",
                  "/src/divide.c:12:7 Assuming 'count' is equal to 0",
                  "/src/divide.c:12:3 Taking true branch",
                  "/src/divide.c:15:24 Passing the value 0 via 2nd parameter 'divisor'",
                  "/src/divide.c:15:10 Calling 'Quotient'", "/src/divide.c:4:19 Division by zero"));
  // The region of "i < count" has "startColumn": 19, "endColumn": 28.
  EXPECT_THAT(file.reports[0].bug_path.events[0].ranges, ElementsAre(Range{0, 9, 19, 9, 27}));
  // clang writes a point as an empty region.
  EXPECT_THAT(file.reports[0].bug_path.events[1].ranges, ElementsAre(Range{0, 9, 3, 9, 3}));
  EXPECT_THAT(file.reports[0].bug_path.notes, IsEmpty());
  EXPECT_THAT(Steps(file, file.reports[3]),
              ElementsAre("/src/divide.c:28:18 Memory is allocated",
                          "/src/divide.c:30:3 Potential leak of memory pointed to by 'buffer'"));
}

TEST(SarifSamples, Clang_NamesToolAndLeavesHashesToCompute) {
  const ResultFile file = ReadLog(SampleLog("clang/divide.sarif"));

  ASSERT_THAT(file.analyses, SizeIs(1));
  EXPECT_EQ(file.analyses[0].tool_name, "clang");
  ASSERT_THAT(file.analyses[0].analyzers, SizeIs(1));
  EXPECT_EQ(file.analyses[0].analyzers[0].name, "clang");
  EXPECT_EQ(file.analyses[0].analyzers[0].version, "Debian clang version 14.0.6");
  EXPECT_THAT(file.analyses[0].analyzers[0].checkers, IsEmpty());
  EXPECT_THAT(file.files, SizeIs(1));
  EXPECT_THAT(file.warnings, IsEmpty());
  EXPECT_THAT(file.hash_bases, SizeIs(4));
  for (const Report& report : file.reports) {
    EXPECT_EQ(report.report_hash, "");
    EXPECT_EQ(report.analyzer_name, "clang");
  }
}

TEST(SarifSamples, Flawfinder_LevelsUnknownBaseAndFingerprints) {
  const ResultFile file = ReadLog(SampleLog("flawfinder/copy.sarif"));

  // The base SRCROOT is not defined, so the path stays relative.
  EXPECT_THAT(Summaries(file),
              ElementsAre("copy.c:5:3 2 FF1013: buffer/char:Statically-sized arrays can be "
                          "improperly restricted, leading to potential overflows or other issues "
                          "(CWE-119!/CWE-120).",
                          "copy.c:6:3 4 FF1001: buffer/strcpy:Does not check for buffer overflows "
                          "when copying to destination [MS-banned] (CWE-120).",
                          "copy.c:7:3 4 FF1016: format/printf:If format strings can be influenced "
                          "by an attacker, they can be exploited (CWE-134)."));
  ASSERT_THAT(file.reports, SizeIs(3));
  EXPECT_EQ(file.reports[0].type, "buffer/char");
  EXPECT_EQ(file.reports[0].analyzer_name, "Flawfinder");
  EXPECT_THAT(Steps(file, file.reports[0]), ElementsAre("copy.c:5:3 " + file.reports[0].message));
  EXPECT_THAT(file.reports[0].bug_path.events[0].ranges, ElementsAre(Range{0, 5, 3, 5, 20}));
  // printf 'FF1013\0contextHash/v1=07cf...' | sha256sum
  EXPECT_EQ(file.reports[0].report_hash, "eaabd2566c39b0e1f403c26f11de4fe1");
  EXPECT_THAT(file.hash_bases, IsEmpty());
  // Its taxonomy is in another file, which is not needed.
  EXPECT_THAT(file.warnings, IsEmpty());
}

TEST(SarifSamples, Ruff_ErrorsWithRanges) {
  const ResultFile file = ReadLog(SampleLog("ruff/report.sarif"));

  EXPECT_THAT(
      Summaries(file),
      ElementsAre(
          "/src/report.py:1:8 4 F401: `os` imported but unused",
          "/src/report.py:2:8 4 F401: `sys` imported but unused",
          "/src/report.py:5:18 4 B006: Do not use mutable data structures for argument defaults",
          "/src/report.py:7:9 4 B007: Loop control variable `unused` not used within loop body",
          "/src/report.py:10:26 4 E711: Comparison to `None` should be `cond is None`",
          "/src/report.py:11:5 4 E722: Do not use bare `except`",
          "/src/report.py:12:15 4 F541: f-string without any placeholders"));
  ASSERT_THAT(file.reports, SizeIs(7));
  EXPECT_EQ(file.reports[6].type, "f-string without any placeholders");
  EXPECT_THAT(file.reports[6].bug_path.events, SizeIs(1));
  EXPECT_THAT(file.reports[6].bug_path.events[0].ranges, ElementsAre(Range{0, 12, 15, 12, 37}));
  ASSERT_THAT(file.analyses, SizeIs(1));
  EXPECT_EQ(file.analyses[0].tool_name, "ruff");
  EXPECT_EQ(file.analyses[0].tool_version, "0.17.6");
}

TEST(SarifSamples, Eslint_RuleIndexSuppressionAndEmbeddedSource) {
  const ResultFile file = ReadLog(SampleLog("eslint/cart.sarif"));

  EXPECT_THAT(
      Summaries(file),
      ElementsAre("/src/cart.js:1:1 3 no-var: Unexpected var, use let or const instead.",
                  "/src/cart.js:1:5 3 no-unused-vars: 'items' is assigned a value but never used.",
                  "/src/cart.js:3:10 3 no-unused-vars: 'total' is defined but never used.",
                  "/src/cart.js:8:7 4 no-cond-assign: Expected a conditional expression and "
                  "instead saw an assignment.",
                  "/src/cart.js:8:7 3 no-unused-vars: 'sum' is assigned a value but never used.",
                  "/src/cart.js:12:10 4 no-undef: 'summ' is not defined.",
                  "/src/cart.js:10:5 4 no-debugger: Unexpected 'debugger' statement."));
  ASSERT_THAT(file.reports, SizeIs(7));
  EXPECT_EQ(file.reports[0].type, "Require `let` or `const` instead of `var`");
  EXPECT_EQ(file.reports[0].review, Review());
  EXPECT_EQ(file.reports[6].review,
            (Review{ReviewStatus::kFalsePositive, "kept for the demo", /*in_source=*/true}));
  ASSERT_THAT(file.files, SizeIs(1));
  EXPECT_EQ(file.files[0].content, SampleLog("eslint/cart.js"));
}

TEST(SarifSamples, AllProperties_AreReadAsEachAlone) {
  const ResultFile file = ReadLog(SampleLog("all_properties.sarif"));

  EXPECT_THAT(Summaries(file), ElementsAre("/home/me/src/a b.c:1:5 4 R1/2: 'x' {caf\xc3\xa9}",
                                           "whole.exe:0:0 3 E1: stacked"));
  ASSERT_THAT(file.reports, SizeIs(2));
  EXPECT_THAT(Steps(file, file.reports[0]), ElementsAre("C:/app.zip/in/side.c:4:1 seen in side",
                                                        "C:/app.zip/in/side.c:4:1 seen in side"));
  EXPECT_THAT(file.reports[0].bug_path.positions, SizeIs(1));
  EXPECT_THAT(file.reports[0].bug_path.notes, SizeIs(1));
  EXPECT_EQ(file.reports[0].category, "t1");
  EXPECT_EQ(file.hash_bases[0].partial_fingerprints, "line/v2=1");
  EXPECT_THAT(Steps(file, file.reports[1]),
              ElementsAre("/home/me/src/a b.c:0:0 n::f", "whole.exe:0:0 stacked"));
  EXPECT_EQ(file.reports[1].category, "style");
  EXPECT_EQ(file.reports[1].report_hash, "0123456789abcdef0123456789abcdef");
  EXPECT_EQ(file.reports[1].review,
            (Review{ReviewStatus::kFalsePositive, "known", /*in_source=*/true}));
  EXPECT_THAT(file.warnings, SizeIs(2));
}

}  // namespace
}  // namespace stored::reports
