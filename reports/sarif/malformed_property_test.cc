// A malformed property is left out with a warning that names its place; the rest of the log is
// read. Tested with references to objects that do not exist, values of an unexpected type, and
// values that SARIF does not define.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "reports/sarif/testing/test_logs.h"

namespace stored::reports {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::StartsWith;

// Reads a log of one result with these further properties and one well-formed result. Expects both
// to be read.
ResultFile ReadTwo(std::string_view result, std::string_view run = "") {
  ResultFile file = ReadLog(LogOf(fmt::format(R"({} "results": [{}, {}])", run, ResultOf(result),
                                              ResultOf(R"("level": "note")"))));
  EXPECT_THAT(file.reports, SizeIs(2)) << result << run;
  EXPECT_EQ(file.reports.empty() ? Severity::kUnspecified : file.reports.back().severity,
            Severity::kLow);
  return file;
}

std::vector<std::string> WarningsOf(std::string_view result, std::string_view run = "") {
  return ReadTwo(result, run).warnings;
}

auto OneAt(const std::string& place, const std::string& what) {
  return ElementsAre(AllOf(StartsWith("log.sarif: " + place + ": "), HasSubstr(what)));
}

TEST(SarifMalformedProperty, DanglingRuleIndex_RuleIsFoundByItsId) {
  const std::string result =
      R"("ruleId": "A", "ruleIndex": 7, "message": {"text": "m"}, "locations": [)" + LocationOf() +
      "]";
  const ResultFile file = ReadLog(fmt::format(
      R"({{"version": "2.1.0", "runs": [{{"tool": {{"driver": {{"name": "scan", "rules": [
           {{"id": "A", "defaultConfiguration": {{"level": "error"}}}}]}}}},
           "results": [{{{}}}]}}]}})",
      result));
  ASSERT_THAT(file.reports, SizeIs(1));
  EXPECT_EQ(file.reports[0].checker_name, "A");
  EXPECT_EQ(file.reports[0].severity, Severity::kHigh);
  EXPECT_THAT(file.warnings, OneAt("runs[0].results[0]", "rule index is 7"));
}

TEST(SarifMalformedProperty, DanglingReferences_WarningNamesTheResult) {
  const std::string at = "runs[0].results[0]";
  EXPECT_THAT(WarningsOf(R"("ruleIndex": 0)"), OneAt(at, "rule index is 0"));
  EXPECT_THAT(WarningsOf(R"("rule": {"index": 3})"), OneAt(at, "rule index is 3"));
  EXPECT_THAT(WarningsOf(R"("rule": {"guid": "no-such"})"), OneAt(at, "guid is \"no-such\""));
  EXPECT_THAT(WarningsOf(R"("rule": {"toolComponent": {"index": 1}})"),
              OneAt(at, "toolComponent.index is 1"));
  EXPECT_THAT(WarningsOf(R"("rule": {"toolComponent": {"name": "none"}})"),
              OneAt(at, "names \"none\""));
  EXPECT_THAT(WarningsOf(R"("rule": {"toolComponent": {"guid": "no-such"}})"),
              OneAt(at, "names \"no-such\""));
  EXPECT_THAT(WarningsOf(R"("provenance": {"invocationIndex": 2})", R"("invocations": [{}],)"),
              IsEmpty());  // The result has no rule, so that its level is not needed.
  EXPECT_THAT(WarningsOf(R"("message": {"text": "", "id": "none"})"),
              OneAt(at, "message.id is \"none\""));
  EXPECT_THAT(
      WarningsOf(R"("relatedLocations": [)" + LocationOf(R"("message": {"id": "none"})") + "]"),
      OneAt(at, "message.id is \"none\""));
}

