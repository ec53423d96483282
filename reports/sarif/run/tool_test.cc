// The rules, messages and levels that a result takes from the tool (SARIF sections 3.11, 3.18 to
// 3.20, 3.27.5 to 3.27.11, 3.49 to 3.54).

#include "reports/sarif/run/tool.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "reports/sarif/testing/test_logs.h"

namespace stored::reports {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr std::string_view kRules = R"([
    {"id": "CA1000", "name": "FirstRule", "shortDescription": {"text": "The first."},
     "defaultConfiguration": {"level": "note"},
     "messageStrings": {"default": {"text": "'{0}' hides '{1}' {{sic}}"},
                        "styled": {"markdown": "**bold**"}}},
    {"id": "CA2101", "guid": "11111111-1111-1111-1111-111111111111",
     "shortDescription": {"text": "The second."}, "defaultConfiguration": {"level": "error"},
     "properties": {"tags": ["security", "correctness"]}},
    {"id": "CA2101", "name": "SameIdAgain", "properties": {"security-severity": "9.1"}}])";

// Returns a log of one result with these properties (and a location), by a tool with kRules and an
// extension.
std::string LogOfRules(std::string_view result, std::string_view run = "") {
  return fmt::format(
      R"({{"version": "2.1.0", "runs": [{{
          "tool": {{"driver": {{"name": "scan", "rules": {},
                               "globalMessageStrings": {{"shared": {{"text": "global {{0}}"}}}}}},
                   "extensions": [{{"name": "pack", "guid": "22222222-2222-2222-2222-222222222222",
                     "rules": [{{"id": "EXT1", "name": "Extended",
                                "messageStrings": {{"m": {{"text": "from the pack"}}}}}}]}}]}},
          {} "results": [{{"locations": [{}], {}}}]}}]}})",
      kRules, run, LocationOf(), result);
}

Report ReadWith(std::string_view result, std::string_view run = "") {
  return ReadReport(LogOfRules(result, run));
}

TEST(SarifTool, Guids_AreTheSameInEitherCase) {
  const Report report = ReadReport(fmt::format(
      R"({{"version": "2.1.0", "runs": [{{
          "tool": {{"driver": {{"name": "scan"}},
                   "extensions": [{{"name": "pack", "guid": "abcdef12-0000-0000-0000-00000000000A",
                     "rules": [{{"id": "E1", "guid": "DEADBEEF-0000-0000-0000-00000000000b"}}]}}]}},
          "results": [{{"locations": [{}], "message": {{"text": "m"}}, "rule": {{
              "guid": "deadbeef-0000-0000-0000-00000000000B",
              "toolComponent": {{"guid": "ABCDEF12-0000-0000-0000-00000000000a"}}}}}}]}}]}})",
      LocationOf()));
  EXPECT_EQ(report.checker_name, "E1");
}

TEST(SarifTool, RuleByIndex_DistinguishesEqualIds) {
  const Report second = ReadWith(R"("ruleId": "CA2101", "ruleIndex": 1, "message": {"text": "m"})");
  EXPECT_EQ(second.checker_name, "CA2101");
  EXPECT_EQ(second.type, "The second.");
  EXPECT_EQ(second.category, "security");
  EXPECT_EQ(second.severity, Severity::kHigh);

  const Report third = ReadWith(R"("ruleId": "CA2101", "ruleIndex": 2, "message": {"text": "m"})");
  EXPECT_EQ(third.type, "SameIdAgain");
  EXPECT_EQ(third.severity, Severity::kCritical);
}

TEST(SarifTool, RuleByIndexAlone_GivesTheCheckerItsName) {
  EXPECT_EQ(ReadWith(R"("ruleIndex": 0, "message": {"text": "m"})").checker_name, "CA1000");
  EXPECT_EQ(ReadWith(R"("rule": {"index": 0}, "message": {"text": "m"})").checker_name, "CA1000");
}

