#include "reports/inputs/metadata.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace stored::reports {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;

Metadata Read(const std::string& bytes, const Limits& limits = Limits()) {
  AnalyzedFiles files;
  return ReadMetadata(bytes, "r/metadata.json", limits, files);
}

// Reads a well-formed file; expects no warnings.
Metadata ReadWhole(const std::string& bytes) {
  Metadata metadata = Read(bytes);
  EXPECT_TRUE(metadata.usable);
  EXPECT_THAT(metadata.warnings, IsEmpty());
  return metadata;
}

void ExpectUnusable(const std::string& bytes, const std::string& part) {
  const Metadata metadata = Read(bytes);
  EXPECT_FALSE(metadata.usable) << bytes.substr(0, 100);
  EXPECT_THAT(metadata.analyses, IsEmpty());
  ASSERT_THAT(metadata.warnings, Not(IsEmpty())) << bytes.substr(0, 100);
  EXPECT_THAT(metadata.warnings.back(),
              AllOf(StartsWith("r/metadata.json: "), HasSubstr(part),
                    HasSubstr("; the results are read as if it were not there")));
}

// Reads a file with one malformed place; expects a warning about it.
Metadata ReadOdd(const std::string& bytes, const std::string& warning) {
  Metadata metadata = Read(bytes);
  EXPECT_TRUE(metadata.usable) << bytes.substr(0, 100);
  EXPECT_THAT(metadata.warnings, ElementsAre("r/metadata.json: " + warning));
  return metadata;
}

TEST(ReadMetadata, Version2_AsCodeCheckerWritesIt) {
  const Metadata metadata = ReadWhole(R"json({
    "version": 2,
    "tools": [{
      "name": "codechecker", "action_num": 39, "run_name": "nightly",
      "command": ["CodeChecker", "analyze", "-o", "reports"], "version": "6.29 (56fa6302)",
      "working_directory": "/src/leveldb", "output_path": "/src/reports",
      "result_source_files": {"/src/reports/a.plist": "/src/a.cc"}, "skipped": 0,
      "analyzers": {
        "clangsa": {
          "checkers": {"core.DivideZero": true, "alpha.core.CastSize": false},
          "analyzer_statistics": {
            "version": "clang 14.0.6", "failed": 1, "failed_sources": ["/src/bad.cc"],
            "successful": 38, "successful_sources": ["/src/a.cc"]}},
        "clang-tidy": {"checkers": {}, "analyzer_statistics": {}}},
      "timestamps": {"begin": 1700000000.25, "end": 1700000100}}]})json");
  EXPECT_EQ(metadata.run_name, "nightly");
  Analysis expected;
  expected.tool_name = "codechecker";
  expected.tool_version = "6.29 (56fa6302)";
  expected.command = {"CodeChecker", "analyze", "-o", "reports"};
  expected.working_directory = "/src/leveldb";
  expected.begin_time = 1700000000.25;
  expected.end_time = 1700000100;
  expected.analyzers = {{"clangsa",
                         "clang 14.0.6",
                         38,
                         1,
                         {"/src/bad.cc"},
                         {{"core.DivideZero", true}, {"alpha.core.CastSize", false}}},
                        {"clang-tidy"}};
  EXPECT_THAT(metadata.analyses, ElementsAre(expected));
}

TEST(ReadMetadata, Version2_AsReportConverterWritesIt) {
  const Metadata metadata = ReadWhole(
      R"({"version": 2, "num_of_report_dir": 1,
          "tools": [{"name": "cppcheck", "command": "cppcheck a.c"}, {"name": "ruff"}]})");
  ASSERT_EQ(metadata.analyses.size(), 2u);
  EXPECT_EQ(metadata.analyses[0].tool_name, "cppcheck");
  EXPECT_THAT(metadata.analyses[0].command, ElementsAre("cppcheck a.c"));
  EXPECT_EQ(metadata.analyses[1].tool_name, "ruff");
  EXPECT_EQ(metadata.run_name, "");
}

