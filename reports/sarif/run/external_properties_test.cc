// Properties of a run that a log keeps outside the run (SARIF sections 3.13.5, 3.14.2 and 4).

#include "reports/sarif/run/external_properties.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "reports/sarif/testing/test_logs.h"

namespace stored::reports {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// Returns a run of the tool `name` without results, with these further properties.
std::string RunOf(std::string_view name, std::string_view properties = "") {
  return fmt::format(R"({{"tool": {{"driver": {{"name": "{}"}}}}, "results": [] {}{}}})", name,
                     properties.empty() ? "" : ", ", properties);
}

// Returns a log with external properties before or after the runs.
std::string LogWith(std::string_view runs, std::string_view external, bool first) {
  const std::string inlined = fmt::format(R"("inlineExternalProperties": [{}],)", external);
  return fmt::format(R"({{{} "runs": [{}], {} "version": "2.1.0"}})", first ? inlined : "", runs,
                     first ? "" : inlined);
}

std::string Results(std::string_view rule) {
  return fmt::format(
      R"("results": [{{"ruleId": "{}", "message": {{"text": "m"}}, "locations": [{}]}}])", rule,
      LocationOf());
}

// Returns "tool rule" for each report.
std::vector<std::string> ReportsOf(const ResultFile& file) {
  std::vector<std::string> reports;
  for (const Report& report : file.reports) {
    reports.push_back(report.analyzer_name + " " + report.checker_name);
  }
  return reports;
}

TEST(SarifExternalProperties, Results_BelongToTheOnlyRun) {
  for (const bool first : {true, false}) {
    const ResultFile file = ReadLog(LogWith(
        RunOf("scan"), fmt::format(R"({{"guid": "G", "runGuid": "R", {}}})", Results("A")), first));
    EXPECT_THAT(ReportsOf(file), ElementsAre("scan A"));
    EXPECT_THAT(file.warnings, IsEmpty());
    EXPECT_THAT(file.analyses, SizeIs(1));
  }
}

TEST(SarifExternalProperties, ResultsOfRunAndElements_AreAllRead) {
  const ResultFile file =
      ReadLog(LogWith(R"({"tool": {"driver": {"name": "scan"}}, )" + Results("A") + "}",
                      fmt::format("{{{}}}, {{{}}}", Results("B"), Results("C")), true));
  EXPECT_THAT(ReportsOf(file), ElementsAre("scan A", "scan B", "scan C"));
}

TEST(SarifExternalProperties, RunWithoutResults_HasTheExternalOnes) {
  const ResultFile file = ReadLog(LogWith(R"({"tool": {"driver": {"name": "scan"}}})",
                                          fmt::format("{{{}}}", Results("A")), true));
  EXPECT_THAT(ReportsOf(file), ElementsAre("scan A"));
  EXPECT_THAT(file.warnings, IsEmpty());
}

TEST(SarifExternalProperties, SeveralRuns_NamedOneGetsThem) {
  const std::string runs =
      RunOf("one", R"("automationDetails": {"guid": "AAAA"})") + "," +
      RunOf("two", R"("externalPropertyFileReferences": {"results": [{"guid": "g2"}]})");
  const std::string external = fmt::format(R"({{"guid": "G2", {}}}, {{"runGuid": "aaaa", {}}},
      {{"guid": "only"}})",
                                           Results("OfTwo"), Results("OfOne"));
  EXPECT_THAT(ReportsOf(ReadLog(LogWith(runs, external, false))),
              ElementsAre("one OfOne", "two OfTwo"));
}

TEST(SarifExternalProperties, AsManyRuns_TheOneWithTheSameIndexGetsThem) {
  const std::string external = fmt::format("{{{}}}, {{{}}}", Results("A"), Results("B"));
  EXPECT_THAT(ReportsOf(ReadLog(LogWith(RunOf("one") + "," + RunOf("two"), external, true))),
              ElementsAre("one A", "two B"));
}

TEST(SarifExternalProperties, UnknownRun_TheyAreARunOfTheirOwn) {
  const ResultFile file =
      ReadLog(LogWith(RunOf("one") + "," + RunOf("two"),
                      fmt::format(R"({{"driver": {{"name": "three"}}, {}}})", Results("A")), true));
  EXPECT_THAT(ReportsOf(file), ElementsAre("three A"));
  EXPECT_THAT(file.warnings, ElementsAre(AllOf(HasSubstr("inlineExternalProperties[0]"),
                                               HasSubstr("a run of its own"))));
}