TEST(SarifTool, RuleById_Found) {
  EXPECT_EQ(ReadWith(R"("ruleId": "CA1000", "message": {"text": "m"})").type, "FirstRule");
  EXPECT_EQ(ReadWith(R"("rule": {"id": "CA1000"}, "message": {"text": "m"})").type, "FirstRule");
}

TEST(SarifTool, HierarchicalRuleId_FindsRuleAndIsKeptWhole) {
  const Report report = ReadWith(R"("ruleId": "CA1000/1/x", "message": {"text": "m"})");
  EXPECT_EQ(report.checker_name, "CA1000/1/x");
  EXPECT_EQ(report.type, "FirstRule");
  EXPECT_EQ(report.severity, Severity::kLow);
}

TEST(SarifTool, RuleByGuid_Found) {
  const Report report = ReadWith(R"("rule": {"guid": "11111111-1111-1111-1111-111111111111"},
                  "message": {"text": "m"})");
  EXPECT_EQ(report.type, "The second.");
}

TEST(SarifTool, UnknownRuleId_IsStillAChecker) {
  const Report report = ReadWith(R"("ruleId": "XX", "message": {"text": "m"})");
  EXPECT_EQ(report.checker_name, "XX");
  EXPECT_EQ(report.type, "");
  EXPECT_EQ(report.severity, Severity::kMedium);
}

TEST(SarifTool, NoRule_ToolIsTheChecker) {
  const Report report = ReadWith(R"("message": {"text": "m"})");
  EXPECT_EQ(report.checker_name, "scan");
  EXPECT_EQ(report.analyzer_name, "scan");
}

TEST(SarifTool, RuleOfExtension_ByIndexGuidNameAndId) {
  for (const std::string component :
       {R"("index": 0)", R"("guid": "22222222-2222-2222-2222-222222222222")",
        R"("name": "pack")"}) {
    const Report report = ReadWith(fmt::format(
        R"("rule": {{"index": 0, "toolComponent": {{{}}}}}, "message": {{"id": "m"}})", component));
    EXPECT_EQ(report.checker_name, "EXT1") << component;
    EXPECT_EQ(report.message, "from the pack") << component;
    EXPECT_EQ(report.analyzer_name, "scan") << component;
  }
  EXPECT_EQ(ReadWith(R"("ruleId": "EXT1/2", "message": {"text": "m"})").type, "Extended");
}

TEST(SarifTool, RuleIndexMinusOne_MeansAbsent) {
  EXPECT_EQ(ReadWith(R"("ruleId": "CA1000", "ruleIndex": -1, "message": {"text": "m"})").type,
            "FirstRule");
}

TEST(SarifTool, MessageById_FromRuleWithArguments) {
  const Report report =
      ReadWith(R"("ruleIndex": 0, "message": {"arguments": ["x", "y"], "id": "default"})");
  EXPECT_EQ(report.message, "'x' hides 'y' {sic}");
}

TEST(SarifTool, MessageById_FromGlobalStrings) {
  EXPECT_EQ(ReadWith(R"("ruleIndex": 0, "message": {"id": "shared", "arguments": ["g"]})").message,
            "global g");
}

TEST(SarifTool, MessageById_MarkdownOnly) {
  EXPECT_EQ(ReadWith(R"("ruleIndex": 0, "message": {"id": "styled"})").message, "**bold**");
}

TEST(SarifTool, MessageById_Unknown_RuleDescribesIt) {
  EXPECT_EQ(ReadWith(R"("ruleIndex": 0, "message": {"id": "nowhere"})").message, "The first.");
}

TEST(SarifTool, MessageText_PlaceholdersReplaced) {
  EXPECT_EQ(
      ReadWith(R"("message": {"text": "Variable '{0}' is uninitialized.", "arguments": ["p"]})")
          .message,
      "Variable 'p' is uninitialized.");
}

