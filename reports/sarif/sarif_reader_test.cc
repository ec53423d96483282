// The log as a whole: its shape, malformed inputs, and which reports with which hashes are stored.

#include "reports/sarif/sarif_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "reports/sarif/testing/test_logs.h"

namespace stored::reports {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// Returns the code and message for a log that is refused.
std::pair<absl::StatusCode, std::string> ErrorOf(std::string log, const Limits& limits = {}) {
  const absl::StatusOr<ResultFile> file = TryReadLog(std::move(log), limits);
  return {file.status().code(), std::string(file.status().message())};
}

auto Invalid(const std::string& message) {
  return testing::Pair(absl::StatusCode::kInvalidArgument, HasSubstr(message));
}
auto Exhausted(const std::string& message) {
  return testing::Pair(absl::StatusCode::kResourceExhausted, HasSubstr(message));
}

TEST(SarifReader, SeveralRuns_EachWithItsOwnToolAndBases) {
  const ResultFile file = ReadLog(
      R"({"version": "2.1.0", "runs": [
        {"tool": {"driver": {"name": "one"}}, "originalUriBaseIds": {"B": {"uri": "file:///x/"}},
         "results": [{"ruleId": "A", "message": {"text": "m"}, "locations": [
           {"physicalLocation": {"artifactLocation": {"uri": "a.c", "uriBaseId": "B"}}}]}]},
        {"tool": {"driver": {"name": "two"}}, "originalUriBaseIds": {"B": {"uri": "file:///y/"}},
         "results": [{"ruleId": "A", "message": {"text": "m"}, "locations": [
           {"physicalLocation": {"artifactLocation": {"uri": "a.c", "uriBaseId": "B"}}}]}]}]})");
  ASSERT_THAT(file.reports, SizeIs(2));
  EXPECT_EQ(file.reports[0].analyzer_name, "one");
  EXPECT_EQ(file.reports[1].analyzer_name, "two");
  EXPECT_EQ(file.files[file.reports[0].location.file].path, "/x/a.c");
  EXPECT_EQ(file.files[file.reports[1].location.file].path, "/y/a.c");
  EXPECT_THAT(file.analyses, SizeIs(2));
}

TEST(SarifReader, StopRequested_Cancelled) {
  std::stop_source stop;
  const std::string log = LogOfResult(ResultOf());
  EXPECT_TRUE(ReadSarif(log, "log.sarif", Limits(), stop.get_token()).ok());
  stop.request_stop();
  EXPECT_TRUE(absl::IsCancelled(ReadSarif(log, "log.sarif", Limits(), stop.get_token()).status()));
}

TEST(SarifReader, EmptyResults_AreFine_NullResultsAreAWarning) {
  EXPECT_THAT(ReadLog(LogOf(R"("results": [])")).warnings, IsEmpty());
  // Section 3.14.23: the tool did not start its analysis.
  for (const std::string run : {R"("results": null)", R"("language": "en")"}) {
    EXPECT_THAT(ReadLog(LogOf(run)).warnings,
                ElementsAre(HasSubstr("log.sarif: runs[0]: it has no results")));
  }
}

TEST(SarifReader, KindsThatReportNoProblem_AreCountedNotStored) {
  std::string results;
  for (const std::string kind :
       {"pass", "notApplicable", "informational", "fail", "open", "review"}) {
    if (!results.empty()) results += ", ";
    results += ResultOf(fmt::format(R"("kind": "{}")", kind));
  }
  const ResultFile file = ReadLog(LogOf(fmt::format(R"("results": [{}])", results)));
  ASSERT_THAT(file.reports, SizeIs(3));
  EXPECT_EQ(file.reports[0].severity, Severity::kMedium);
  EXPECT_EQ(file.reports[1].severity, Severity::kStyle);
  EXPECT_THAT(file.warnings, ElementsAre(HasSubstr("runs[0]: 3 results are not stored")));
}

