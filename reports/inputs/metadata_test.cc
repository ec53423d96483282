#include "reports/inputs/metadata.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace stored::reports {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

absl::StatusOr<Metadata> Read(const std::string& bytes) {
  return ReadMetadata(bytes, "r/metadata.json", Limits());
}

void ExpectError(const std::string& bytes, absl::StatusCode code, const std::string& part) {
  const absl::Status status = Read(bytes).status();
  EXPECT_EQ(status.code(), code) << bytes.substr(0, 100) << ": " << status;
  EXPECT_THAT(std::string(status.message().data(), status.message().size()),
              testing::AllOf(testing::StartsWith("r/metadata.json: "), HasSubstr(part)));
}

TEST(ReadMetadata, Version2_AsCodeCheckerWritesIt) {
  const absl::StatusOr<Metadata> metadata = Read(R"json({
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
  ASSERT_TRUE(metadata.ok()) << metadata.status();
  EXPECT_EQ(metadata->run_name, "nightly");
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
  EXPECT_THAT(metadata->analyses, ElementsAre(expected));
}

TEST(ReadMetadata, Version2_AsReportConverterWritesIt) {
  const absl::StatusOr<Metadata> metadata = Read(
      R"({"version": 2, "num_of_report_dir": 1,
          "tools": [{"name": "cppcheck", "command": "cppcheck a.c"}, {"name": "ruff"}]})");
  ASSERT_TRUE(metadata.ok()) << metadata.status();
  ASSERT_EQ(metadata->analyses.size(), 2u);
  EXPECT_EQ(metadata->analyses[0].tool_name, "cppcheck");
  EXPECT_THAT(metadata->analyses[0].command, ElementsAre("cppcheck a.c"));
  EXPECT_EQ(metadata->analyses[1].tool_name, "ruff");
  EXPECT_EQ(metadata->run_name, "");
}

TEST(ReadMetadata, Version1_ToolSpreadOverTheTop) {
  const absl::StatusOr<Metadata> metadata = Read(R"json({
    "name": "old run", "versions": {"codechecker": "6.5 (abc)", "clangsa": "clang 7"},
    "command": ["CodeChecker"], "working_directory": "/w", "output_path": "/w/r",
    "timestamps": {"begin": 1.5, "end": 2.5}, "result_source_files": {}, "skipped": 1,
    "checkers": {"clang-tidy": ["bugprone-a", "bugprone-b"], "clangsa": {"core.X": false}},
    "analyzer_statistics": {"clangsa": {"version": "clang 7", "successful": 2, "failed": 0}}})json");
  ASSERT_TRUE(metadata.ok()) << metadata.status();
  EXPECT_EQ(metadata->run_name, "old run");
  Analysis expected;
  expected.tool_name = "codechecker";
  expected.tool_version = "6.5 (abc)";
  expected.command = {"CodeChecker"};
  expected.working_directory = "/w";
  expected.begin_time = 1.5;
  expected.end_time = 2.5;
  expected.analyzers = {{"clang-tidy", "", 0, 0, {}, {{"bugprone-a", true}, {"bugprone-b", true}}},
                        {"clangsa", "clang 7", 2, 0, {}, {{"core.X", false}}}};
  EXPECT_THAT(metadata->analyses, ElementsAre(expected));
}

TEST(ReadMetadata, RunName_OfTheFirstToolThatHasOne) {
  EXPECT_EQ(Read(R"({"tools": [{"name": "a"}, {"run_name": "b"}, {"run_name": "c"}]})")->run_name,
            "b");
}

TEST(ReadMetadata, NullCountsAsNotThere) {
  const absl::StatusOr<Metadata> metadata = Read(
      R"({"version": 2, "tools": [{"name": "x", "version": null, "command": null,
          "analyzers": null, "timestamps": {"begin": null}, "run_name": null}]})");
  ASSERT_TRUE(metadata.ok()) << metadata.status();
  EXPECT_EQ(metadata->analyses[0].tool_version, "");
}

