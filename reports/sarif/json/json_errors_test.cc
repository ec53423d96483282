// Logs that are not JSON or not SARIF 2.1.0: the text of the error and the place it names.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "reports/sarif/testing/test_logs.h"

namespace stored::reports {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::StartsWith;

// Returns the error for a log that is refused as invalid.
std::string ErrorOf(std::string log) {
  const absl::StatusOr<ResultFile> file = TryReadLog(log);
  EXPECT_EQ(file.status().code(), absl::StatusCode::kInvalidArgument) << log;
  return std::string(file.status().message());
}

auto MalformedAt(const std::string& place) {
  return StartsWith("log.sarif: not well-formed JSON: " + place + ": ");
}

TEST(SarifJsonErrors, MissingComma_HasItsPlace) {
  EXPECT_EQ(ErrorOf("{\"version\": \"2.1.0\", \"runs\": [\n"
                    "{\"tool\": {\"driver\": {\"name\": \"scan\"}},\n"
                    " \"results\": []\n"
                    " \"language\": \"en\"}]}"),
            "log.sarif: not well-formed JSON: line 4, column 2: expected ',' or '}', not '\"'");
  EXPECT_THAT(ErrorOf(LogOf("\"results\": [\n" + ResultOf() + "\n" + ResultOf() + "]")),
              MalformedAt("line 4, column 1"));
}

TEST(SarifJsonErrors, TrailingComma_HasItsPlace) {
  EXPECT_THAT(ErrorOf(LogOf("\"results\": [\n" + ResultOf() + ",\n]")),
              AllOf(MalformedAt("line 3, column 62"), HasSubstr("a comma before ']'")));
  EXPECT_THAT(ErrorOf("{\"version\": \"2.1.0\",\n\"runs\": [],\n}"),
              MalformedAt("line 2, column 11"));
  EXPECT_THAT(ErrorOf(LogOf("\"results\": [" + ResultOf(R"("locations": [],)") + "]")),
              HasSubstr("a comma before '}'"));
  EXPECT_THAT(ErrorOf(LogOf(R"("results": [], "invocations": [{"arguments": ["a",]}])")),
              HasSubstr("a comma before ']'"));
}

TEST(SarifJsonErrors, Comments_AreNamed) {
  const auto comment = HasSubstr("JSON has no comments");
  EXPECT_THAT(ErrorOf("[/*c*/]"), AllOf(MalformedAt("line 1, column 2"), comment));
  EXPECT_THAT(ErrorOf("// a log\n{}"), AllOf(MalformedAt("line 1, column 1"), comment));
  EXPECT_THAT(ErrorOf(LogOf("\"results\": [\n// none\n]")),
              AllOf(MalformedAt("line 2, column 1"), comment));
  EXPECT_THAT(ErrorOf(LogOf(R"("results": [])") + "\n/* the end */"),
              AllOf(MalformedAt("line 2, column 1"), comment));
}

TEST(SarifJsonErrors, TruncatedLog_SaysWhereItEnds) {
  const std::string log = "{\"version\": \"2.1.0\",\n\"runs\": [{\"tool\": {\"driver\"";
  EXPECT_THAT(ErrorOf(log), AllOf(MalformedAt("line 2, column 28"), HasSubstr("ends here")));
  EXPECT_THAT(ErrorOf(log + ": {\"name\": \"sc"),
              AllOf(MalformedAt("line 2, column 39"), HasSubstr("ends within the string")));
  EXPECT_THAT(ErrorOf(""), MalformedAt("line 1, column 1"));
}

TEST(SarifJsonErrors, UnknownEscapes_AreErrorsIfTheStringIsRead) {
  EXPECT_THAT(ErrorOf(LogOfResult(ResultOf(R"("message": {"text": "in C:\src"})"))),
              AllOf(HasSubstr("not well-formed JSON: line "),
                    HasSubstr(R"('\s' is not an escape of JSON)")));
  EXPECT_THAT(ErrorOf(LogOfResult(ResultOf(R"("locations": [{"physicalLocation":
                  {"artifactLocation": {"uri": "D:\work\a.c"}}}])"))),
              AllOf(HasSubstr("line "), HasSubstr(R"('\w')")));
  EXPECT_THAT(ErrorOf(LogOfResult(ResultOf(R"("rule\Id": "x")"))), HasSubstr(R"('\I')"));
  EXPECT_THAT(ErrorOf(LogOfResult(ResultOf(R"("ruleId": "\u12")"))),
              HasSubstr("'\\u' without four hexadecimal digits"));
  EXPECT_THAT(ErrorOf(LogOfResult(ResultOf(R"("level": "err\or")"))), HasSubstr(R"('\o')"));
}

TEST(SarifJsonErrors, TextThatIsNotAValue_IsMalformedNotAWrongType) {
  for (const std::string value : {"tru", "nul", "01", "1.", "-", "NaN", "Infinity", "'x'", "x"}) {
    for (const std::string property : {"ruleId", "ruleIndex", "level", "locations"}) {
      EXPECT_THAT(ErrorOf(LogOfResult(ResultOf(fmt::format(R"("{}": {})", property, value)))),
                  HasSubstr("not well-formed JSON: line 2, column "))
          << value;
    }
  }
}

TEST(SarifJsonErrors, ControlCharacterInAString_HasItsPlace) {
  EXPECT_THAT(ErrorOf("{\"version\": \"2.1.0\", \"runs\": [\n\"a\tb\"]}"),
              AllOf(MalformedAt("line 2, column 3"), HasSubstr("control character")));
}

TEST(SarifJsonErrors, IllFormedBytesBefore_DoNotShiftTheColumn) {
  EXPECT_THAT(ErrorOf("{\"version\": \"2.1.0\", \"a\": \"\xe9\xe9\", \"runs\": [] \"b\": 1}"),
              MalformedAt("line 1, column 44"));
  EXPECT_THAT(ErrorOf("\xef\xbb\xbf{\"version\": \"2.1.0\" \"runs\": []}"),
              MalformedAt("line 1, column 21"));
}

TEST(SarifJsonErrors, SomethingAfterTheLog_HasItsPlace) {
  EXPECT_THAT(ErrorOf("{\"version\": \"2.1.0\", \"runs\": []}\n{}"),
              AllOf(MalformedAt("line 2, column 1"), HasSubstr("something follows")));
}

TEST(SarifJsonErrors, DeepNesting_HasItsPlace) {
  const auto file =
      TryReadLog("{\"version\": \"2.1.0\", \"runs\": [],\n\"x\": " + std::string(300, '[') +
                 std::string(300, ']') + "}");
  EXPECT_EQ(file.status().code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(std::string(file.status().message()),
            "log.sarif: line 2, column 261: arrays and objects are nested more than 256 deep");
}

TEST(SarifJsonErrors, WrongVersion_IsReportedFirst) {
  const std::string error = "log.sarif: it is SARIF \"1.0.0\"; only 2.1.0 is read";
  EXPECT_EQ(ErrorOf(R"({"version": "1.0.0", "runs": {}})"), error);
  EXPECT_EQ(ErrorOf(R"({"runs": [{"tool": {"name": "T"}, "results": {}}], "version": "1.0.0"})"),
            error);
  EXPECT_EQ(ErrorOf(R"({"runs": 3, "version": "1.0.0"})"), error);
  EXPECT_EQ(ErrorOf(R"({"runs": null, "version": "1.0.0"})"), error);
  EXPECT_EQ(ErrorOf(R"({"runs": {}})"), "log.sarif: not SARIF: it has no \"version\"");
  EXPECT_EQ(ErrorOf(R"({"runs": [], "version": null})"),
            "log.sarif: not SARIF: it has no \"version\"");
  EXPECT_EQ(ErrorOf(R"({"runs": {}, "version": 2})"), "log.sarif: version is not a string");
}

TEST(SarifJsonErrors, VersionAfterRuns_IsRead) {
  const std::string log = R"({"runs": [{"tool": {"driver": {"name": "scan"}}, "results": [)" +
                          ResultOf() + R"(]}], "version": "2.1.0"})";
  EXPECT_THAT(ReadLog(log).reports, SizeIs(1));
}

TEST(SarifJsonErrors, NullRuns_AreAnEmptyLogWithAWarning) {
  for (const std::string log :
       {R"({"version": "2.1.0", "runs": null})", R"({"runs": null, "version": "2.1.0"})"}) {
    const ResultFile file = ReadLog(log);
    EXPECT_THAT(file.reports, IsEmpty());
    EXPECT_THAT(file.warnings, ElementsAre(AllOf(StartsWith("log.sarif: runs is null"),
                                                 HasSubstr("stored as empty"))));
  }
  EXPECT_THAT(ReadLog(R"({"version": "2.1.0", "runs": []})").warnings, IsEmpty());
}

}  // namespace
}  // namespace stored::reports