TEST(SarifReader, AbsentFromBaseline_IsNotStored) {
  const ResultFile file =
      ReadLog(LogOf(fmt::format(R"("results": [{}, {}])", ResultOf(R"("baselineState": "absent")"),
                                ResultOf(R"("baselineState": "unchanged")"))));
  EXPECT_THAT(file.reports, SizeIs(1));
  EXPECT_THAT(file.warnings, IsEmpty());
}

TEST(SarifReader, Fingerprints_AreTheHash) {
  const std::string hash = "0123456789abcdef0123456789abcdef";
  const auto hash_of = [](const std::string& properties) {
    const ResultFile file = ReadLog(LogOfResult(ResultOf(properties)));
    EXPECT_THAT(file.hash_bases, IsEmpty());
    return file.reports.empty() ? "" : file.reports[0].report_hash;
  };
  EXPECT_EQ(hash_of(R"("fingerprints": {"any/v1": ")" + hash + "\"}"), hash);
  EXPECT_EQ(hash_of(R"("fingerprints": {"x": "y", "issueHash/v1": ")" + hash + "\"}"), hash);
  EXPECT_EQ(hash_of(R"("partialFingerprints": {"clang/issueHash/v1": ")" + hash + "\"}"), hash);
  EXPECT_THAT(hash_of(R"("fingerprints": {"any/v1": "abc"})"), SizeIs(32));
  EXPECT_NE(hash_of(R"("fingerprints": {"any/v1": "abc"})"),
            hash_of(R"("fingerprints": {"any/v1": "abd"})"));
}

TEST(SarifReader, FingerprintsWithheld_HashIsComputed) {
  const ResultFile file = ReadLog(
      LogOfResult(ResultOf(R"("fingerprints": {"matchBasedId/v1": "requires login", "n": 1})")));
  ASSERT_THAT(file.reports, SizeIs(1));
  EXPECT_EQ(file.reports[0].report_hash, "");
}

TEST(SarifReader, FingerprintsOfZerosOrWhiteSpace_HashIsComputed) {
  const std::string zeros(32, '0');
  for (const std::string& value : {zeros, std::string("0"), std::string(), std::string("  "),
                                   std::string("00000000-0000-0000-0000-000000000000")}) {
    for (const char* name : {"fingerprints", "partialFingerprints"}) {
      const ResultFile file = ReadLog(LogOfResult(
          ResultOf(fmt::format(R"("{}": {{"reportHash/v1": "{}", "other": "0"}})", name, value))));
      ASSERT_THAT(file.reports, SizeIs(1));
      EXPECT_EQ(file.reports[0].report_hash, "") << name << value;
      ASSERT_THAT(file.hash_bases, SizeIs(1));
      EXPECT_EQ(file.hash_bases[0].partial_fingerprints, "");
    }
  }
  // Beside a fingerprint with content, a single zero may be a number.
  const ResultFile file = ReadLog(LogOfResult(ResultOf(fmt::format(
      R"("partialFingerprints": {{"line": "abc", "ordinal": "0", "guid": "{}"}})", zeros))));
  ASSERT_THAT(file.hash_bases, SizeIs(1));
  EXPECT_EQ(file.hash_bases[0].partial_fingerprints, "line=abc\nordinal=0");
}

TEST(SarifReader, PartialFingerprintsAndSnippet_AreTheHashBasis) {
  const ResultFile file = ReadLog(LogOf(fmt::format(
      R"("results": [{}, {{"ruleId": "R1", "message": {{"text": "m"}}, "locations": [
           {{"physicalLocation": {{"artifactLocation": {{"uri": "a.c"}},
             "region": {{"startLine": 1, "snippet": {{"text": "int a;"}}}},
             "contextRegion": {{"startLine": 1, "snippet": {{"text": "more"}}}}}}}}]}}, {}])",
      ResultOf(R"("partialFingerprints": {"b": "2", "a/v2": "1", "a/v1": "0"})"),
      ResultOf(R"("fingerprints": {"any/v1": "abc"})"))));
  ASSERT_THAT(file.hash_bases, SizeIs(3));
  EXPECT_EQ(file.hash_bases[0].partial_fingerprints, "a/v2=1\nb=2");
  EXPECT_EQ(file.hash_bases[0].snippet, "");
  EXPECT_EQ(file.hash_bases[1].partial_fingerprints, "");
  EXPECT_EQ(file.hash_bases[1].snippet, "int a;");
  EXPECT_EQ(file.reports[1].report_hash, "");
  EXPECT_NE(file.reports[2].report_hash, "");
}