TEST(SarifMalformedProperty, IndexIntoAMissingComponent_IsNotUsedForAnother) {
  const ResultFile file = ReadLog(fmt::format(
      R"({{"version": "2.1.0", "runs": [{{"tool": {{"driver": {{"name": "scan",
           "rules": [{{"id": "A"}}]}}}}, "results": [{{"message": {{"text": "m"}},
           "rule": {{"index": 0, "toolComponent": {{"name": "gone"}}}}, "locations": [{}]}}]}}]}})",
      LocationOf()));
  ASSERT_THAT(file.reports, SizeIs(1));
  EXPECT_EQ(file.reports[0].checker_name, "scan");
  EXPECT_THAT(file.warnings, SizeIs(1));
}

TEST(SarifMalformedProperty, DanglingNoteMessage_NoteIsKept) {
  const ResultFile file =
      ReadTwo(R"("relatedLocations": [)" + LocationOf(R"("message": {"id": "none"})") + "]");
  ASSERT_THAT(file.reports[0].bug_path.notes, SizeIs(1));
  EXPECT_EQ(file.reports[0].bug_path.notes[0].message, "");
}

TEST(SarifMalformedProperty, DanglingRuleOfAnOverride_IsAWarning) {
  EXPECT_THAT(WarningsOf("", R"("invocations": [{"ruleConfigurationOverrides": [
                  {"descriptor": {"index": 9}, "configuration": {"level": "error"}}]}],)"),
              OneAt("runs[0]", "rule index is 9"));
}