TEST(ReadMetadata, Version1_ToolSpreadOverTheTop) {
  const Metadata metadata = ReadWhole(R"json({
    "name": "old run", "versions": {"codechecker": "6.5 (abc)", "clangsa": "clang 7"},
    "command": ["CodeChecker"], "working_directory": "/w", "output_path": "/w/r",
    "timestamps": {"begin": 1.5, "end": 2.5}, "result_source_files": {}, "skipped": 1,
    "checkers": {"clang-tidy": ["bugprone-a", "bugprone-b"], "clangsa": {"core.X": false}},
    "analyzer_statistics": {"clangsa": {"version": "clang 7", "successful": 2, "failed": 0}}})json");
  EXPECT_EQ(metadata.run_name, "old run");
  Analysis expected;
  expected.tool_name = "codechecker";
  expected.tool_version = "6.5 (abc)";
  expected.command = {"CodeChecker"};
  expected.working_directory = "/w";
  expected.begin_time = 1.5;
  expected.end_time = 2.5;
  expected.analyzers = {{"clang-tidy", "", 0, 0, {}, {{"bugprone-a", true}, {"bugprone-b", true}}},
                        {"clangsa", "clang 7", 2, 0, {}, {{"core.X", false}}}};
  EXPECT_THAT(metadata.analyses, ElementsAre(expected));
}

TEST(ReadMetadata, RunName_OfTheFirstToolThatHasOne) {
  EXPECT_EQ(
      ReadWhole(R"({"tools": [{"name": "a"}, {"run_name": "b"}, {"run_name": "c"}]})").run_name,
      "b");
}

TEST(ReadMetadata, Null_CountsAsAbsent) {
  const Metadata metadata = ReadWhole(
      R"({"version": 2, "tools": [{"name": "x", "version": null, "command": null,
          "analyzers": null, "timestamps": {"begin": null}, "run_name": null}]})");
  EXPECT_EQ(metadata.analyses[0].tool_version, "");
}

TEST(ReadMetadata, InvalidUtf8_IsReplaced) {
  const Metadata metadata = ReadWhole("{\"version\": 2, \"tools\": [{\"name\": \"caf\xe9\"}]}");
  EXPECT_EQ(metadata.analyses[0].tool_name, "caf\xef\xbf\xbd");
}

TEST(ReadMetadata, CheckersAndStatisticsAtTheTool) {
  AnalyzedFiles files;
  const Metadata metadata = ReadMetadata(
      R"({"version": 2, "num_of_report_dir": 1, "tools": [
          {"name": "cppcheck", "version": "2.10", "command": ["cppcheck", "src"],
           "checkers": {"nullPointer": true, "uninitvar": false},
           "analyzer_statistics": {"version": "Cppcheck 2.10", "successful": 3, "failed": 1,
                                   "failed_sources": ["/src/bad.c"]}},
          {"name": "infer", "checkers": ["NULL_DEREFERENCE"]}]})",
      "m", Limits(), files);
  EXPECT_THAT(metadata.warnings, IsEmpty());
  ASSERT_EQ(metadata.analyses.size(), 2u);
  EXPECT_THAT(metadata.analyses[0].analyzers,
              ElementsAre(AnalyzerRun{"cppcheck",
                                      "Cppcheck 2.10",
                                      3,
                                      1,
                                      {"/src/bad.c"},
                                      {{"nullPointer", true}, {"uninitvar", false}}}));
  EXPECT_THAT(metadata.analyses[1].analyzers,
              ElementsAre(AnalyzerRun{"infer", "", 0, 0, {}, {{"NULL_DEREFERENCE", true}}}));
  EXPECT_EQ(files.total(), 4u);
  EXPECT_EQ(files.failed(), 1u);
}