TEST(SarifReader, ByteOrderMark_Skipped) {
  EXPECT_THAT(ReadLog("\xef\xbb\xbf" + LogOfResult(ResultOf())).reports, SizeIs(1));
}

TEST(SarifReader, Utf16_IsNamedInTheError) {
  EXPECT_THAT(ErrorOf(std::string("\xff\xfe{\0", 4)), Invalid("UTF-16"));
  EXPECT_THAT(ErrorOf(std::string("\0{\0\"", 4)), Invalid("UTF-16"));
}

TEST(SarifReader, IllFormedUtf8_KeptByteForByte) {
  const Report report = ReadReport(LogOfResult(
      "{\"ruleId\": \"R\xe9\", \"message\": {\"text\": \"caf\xe9 \xff\xc3\xa9 \\\"q\\\" "
      "\xe2\x82\"},"
      " \"locations\": [{\"physicalLocation\": {\"artifactLocation\": {\"uri\": \"\xe4.c\"}}}]}"));
  EXPECT_EQ(report.checker_name, "R\xe9");
  EXPECT_EQ(report.message, "caf\xe9 \xff\xc3\xa9 \"q\" \xe2\x82");
}

TEST(SarifReader, EscapedKeys_AreTheKeysTheySpell) {
  EXPECT_THAT(ReadLog(LogOf(fmt::format(R"("\u0072esults": [{}])", ResultOf()))).reports,
              SizeIs(1));
}

TEST(SarifReader, RepeatedKeys_AreAccepted) {
  const Report report =
      ReadReport(LogOfResult(ResultOf(R"("ruleId": "R2", "level": "note", "level": "error")")));
  EXPECT_EQ(report.checker_name, "R2");
  EXPECT_EQ(report.severity, Severity::kHigh);
}

TEST(SarifReader, NotJson_IsAnErrorThatNamesTheFile) {
  EXPECT_THAT(ErrorOf(""), Invalid("log.sarif: "));
  EXPECT_THAT(ErrorOf("plain text"), Invalid("log.sarif: "));
  EXPECT_THAT(ErrorOf("[]"), Invalid("the log is not a JSON object"));
  EXPECT_THAT(ErrorOf("<?xml version=\"1.0\"?><plist/>"), Invalid("log.sarif: "));
  EXPECT_THAT(ErrorOf(LogOfResult(ResultOf()) + " {}"), Invalid("log.sarif: "));
  EXPECT_THAT(ErrorOf("{\"a\": \"b"), Invalid("not well-formed JSON"));
}

TEST(SarifReader, NotSarif_ErrorNamesTheMissingProperty) {
  EXPECT_THAT(ErrorOf("{}"), Invalid("it has no \"version\""));
  EXPECT_THAT(ErrorOf(R"({"runs": []})"), Invalid("it has no \"version\""));
  EXPECT_THAT(ErrorOf(R"({"version": "2.1.0"})"), Invalid("it has no \"runs\""));
  EXPECT_THAT(ErrorOf(R"({"version": "2.0.0", "runs": []})"),
              Invalid("it is SARIF \"2.0.0\"; only 2.1.0 is read"));
  EXPECT_THAT(ErrorOf(R"({"version": 2, "runs": []})"), Invalid("version is not a string"));
}

TEST(SarifReader, RunsAndResultsOfTheWrongType_AreErrors) {
  // If these were read as an empty log, all earlier findings would appear to be fixed.
  EXPECT_THAT(ErrorOf(R"({"version": "2.1.0", "runs": {}})"), Invalid("runs is not an array"));
  EXPECT_THAT(ErrorOf(R"({"version": "2.1.0", "runs": [7]})"), Invalid("runs[0]: it is not an"));
  EXPECT_THAT(ErrorOf(LogOf(R"("results": {})")), Invalid("runs[0]: results is not an array"));
}