TEST(SarifMalformedProperty, ArtifactsInAnotherFile_ResultIsStored) {
  const ResultFile file = ReadLog(LogOf(
      R"("externalPropertyFileReferences": {"artifacts": [{"location": {"uri": "a.x"}}]},
         "results": [{"ruleId": "R1", "message": {"text": "m"}, "analysisTarget": {"uri": "t.c"},
           "locations": [{"physicalLocation": {"artifactLocation": {"index": 0}}}]}])"));
  EXPECT_THAT(file.reports, SizeIs(1));
  EXPECT_THAT(file.warnings,
              ElementsAre(AllOf(HasSubstr("runs[0].externalPropertyFileReferences.artifacts"),
                                HasSubstr("the artifacts of this run are in a file of their own")),
                          AllOf(HasSubstr("runs[0].results[0].locations[0]"),
                                HasSubstr("an artifact index is 0, but the run has 0 artifacts"))));
}

TEST(SarifMalformedProperty, EnumValues_InAnotherCase_AreAccepted) {
  const ResultFile file = ReadTwo(R"("level": "Error", "kind": "FAIL", "baselineState": "New")");
  EXPECT_EQ(file.reports[0].severity, Severity::kHigh);
  EXPECT_THAT(file.warnings,
              ElementsAre("log.sarif: runs[0].results[0].level: level is \"Error\"; it is read as "
                          "\"error\"",
                          HasSubstr("kind is \"FAIL\""), HasSubstr("baselineState is \"New\"")));
}

TEST(SarifMalformedProperty, EnumValues_Unknown_AreLeftOut) {
  const ResultFile file = ReadTwo(R"("level": "fatal", "kind": "maybe", "baselineState": "odd")");
  EXPECT_EQ(file.reports[0].severity, Severity::kMedium);
  EXPECT_TRUE(file.reports[0].severity_is_default);
  EXPECT_THAT(file.warnings,
              ElementsAre(HasSubstr("level is \"fatal\", which SARIF 2.1.0 does not define"),
                          HasSubstr("kind is \"maybe\""), HasSubstr("baselineState is \"odd\"")));
}

TEST(SarifMalformedProperty, UnknownSuppressionStatus_HidesNothing) {
  const ResultFile file = ReadTwo(R"("suppressions": [{"status": "perhaps"}, 7])");
  EXPECT_EQ(file.reports[0].review, Review());
  EXPECT_THAT(file.warnings,
              ElementsAre(HasSubstr("results[0].suppressions[0].status: status is \"perhaps\""),
                          HasSubstr("results[0].suppressions[1]: a suppression is not an object")));
}

TEST(SarifMalformedProperty, WrongTypesInAResult_AreLeftOut) {
  for (const std::string property :
       {"level", "kind", "baselineState", "rule", "locations", "relatedLocations", "codeFlows",
        "stacks", "suppressions", "fingerprints", "partialFingerprints", "properties", "provenance",
        "analysisTarget"}) {
    for (const std::string value : {"[[]]", "{\"a\": []}", "\"text\"", "12", "true"}) {
      const std::string result = fmt::format(R"("{}": {})", property, value);
      EXPECT_THAT(WarningsOf(result), Each(StartsWith("log.sarif: runs[0].results[0]")));
    }
  }
  EXPECT_THAT(WarningsOf(R"("level": [1])"),
              OneAt("runs[0].results[0].level", "level is not a string; it is left out"));
  EXPECT_THAT(WarningsOf(R"("relatedLocations": [3])"),
              OneAt("runs[0].results[0].relatedLocations[0]", "is not an object"));
}

TEST(SarifMalformedProperty, WrongTypesInARun_AreLeftOut) {
  for (const std::string property :
       {"artifacts", "originalUriBaseIds", "invocations", "threadFlowLocations", "logicalLocations",
        "taxonomies", "policies", "externalPropertyFileReferences"}) {
    for (const std::string value : {"[[]]", "{\"a\": []}", "\"text\"", "12", "true", "[null]"}) {
      const std::string run = fmt::format(R"("{}": {},)", property, value);
      EXPECT_THAT(WarningsOf("", run), Each(StartsWith("log.sarif: runs[0]")));
    }
  }
}

TEST(SarifMalformedProperty, WrongTypesInARule_AreLeftOut) {
  for (const std::string rule :
       {R"("properties": {"tags": 3})", R"("properties": {"tags": [3]})", R"("properties": [])",
        R"("shortDescription": 1)", R"("fullDescription": [1])", R"("messageStrings": "x")",
        R"("messageStrings": {"a": 1})", R"("defaultConfiguration": "error")",
        R"("defaultConfiguration": {"level": "Severe"})", R"("name": {})", R"("guid": 7)",
        R"("properties": {"security-severity": "very"})"}) {
    const ResultFile file = ReadLog(fmt::format(
        R"({{"version": "2.1.0", "runs": [{{"tool": {{"driver": {{"name": "scan", "rules": [
             {{"id": "R1", {}}}]}}}}, "results": [{}]}}]}})",
        rule, ResultOf()));
    EXPECT_THAT(file.reports, SizeIs(1)) << rule;
    EXPECT_THAT(file.warnings, ElementsAre(StartsWith("log.sarif: runs[0].tool.driver.rules[0].")))
        << rule;
  }
}

TEST(SarifMalformedProperty, TagsThatAreAString_AreOneTag) {
  const ResultFile file = ReadLog(fmt::format(
      R"({{"version": "2.1.0", "runs": [{{"tool": {{"driver": {{"name": "scan", "rules": [
           {{"id": "R1", "properties": {{"tags": "security"}}}}]}}}}, "results": [{}]}}]}})",
      ResultOf()));
  ASSERT_THAT(file.reports, SizeIs(1));
  EXPECT_EQ(file.reports[0].category, "security");
  EXPECT_THAT(file.warnings, ElementsAre(HasSubstr("rules[0].properties.tags: tags is not an")));
}

TEST(SarifMalformedProperty, NumbersInPlaceOfTexts_AreReadAsWritten) {
  const ResultFile file = ReadLog(LogOfResult(ResultOf(R"("ruleId": 1234)")));
  ASSERT_THAT(file.reports, SizeIs(1));
  EXPECT_EQ(file.reports[0].checker_name, "1234");
  EXPECT_THAT(file.warnings, OneAt("runs[0].results[0].ruleId", "read as \"1234\""));
}