TEST(SarifTool, MessageText_OtherBraces_AreKept) {
  EXPECT_EQ(ReadWith(R"("message": {"text": "use {} or {x}, {0}"})").message, "use {} or {x}, {0}");
  EXPECT_EQ(
      ReadWith(R"("message": {"text": "{y} of {0} is {1} }", "arguments": ["o", "null"]})").message,
      "{y} of o is null }");
}

TEST(SarifTool, MessageText_WithoutArguments_KeepsItsBraces) {
  for (const std::string message :
       {R"("text": "use `{{ a }}`, not {{b}}")", R"("markdown": "use `{{ a }}`, not {{b}}")",
        R"("text": "use `{{ a }}`, not {{b}}", "arguments": [])"}) {
    EXPECT_EQ(ReadWith(fmt::format(R"("message": {{{}}})", message)).message,
              "use `{{ a }}`, not {{b}}");
  }
  // An id or arguments show that the text is a format of section 3.11.5.
  EXPECT_EQ(ReadWith(R"("message": {"text": "a {{b}}", "id": "default"})").message, "a {b}");
  EXPECT_EQ(ReadWith(R"("message": {"text": "a {{b}}", "arguments": ["x"]})").message, "a {b}");
}

TEST(SarifTool, MessageText_TooFewArguments_FillsInThosePresent) {
  const ResultFile file = ReadLog(
      LogOfRules(R"("message": {"text": "{0} and {1}", "arguments": ["x"]}, "ruleIndex": 0)"));
  ASSERT_THAT(file.reports, SizeIs(1));
  EXPECT_EQ(file.reports[0].message, "x and {1}");
  EXPECT_THAT(file.warnings,
              testing::ElementsAre(
                  AllOf(HasSubstr("runs[0].results[0]: "),
                        HasSubstr("the message has the placeholder {1}, but only 1 argument"))));
  // Same for a message that is given by its id.
  EXPECT_EQ(ReadWith(R"("ruleIndex": 0, "message": {"id": "default", "arguments": ["x"]})").message,
            "'x' hides '{1}' {sic}");
}

TEST(SarifTool, MessageMarkdownOnly_Kept) {
  EXPECT_EQ(ReadWith(R"("message": {"markdown": "`a`"})").message, "`a`");
}

TEST(SarifTool, MessageEmpty_RuleDescribesIt) {
  const auto message_of = [](std::string_view rule, std::string_view message) {
    return ReadReport(fmt::format(
                          R"({{"version": "2.1.0", "runs": [{{"tool": {{"driver": {{"name": "scan",
                               "rules": [{{"id": "R1" {}}}]}}}}, "results": [{{"ruleId": "R1",
                               "locations": [{}] {}}}]}}]}})",
                          rule, LocationOf(), message))
        .message;
  };
  for (const std::string none :
       {"", R"(, "message": null)", R"(, "message": {})", R"(, "message": {"text": ""})",
        R"(, "message": {"text": null})", R"(, "message": {"text": " \n"})",
        R"(, "message": {"text": "", "arguments": ["x"]})"}) {
    EXPECT_EQ(message_of(R"(, "name": "Name", "shortDescription": {"text": "short"},
                              "fullDescription": {"text": "full {{0}}"})",
                         none),
              "full {{0}}");
    EXPECT_EQ(message_of(R"(, "name": "Name", "shortDescription": {"text": "short"})", none),
              "short");
    EXPECT_EQ(message_of(R"(, "name": "Name", "fullDescription": {"text": ""})", none), "Name");
    EXPECT_EQ(message_of("", none), "R1");
  }
  EXPECT_EQ(message_of(R"(, "fullDescription": {"text": "full"})",
                       R"(, "message": {"text": "", "markdown": "*own*"})"),
            "*own*");
}