TEST(ReadMetadata, ToolWithAnalyzersByNameAndCheckersOfItsOwn_BothRead) {
  const Metadata metadata = ReadWhole(
      R"({"version": 2, "tools": [{"name": "t", "analyzers": {"a": {"checkers": {"a.x": true}}},
          "checkers": {"t.x": false}}]})");
  EXPECT_THAT(metadata.analyses[0].analyzers,
              ElementsAre(AnalyzerRun{"a", "", 0, 0, {}, {{"a.x", true}}},
                          AnalyzerRun{"t", "", 0, 0, {}, {{"t.x", false}}}));
}

TEST(ReadMetadata, Version1_StatisticsWithoutCheckers) {
  const Metadata metadata = ReadWhole(
      R"({"command": ["CodeChecker"], "analyzer_statistics":
          {"clangsa": {"version": "clang 7", "successful": 2, "failed": 1,
                       "failed_sources": ["/w/x.c"]}}})");
  EXPECT_THAT(metadata.analyses[0].analyzers,
              ElementsAre(AnalyzerRun{"clangsa", "clang 7", 2, 1, {"/w/x.c"}, {}}));
}

TEST(ReadMetadata, KeyGivenTwice_LastOneCounts) {
  const Metadata metadata = ReadWhole(
      R"({"version": 2, "tools": [{"name": "a", "name": "b",
          "checkers": {"x": true, "y": true, "x": false}}]})");
  EXPECT_EQ(metadata.analyses[0].tool_name, "b");
  EXPECT_THAT(metadata.analyses[0].analyzers,
              ElementsAre(AnalyzerRun{"b", "", 0, 0, {}, {{"x", false}, {"y", true}}}));
}

TEST(ReadMetadata, NotAMetadataFile_IsAWarning) {
  ExpectUnusable("", "empty");
  ExpectUnusable(" \n", "empty");
  for (const char* bytes : {"hello", "<plist/>", "{\"version\": 2, \"tools\": [", "{} trailing",
                            "{\"version\": 2,, \"tools\": []}"}) {
    ExpectUnusable(bytes, "not JSON");
  }
  ExpectUnusable("{\n  \"tools\": [],\n}", "not JSON: line 2, column 14: ");
  ExpectUnusable("[]", "the top-level value is not an object");
  ExpectUnusable("null", "the top-level value is not an object");
  ExpectUnusable("{}", "neither \"tools\" nor \"checkers\"");
  ExpectUnusable(R"({"version": 2})", "neither \"tools\" nor \"checkers\"");
  ExpectUnusable(R"({"tools": {}})", "tools is not an array");
}