TEST(SarifExternalProperties, ReferencesOfResults_AreFound) {
  const std::string run = fmt::format(
      R"({{"tool": {{"driver": {{"name": "scan"}}}},
           "externalPropertyFileReferences": {{"driver": {{"guid": "d"}},
             "extensions": [{{"guid": "d"}}], "artifacts": [{{"guid": "d"}}],
             "invocations": [{{"guid": "d"}}], "threadFlowLocations": [{{"guid": "d"}}]}},
           "results": [{{"ruleIndex": 0, "message": {{"id": "m", "arguments": ["x"]}},
             "locations": [{{"physicalLocation": {{"artifactLocation": {{"index": 0}}}}}}],
             "codeFlows": [{{"threadFlows": [{{"locations": [{{"index": 0}}]}}]}}]}},
             {{"ruleId": "E1", "message": {{"text": "m"}}, "locations": [{}]}}]}})",
      LocationOf());
  const std::string external =
      R"({"guid": "D", "driver": {"name": "scan", "version": "2", "rules": [{"id": "R1",
            "messageStrings": {"m": {"text": "<{0}>"}}}]},
          "extensions": [{"name": "pack", "rules": [{"id": "E1", "name": "Extended"}]}],
          "artifacts": [{"location": {"uri": "src/b.c"}, "contents": {"text": "int b;"}}],
          "invocations": [{"commandLine": "scan b.c"}],
          "threadFlowLocations": [{"location": {"message": {"text": "step"}, "physicalLocation":
            {"artifactLocation": {"uri": "src/c.c"}, "region": {"startLine": 2}}}}]})";
  const ResultFile file = ReadLog(LogWith(run, external, false));
  ASSERT_THAT(file.reports, SizeIs(2));
  EXPECT_EQ(file.reports[0].checker_name, "R1");
  EXPECT_EQ(file.reports[0].message, "<x>");
  EXPECT_EQ(file.files[file.reports[0].location.file].path, "src/b.c");
  EXPECT_EQ(file.files[file.reports[0].location.file].content, "int b;");
  ASSERT_THAT(file.reports[0].bug_path.events, SizeIs(1));
  EXPECT_EQ(file.reports[0].bug_path.events[0].message, "step");
  EXPECT_EQ(file.reports[1].type, "Extended");
  ASSERT_THAT(file.analyses, SizeIs(1));
  EXPECT_EQ(file.analyses[0].tool_version, "2");
  EXPECT_THAT(file.analyses[0].command, ElementsAre("scan b.c"));
  EXPECT_THAT(file.warnings, IsEmpty());
}

TEST(SarifExternalProperties, UnusedProperties_NoWarning) {
  const ResultFile file = ReadLog(LogWith(
      RunOf("scan"), R"({"guid": "G", "runGuid": "R"}, {"taxonomies": [], "policies": []})", true));
  EXPECT_THAT(file.warnings, IsEmpty());
}

TEST(SarifExternalProperties, WrongTypes_AreWarnings) {
  const ResultFile file = ReadLog(LogWith(RunOf("scan"), R"(3, {"guid": []})", true));
  EXPECT_THAT(file.warnings,
              ElementsAre(HasSubstr("log.sarif: inlineExternalProperties[0]: it is not an object"),
                          HasSubstr("guid is not a string")));
}

TEST(SarifExternalProperties, WarningsAndErrorsInThem_NameTheirPlace) {
  const ResultFile file =
      ReadLog(LogWith(RunOf("scan"),
                      R"({"results": [{"level": "Odd", "message": {"text": "m"}, "locations": [)" +
                          LocationOf() + "]}]}",
                      true));
  EXPECT_THAT(file.warnings,
              ElementsAre(HasSubstr("log.sarif: inlineExternalProperties[0].results[0].level: ")));

  const auto refused = TryReadLog(
      "{\"version\": \"2.1.0\",\n\"inlineExternalProperties\": [\n"
      "  {\"results\": [{\"ruleId\": \"C:\\src\"}]}], \"runs\": [" +
      RunOf("scan") + "]}");
  EXPECT_THAT(std::string(refused.status().message()),
              HasSubstr("not well-formed JSON: line 3, column 30: '\\s'"));
  EXPECT_THAT(
      std::string(
          TryReadLog(LogWith(RunOf("scan"), R"({"results": {}})", true)).status().message()),
      HasSubstr("runs[0]: results is not an array"));
}

TEST(SarifExternalProperties, ResultsInOtherFiles_AreAnErrorUnlessInlined) {
  const std::string run =
      RunOf("scan", R"("externalPropertyFileReferences": {"results": [{"guid": "here"},
                           {"guid": "there", "location": {"uri": "more.sarif"}}]})");
  const std::string here = fmt::format(R"({{"guid": "here", {}}})", Results("A"));
  EXPECT_THAT(std::string(TryReadLog(LogWith(run, here, true)).status().message()),
              HasSubstr("externalPropertyFileReferences.results"));
  const std::string there = fmt::format(R"({{"guid": "there", {}}})", Results("B"));
  EXPECT_THAT(ReportsOf(ReadLog(LogWith(run, here + "," + there, true))),
              ElementsAre("scan A", "scan B"));
}

}  // namespace
}  // namespace stored::reports