TEST(SarifMalformedProperty, MessageThatIsAString_IsTheText) {
  const ResultFile file = ReadLog(LogOfResult(ResultOf(R"("message": "as it {{stands}}")")));
  ASSERT_THAT(file.reports, SizeIs(1));
  EXPECT_EQ(file.reports[0].message, "as it {{stands}}");
  EXPECT_THAT(file.warnings, OneAt("runs[0].results[0].message", "message is not an object"));
}

TEST(SarifMalformedProperty, ResultsThatAreNotObjects_AreLeftOut) {
  const ResultFile file =
      ReadLog(LogOf(fmt::format(R"("results": [null, 7, {}, "x", []])", ResultOf())));
  EXPECT_THAT(file.reports, SizeIs(1));
  EXPECT_THAT(file.warnings, SizeIs(3));
  EXPECT_THAT(file.warnings[0], HasSubstr("runs[0].results[0]: it is not an object"));
  EXPECT_THAT(file.warnings[2], HasSubstr("(and 1 more like it)"));
}

TEST(SarifMalformedProperty, NoDriverName_IsUnknown) {
  for (const std::string tool : {R"("tool": {"driver": {}},)", R"("tool": "T",)", ""}) {
    const ResultFile file = ReadLog(fmt::format(
        R"({{"version": "2.1.0", "runs": [{{{} "results": [{}]}}]}})", tool, ResultOf()));
    ASSERT_THAT(file.reports, SizeIs(1)) << tool;
    EXPECT_EQ(file.reports[0].analyzer_name, "unknown");
    EXPECT_THAT(file.warnings, Contains(HasSubstr("runs[0]: tool.driver.name is missing")));
  }
}

TEST(SarifMalformedProperty, ManyWarningsOfAKind_AreAFewAndACount) {
  std::string results;
  for (int i = 0; i < 500; ++i) {
    if (i > 0) results += ',';
    results += ResultOf(fmt::format(R"("ruleIndex": {})", i));
  }
  const ResultFile file =
      ReadLog(LogOf(fmt::format(R"("results": [{}, {}])", results, ResultOf(R"("kind": "x")"))));
  EXPECT_THAT(file.reports, SizeIs(501));
  ASSERT_THAT(file.warnings, SizeIs(4));
  EXPECT_THAT(file.warnings[0], HasSubstr("results[0]: its rule index is 0"));
  EXPECT_THAT(file.warnings[2],
              AllOf(HasSubstr("results[2]"), HasSubstr("(and 497 more like it)")));
  EXPECT_THAT(file.warnings[3], HasSubstr("results[500].kind"));
}

TEST(SarifMalformedProperty, ManyKindsOfWarnings_AreBounded) {
  std::string results;
  for (int i = 0; i < 2000; ++i) {
    if (i > 0) results += ',';
    // The number is spelt in letters, so that each warning is of its own kind.
    std::string word;
    for (const char digit : std::to_string(i)) word += static_cast<char>('a' + digit - '0');
    results += ResultOf(fmt::format(R"("kind": "{}{}")", word, std::string(2000, 'x')));
  }
  const ResultFile file = ReadLog(LogOf(fmt::format(R"("results": [{}])", results)));
  EXPECT_THAT(file.reports, SizeIs(2000));
  EXPECT_THAT(file.warnings, SizeIs(100));
  EXPECT_THAT(file.warnings, Each(SizeIs(testing::Le(1000u))));
  EXPECT_EQ(file.warnings.back(), "log.sarif: further warnings: 1901");
}

TEST(SarifMalformedProperty, RunThatIsNull_OthersAreRead) {
  const ResultFile file = ReadLog(fmt::format(
      R"({{"version": "2.1.0", "runs": [null, {{"tool": {{"driver": {{"name": "scan"}}}},
           "results": [{}]}}]}})",
      ResultOf()));
  EXPECT_THAT(file.reports, SizeIs(1));
  EXPECT_THAT(file.warnings, ElementsAre(HasSubstr("runs[0] is null")));
}

}  // namespace
}  // namespace stored::reports