TEST(SarifTool, Level_ResultsOwn_IsPreferred) {
  EXPECT_EQ(ReadWith(R"("ruleIndex": 1, "level": "note", "message": {"text": "m"})").severity,
            Severity::kLow);
  EXPECT_EQ(ReadWith(R"("ruleIndex": 0, "level": "none", "message": {"text": "m"})").severity,
            Severity::kStyle);
}

TEST(SarifTool, Level_OfAKindOtherThanFail_IsNone) {
  EXPECT_EQ(ReadWith(R"("ruleIndex": 1, "kind": "open", "message": {"text": "m"})").severity,
            Severity::kStyle);
}

TEST(SarifTool, Level_InvocationOverridesRule) {
  constexpr std::string_view kOverride =
      R"("invocations": [{"executionSuccessful": true, "ruleConfigurationOverrides": [
           {"descriptor": {"index": 0}, "configuration": {"level": "error"}}]}],)";
  EXPECT_EQ(ReadWith(R"("ruleIndex": 0, "message": {"text": "m"})", kOverride).severity,
            Severity::kHigh);
  // The override applies to that rule only.
  EXPECT_EQ(ReadWith(R"("ruleId": "XX", "message": {"text": "m"})", kOverride).severity,
            Severity::kMedium);
}

TEST(SarifTool, Level_OverrideOfAnotherInvocationDoesNotCount) {
  constexpr std::string_view kTwo =
      R"("invocations": [{"executionSuccessful": true},
          {"executionSuccessful": true, "ruleConfigurationOverrides": [
           {"descriptor": {"id": "CA1000"}, "configuration": {"level": "error"}}]}],)";
  const std::string result = R"("ruleIndex": 0, "message": {"text": "m"})";
  EXPECT_EQ(ReadWith(result, kTwo).severity, Severity::kLow);
  EXPECT_EQ(ReadWith(result + R"(, "provenance": {"invocationIndex": 1})", kTwo).severity,
            Severity::kHigh);
}

TEST(SarifTool, Severity_IsADefaultIfNotStated) {
  const auto is_default = [](std::string_view result, std::string_view run = "") {
    return ReadWith(result, run).severity_is_default;
  };
  EXPECT_TRUE(is_default(R"("ruleId": "XX")"));
  // A rule without a configuration, and a kind whose level is none.
  EXPECT_TRUE(ReadReport(LogOfResult(ResultOf())).severity_is_default);
  EXPECT_TRUE(is_default(R"("ruleIndex": 0, "kind": "open")"));
  EXPECT_TRUE(is_default(R"("ruleId": "XX", "level": null)"));
  EXPECT_FALSE(is_default(R"("ruleId": "XX", "level": "warning")"));
  EXPECT_FALSE(is_default(R"("ruleId": "XX", "level": "none")"));
  EXPECT_FALSE(is_default(R"("ruleIndex": 0)"));
  EXPECT_FALSE(is_default(R"("ruleIndex": 2)"));
  EXPECT_FALSE(is_default(R"("ruleId": "EXT1")",
                          R"("invocations": [{"ruleConfigurationOverrides": [
                               {"descriptor": {"id": "EXT1"},
                                "configuration": {"level": "warning"}}]}],)"));
  // The rank of a result, or a property that SARIF does not define, is not a severity.
  EXPECT_TRUE(is_default(R"("ruleId": "XX", "rank": 99.0, "properties": {"severity": "high"})"));
}