TEST(SarifReader, DeepNesting_IsAnErrorEverywhere) {
  const auto deep = [](int depth) { return std::string(depth, '[') + std::string(depth, ']'); };
  EXPECT_THAT(ErrorOf(deep(10'000)), Invalid("log.sarif: the log is not a JSON object"));
  const std::string error = "nested more than 256 deep";
  EXPECT_THAT(ErrorOf(LogOf("\"results\": " + deep(10'000))), Exhausted(error));
  EXPECT_THAT(ErrorOf(LogOf("\"properties\": " + deep(10'000))), Exhausted(error));
  EXPECT_THAT(ErrorOf(LogOfResult(ResultOf("\"graphs\": " + deep(10'000)))), Exhausted(error));
  std::string objects;
  for (int i = 0; i < 10'000; ++i) objects += R"({"[\"":)";
  objects += "1" + std::string(10'000, '}');
  EXPECT_THAT(ErrorOf(R"({"version": "2.1.0", "runs": [], "x": )" + objects + "}"),
              Exhausted(error));
  // The deepest nesting that is allowed; brackets in strings do not count.
  EXPECT_THAT(ReadLog(LogOfResult(ResultOf("\"graphs\": " + deep(200)))).reports, SizeIs(1));
  EXPECT_THAT(
      ReadLog(LogOfResult(ResultOf("\"x\": [\"" + std::string(10'000, '[') + "\"]"))).reports,
      SizeIs(1));
}

TEST(SarifReader, OverALimit_ErrorNamesLimitAndPlace) {
  const std::string half(5'000'000, 'x');
  EXPECT_THAT(ErrorOf(LogOfResult(fmt::format(
                  R"({{"ruleId": "R1", "message": {{"text": "{}{}"}}, "locations": [{}]}})", half,
                  half, LocationOf()))),
              Exhausted("log.sarif: runs[0]: results[0]: "));
  EXPECT_THAT(
      ErrorOf(LogOfResult(ResultOf(fmt::format(R"("ruleId": "{}")", std::string(4097, 'x'))))),
      Exhausted("results[0]: "));
  Limits limits;
  limits.max_result_file_bytes = 100;
  EXPECT_THAT(ErrorOf(LogOfResult(ResultOf()), limits), Exhausted("at most 100 are read"));
}

TEST(SarifReader, RepeatedReferencesToAText_AreBounded) {
  std::string results;
  for (int i = 0; i < 1000; ++i) {
    if (i > 0) results += ',';
    results += fmt::format(R"({{"ruleIndex": 0, "message": {{"id": "long"}}, "locations": [{}]}})",
                           LocationOf());
  }
  const std::string log = fmt::format(
      R"({{"version": "2.1.0", "runs": [{{"tool": {{"driver": {{"name": "scan", "rules": [
           {{"id": "R1", "messageStrings": {{"long": {{"text": "{}"}}}}}}]}}}},
           "results": [{}]}}]}})",
      std::string(200'000, 'x'), results);
  EXPECT_THAT(ErrorOf(log), Exhausted("refer to the same long texts too often"));
}

TEST(SarifReader, ResultsInOtherFiles_AreAnError) {
  EXPECT_THAT(ErrorOf(LogOf(R"("externalPropertyFileReferences": {"results": [
                  {"location": {"uri": "more.sarif"}}]})")),
              Invalid("runs[0]: externalPropertyFileReferences.results"));
}

TEST(SarifReader, ReferencedPropertiesInOtherFiles_AreAWarning) {
  const ResultFile file = ReadLog(LogOf(R"("results": [], "externalPropertyFileReferences": {
      "artifacts": [{"location": {"uri": "more.sarif"}}], "taxonomies": []})"));
  EXPECT_THAT(file.warnings,
              ElementsAre(AllOf(HasSubstr("runs[0].externalPropertyFileReferences.artifacts"),
                                HasSubstr("not read"))));
}

}  // namespace
}  // namespace stored::reports