TEST(ReadMetadata, NestedTooDeepOrTooLarge_IsAWarning) {
  const std::string deep = std::string(10'000, '[') + std::string(10'000, ']');
  ExpectUnusable(deep, "more than 256 deep");
  ExpectUnusable("{\"version\": 2, \"unknown\": " + deep + "}", "more than 256 deep");
  Limits limits;
  limits.max_result_file_bytes = 10;
  EXPECT_THAT(Read(R"({"tools": []})", limits).warnings,
              ElementsAre(HasSubstr("larger than the limit of 10 bytes")));
}

TEST(ReadMetadata, ByteOrderMark_IsSkipped) {
  EXPECT_EQ(ReadWhole("\xef\xbb\xbf{\"tools\": [{\"name\": \"t\"}]}").analyses.size(), 1u);
}

TEST(ReadMetadata, UnknownVersion_IsReadByItsShape) {
  const Metadata metadata = ReadOdd(R"({"version": 3, "tools": [{"name": "t"}]})",
                                    "version 3 is not known; read as version 2");
  EXPECT_EQ(metadata.analyses[0].tool_name, "t");
  ReadOdd(R"({"version": "2", "tools": []})", "version is not a whole number; left out");
}

TEST(ReadMetadata, MalformedField_IsLeftOutWithItsPlace) {
  EXPECT_EQ(ReadOdd(R"({"tools": [7, {"name": "t"}]})", "tools[0] is not an object; left out")
                .analyses.size(),
            1u);
  ReadOdd(R"({"tools": [{"name": 7}]})", "tools[0].name is not text; left out");
  EXPECT_THAT(ReadOdd(R"({"tools": [{"command": ["a", 7, "b"]}]})",
                      "tools[0].command[1] is not text; left out")
                  .analyses[0]
                  .command,
              ElementsAre("a", "b"));
  ReadOdd(R"({"tools": [{"timestamps": {"end": "x"}}]})",
          "tools[0].timestamps.end is not a number; left out");
  ReadOdd(R"({"tools": [{"analyzers": []}]})", "tools[0].analyzers is not an object; left out");
  ReadOdd(R"({"tools": [{"analyzers": {"c": 1}}]})",
          "tools[0].analyzers.c is not an object; left out");
  ReadOdd(R"({"tools": [{"analyzers": {"c": {"checkers": 7}}}]})",
          "tools[0].analyzers.c.checkers is neither an object nor an array; left out");
  ReadOdd(R"({"tools": [{"analyzers": {"c": {"analyzer_statistics": {"failed": -1}}}}]})",
          "tools[0].analyzers.c.analyzer_statistics.failed is out of range: -1; left out");
}

TEST(ReadMetadata, CheckerStateThatIsNotABool_IsReadWithAWarning) {
  const auto state = [](const std::string& value) {
    const Metadata metadata = Read(R"({"tools": [{"analyzers": {"c": {"checkers": {"x": )" + value +
                                   R"(, "y": true}}}}]})");
    EXPECT_THAT(metadata.warnings,
                ElementsAre(StartsWith("r/metadata.json: tools[0].analyzers.c.checkers.x is "
                                       "neither true nor false; read as ")))
        << value;
    const std::vector<CheckerState>& checkers = metadata.analyses[0].analyzers[0].checkers;
    EXPECT_EQ(checkers.size(), 2u);
    EXPECT_TRUE(checkers[1].enabled);
    return checkers[0].enabled;
  };
  for (const char* on : {"1", "\"true\"", "\"ON\"", "0.5", "\"default\""}) {
    EXPECT_TRUE(state(on)) << on;
  }
  for (const char* off : {"0", "0.0", "null", "\"\"", "\"False\"", "\"off\""}) {
    EXPECT_FALSE(state(off)) << off;
  }
}

TEST(ReadMetadata, ManyWarnings_FirstAreNamedTheRestCounted) {
  std::string checkers;
  for (int i = 0; i < 5000; ++i) checkers += fmt::format("{}\"c{}\": 1", i == 0 ? "" : ", ", i);
  const Metadata metadata = Read(R"({"tools": [{"name": "t", "checkers": {)" + checkers + "}}]}");
  ASSERT_EQ(metadata.warnings.size(), 6u);
  EXPECT_EQ(metadata.warnings.back(), "r/metadata.json: 4995 more warnings like these");
  EXPECT_EQ(metadata.analyses[0].analyzers[0].checkers.size(), 5000u);
}

TEST(ReadMetadata, NameOverALimit_LeftOut) {
  const std::string long_name(1025, 'n');
  ReadOdd(R"({"tools": [{"name": ")" + long_name + R"("}]})",
          "tools[0].name has a name of 1025 bytes; the limit is 1024; left out");
  const std::string checker(4096, 'c');
  EXPECT_EQ(ReadWhole(R"({"tools": [{"checkers": {")" + checker + R"(": true}}]})")
                .analyses[0]
                .analyzers[0]
                .checkers[0]
                .name,
            checker);
  ReadOdd(R"({"tools": [{"checkers": {"c)" + checker + R"(": true}}]})",
          "a checker has a name of 4097 bytes; the limit is 4096; left out");
}

}  // namespace
}  // namespace stored::reports