TEST(SarifTool, SecuritySeverity_BoundsAndPrecedence) {
  const auto severity_of = [](std::string_view score) {
    return ReadReport(LogOfResult(ResultOf(fmt::format(
                          R"("level": "note", "properties": {{"security-severity": {}}})", score))))
        .severity;
  };
  EXPECT_EQ(severity_of("\"9.0\""), Severity::kCritical);
  EXPECT_EQ(severity_of("8.9"), Severity::kHigh);
  EXPECT_EQ(severity_of("\"7.0\""), Severity::kHigh);
  EXPECT_EQ(severity_of("\"4.0\""), Severity::kMedium);
  EXPECT_EQ(severity_of("\"0.1\""), Severity::kLow);
  // These values are not a score, so that the level decides.
  EXPECT_EQ(severity_of("0"), Severity::kLow);
  EXPECT_EQ(severity_of("\"unknown\""), Severity::kLow);
  EXPECT_EQ(severity_of("[1]"), Severity::kLow);
  EXPECT_EQ(severity_of("10.1"), Severity::kLow);
  EXPECT_EQ(severity_of("\"-1\""), Severity::kLow);
  EXPECT_EQ(severity_of("\"nan\""), Severity::kLow);
  EXPECT_EQ(severity_of("10.0"), Severity::kCritical);
}

TEST(SarifTool, Analysis_FromDriverAndInvocation) {
  const ResultFile file = ReadLog(
      R"({"version": "2.1.0", "runs": [{
          "tool": {"driver": {"name": "scan", "semanticVersion": "1.2.3",
                              "rules": [{"id": "R", "defaultConfiguration": {"enabled": false}}]}},
          "originalUriBaseIds": {"HOME": {"uri": "file:///home/"}},
          "invocations": [{"executionSuccessful": true, "commandLine": "scan -a 'b c'",
            "executableLocation": {"uri": "file:///usr/bin/scan"}, "arguments": ["-a", "b c"],
            "workingDirectory": {"uri": "me", "uriBaseId": "HOME"},
            "startTimeUtc": "2024-05-06T07:08:09.5Z", "endTimeUtc": "2024-05-06T07:08:10Z"}],
          "results": []}]})");
  ASSERT_THAT(file.analyses, SizeIs(1));
  const Analysis& analysis = file.analyses[0];
  EXPECT_EQ(analysis.tool_version, "1.2.3");
  EXPECT_THAT(analysis.command, testing::ElementsAre("/usr/bin/scan", "-a", "b c"));
  EXPECT_EQ(analysis.working_directory, "/home/me");
  EXPECT_DOUBLE_EQ(analysis.begin_time, 1714979289.5);
  EXPECT_DOUBLE_EQ(analysis.end_time, 1714979290.0);
  ASSERT_THAT(analysis.analyzers, SizeIs(1));
  EXPECT_THAT(analysis.analyzers[0].checkers, IsEmpty());
  EXPECT_THAT(file.warnings, IsEmpty());
}

TEST(SarifTool, FailedInvocation_IsAWarning) {
  const ResultFile file = ReadLog(LogOf(
      R"("results": [], "invocations": [{"executionSuccessful": false,
          "toolExecutionNotifications": [
            {"level": "error", "message": {"text": "cannot open b.c"}},
            {"level": "note", "message": {"text": "reading a.c"}}]}])"));
  EXPECT_THAT(file.warnings,
              testing::ElementsAre(
                  "log.sarif: runs[0].invocations[0].toolExecutionNotifications[0]: the tool "
                  "reported an error: cannot open b.c",
                  "log.sarif: runs[0].invocations[0]: the tool did not run successfully"));
}

TEST(SarifTool, ManyNotifications_WarningsAreBounded) {
  std::string notifications;
  for (int i = 0; i < 500; ++i) {
    if (i > 0) notifications += ',';
    notifications +=
        fmt::format(R"({{"level": "error", "message": {{"text": "{}"}}}})", std::string(5000, 'x'));
  }
  const ResultFile file = ReadLog(LogOf(fmt::format(
      R"("results": [], "invocations": [{{"toolExecutionNotifications": [{}]}}])", notifications)));
  ASSERT_THAT(file.warnings, SizeIs(100));
  EXPECT_THAT(file.warnings.front(), SizeIs(1000));
  EXPECT_EQ(file.warnings.back(), "log.sarif: further warnings: 401");
}

}  // namespace
}  // namespace stored::reports