TEST(ReadMetadata, InvalidUtf8_ReplacedNotRefused) {
  const absl::StatusOr<Metadata> metadata =
      Read("{\"version\": 2, \"tools\": [{\"name\": \"caf\xe9\"}]}");
  ASSERT_TRUE(metadata.ok()) << metadata.status();
  EXPECT_EQ(metadata->analyses[0].tool_name, "caf\xef\xbf\xbd");
}

TEST(ReadMetadata, NotJson_Refused) {
  for (const char* bytes : {"", "hello", "<plist/>", "{\"version\": 2, \"tools\": [", "{} trailing",
                            "{\"version\": 2,, \"tools\": []}"}) {
    ExpectError(bytes, absl::StatusCode::kInvalidArgument, "not JSON");
  }
}

TEST(ReadMetadata, NestedTooDeep_Refused) {
  const std::string deep = std::string(10'000, '[') + std::string(10'000, ']');
  ExpectError(deep, absl::StatusCode::kResourceExhausted, "more than 256 deep");
  ExpectError("{\"version\": 2, \"unknown\": " + deep + "}", absl::StatusCode::kResourceExhausted,
              "more than 256 deep");
}

TEST(ReadMetadata, WrongShape_NamesTheField) {
  constexpr absl::StatusCode kInvalid = absl::StatusCode::kInvalidArgument;
  ExpectError("[]", kInvalid, "the top is no object");
  ExpectError("{}", kInvalid, "neither \"tools\" nor \"checkers\"");
  ExpectError(R"({"version": 3, "tools": []})", kInvalid, "version 3 is not known");
  ExpectError(R"({"version": "2", "tools": []})", kInvalid, "version is no whole number");
  ExpectError(R"({"version": 2})", kInvalid, "tools is missing");
  ExpectError(R"({"tools": {}})", kInvalid, "tools is no array");
  ExpectError(R"({"tools": [{}, 7]})", kInvalid, "tools[1] is no object");
  ExpectError(R"({"tools": [{"name": 7}]})", kInvalid, "tools[0].name is no text");
  ExpectError(R"({"tools": [{"command": ["a", 7]}]})", kInvalid, "tools[0].command[1] is no text");
  ExpectError(R"({"tools": [{"timestamps": {"end": "x"}}]})", kInvalid,
              "tools[0].timestamps.end is no number");
  ExpectError(R"({"tools": [{"analyzers": []}]})", kInvalid, "tools[0].analyzers is no object");
  ExpectError(R"({"tools": [{"analyzers": {"c": {"checkers": {"x": 1}}}}]})", kInvalid,
              "tools[0].analyzers.c.checkers.x is neither true nor false");
  ExpectError(R"({"tools": [{"analyzers": {"c": {"checkers": 7}}}]})", kInvalid,
              "tools[0].analyzers.c.checkers is neither object nor array");
  ExpectError(R"({"tools": [{"analyzers": {"c": {"analyzer_statistics": {"failed": -1}}}}]})",
              kInvalid, "tools[0].analyzers.c.analyzer_statistics.failed is out of range: -1");
}

TEST(ReadMetadata, OverALimit_Refused) {
  const std::string long_name(1025, 'n');
  ExpectError(R"({"tools": [{"name": ")" + long_name + R"("}]})",
              absl::StatusCode::kResourceExhausted, "tools[0].name");
  ExpectError(R"({"tools": [{"analyzers": {"c": {"checkers": {")" + long_name + R"(": true}}}}]})",
              absl::StatusCode::kResourceExhausted, "tools[0].analyzers.c.checkers");
  Limits limits;
  limits.max_result_file_bytes = 10;
  EXPECT_EQ(ReadMetadata(R"({"tools": []})", "m", limits).status().code(),
            absl::StatusCode::kResourceExhausted);
}

}  // namespace
}  // namespace stored::reports
