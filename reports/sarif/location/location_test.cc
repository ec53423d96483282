// Artifacts, URI bases, regions, code flows and stacks (SARIF sections 3.4, 3.14.14, 3.24, 3.28 to
// 3.30, 3.36 to 3.38, 3.44).

#include "reports/sarif/location/location.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "reports/sarif/testing/test_logs.h"

namespace stored::reports {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// Returns a log with a result at this artifactLocation, in a run with these further properties.
std::string LogAt(std::string_view artifact_location, std::string_view run = "") {
  return LogOf(fmt::format(
      R"({} "results": [{{"ruleId": "R1", "message": {{"text": "m"}}, "locations": [
           {{"physicalLocation": {{"artifactLocation": {{{}}}, "region": {{"startLine": 1}}}}}}]}}])",
      run, artifact_location));
}

std::string PathAt(std::string_view artifact_location, std::string_view run = "") {
  const ResultFile file = ReadLog(LogAt(artifact_location, run));
  if (file.reports.size() != 1) return fmt::format("{} reports", file.reports.size());
  return file.files[file.reports[0].location.file].path;
}

// Returns the event of a result with this region.
BugPathEvent EventAt(std::string_view region) {
  const Report report = ReadReport(LogOfResult(fmt::format(
      R"({{"ruleId": "R1", "message": {{"text": "m"}}, "locations": [{{"physicalLocation":
           {{"artifactLocation": {{"uri": "a.c"}}, "region": {{{}}}}}}}]}})",
      region)));
  EXPECT_THAT(report.bug_path.events, SizeIs(1));
  return report.bug_path.events.empty() ? BugPathEvent() : report.bug_path.events[0];
}

constexpr std::string_view kArtifacts =
    R"("artifacts": [{"location": {"uri": "src/a.c", "uriBaseId": "ROOT"}},
                     {"location": {"uri": "file:///lib/app.zip"}},
                     {"location": {"uri": "/docs/intro.docx"}, "parentIndex": 1},
                     {"offset": 17522, "length": 4050, "parentIndex": 2}],
       "originalUriBaseIds": {"ROOT": {"uri": "file:///home/me/"}},)";

TEST(SarifLocation, ArtifactByIndex_Found) {
  EXPECT_EQ(PathAt(R"("index": 0)", kArtifacts), "/home/me/src/a.c");
}

TEST(SarifLocation, NestedArtifact_PathIsBelowItsParents) {
  EXPECT_EQ(PathAt(R"("index": 2)", kArtifacts), "/lib/app.zip/docs/intro.docx");
  EXPECT_EQ(PathAt(R"("index": 3)", kArtifacts), "/lib/app.zip/docs/intro.docx");
}

TEST(SarifLocation, NestedArtifact_NamedByUriAndIndex) {
  EXPECT_EQ(PathAt(R"("uri": "/docs/intro.docx", "index": 2)", kArtifacts),
            "/lib/app.zip/docs/intro.docx");
  // The artifact it names is nested, but only the location says where.
  EXPECT_EQ(PathAt(R"("uri": "word/media/a.png", "index": 3)", kArtifacts),
            "/lib/app.zip/docs/intro.docx/word/media/a.png");
  // An artifact that is not nested is found by its URI.
  EXPECT_EQ(PathAt(R"("uri": "src/a.c", "index": 0)", kArtifacts), "src/a.c");
}

TEST(SarifLocation, DirectoryAsLocation_IsTheReportsFile) {
  EXPECT_EQ(PathAt(R"("uri": "./")"), ".");
  EXPECT_EQ(PathAt(R"("uri": ".")"), ".");
  EXPECT_EQ(PathAt(R"("uri": "src/..")"), ".");
  EXPECT_EQ(PathAt(R"("uri": "file:///src/")"), "/src");
  constexpr std::string_view kBase = R"("originalUriBaseIds": {"ROOT": {"uri": "file:///src/"}},)";
  EXPECT_EQ(PathAt(R"("uri": "./", "uriBaseId": "ROOT")", kBase), "/src");
  EXPECT_EQ(PathAt(R"("uriBaseId": "ROOT")", kBase), "/src");
}

TEST(SarifLocation, ArtifactsAfterResults_AreFound) {
  EXPECT_EQ(ReadLog(LogOf(R"("results": [{"ruleId": "R", "message": {"text": "m"}, "locations": [
                {"physicalLocation": {"artifactLocation": {"index": 0}}}]}],
              "artifacts": [{"location": {"uri": "late.c"}}])"))
                .files[0]
                .path,
            "late.c");
}

TEST(SarifLocation, ArtifactIndexOutOfRange_IsAWarning) {
  EXPECT_THAT(ReadLog(LogAt(R"("index": 4)", kArtifacts)).warnings,
              testing::Contains(
                  "log.sarif: runs[0].results[0].locations[0].physicalLocation.artifactLocation: "
                  "an artifact index is 4, but the run has 4 artifacts"));
}

TEST(SarifLocation, ParentIndexOutOfRangeOrCyclic_IsAWarning) {
  for (const std::string parent : {"7", "0"}) {
    const ResultFile file = ReadLog(
        LogAt(R"("index": 0)",
              fmt::format(R"("artifacts": [{{"location": {{"uri": "a"}}, "parentIndex": {}}}],)",
                          parent)));
    ASSERT_THAT(file.files, SizeIs(1)) << parent;
    EXPECT_EQ(file.files[0].path, "a");
    EXPECT_THAT(file.warnings, ElementsAre(HasSubstr("artifacts[0]"))) << parent;
  }
}

TEST(SarifLocation, EmbeddedText_IsTheSourcesContent) {
  const ResultFile file =
      ReadLog(LogAt(R"("uri": "src/a.c", "uriBaseId": "ROOT")",
                    R"("artifacts": [{"location": {"uri": "file:///home/me/src/a.c"},
                        "contents": {"text": "int a;\n"}},
                       {"location": {"uri": "b.c"}, "contents": {"binary": "aW50IGI7"}}],
         "originalUriBaseIds": {"ROOT": {"uri": "file:///home/me"}},)"));
  ASSERT_THAT(file.files, SizeIs(1));
  EXPECT_EQ(file.files[0].path, "/home/me/src/a.c");
  EXPECT_EQ(file.files[0].content, "int a;\n");
}

TEST(SarifLocation, EmbeddedBytes_AreTheSourcesContentIfThereIsNoText) {
  const auto content = [](std::string_view contents) {
    const ResultFile file = ReadLog(
        LogAt(R"("index": 0)",
              fmt::format(R"("artifacts": [{{"location": {{"uri": "a.c"}}, "contents": {{{}}}}}],)",
                          contents)));
    return fmt::format("{} {}", file.files[0].content.value_or("none"),
                       fmt::join(file.warnings, ""));
  };
  EXPECT_EQ(content(R"("binary": "aW50IGI7")"), "int b; ");
  EXPECT_EQ(content(R"("binary": "aW50IGI7", "text": "int a;")"), "int a; ");
  EXPECT_THAT(content(R"("binary": "not Base64!")"),
              AllOf(HasSubstr("none"), HasSubstr("contents.binary is not Base64")));
}

TEST(SarifLocation, EmbeddedTextOverTheLimit_LeftOutWithAWarning) {
  Limits limits;
  limits.max_source_bytes = 6;
  const auto file = TryReadLog(LogAt(R"("index": 0)", R"("artifacts": [{"location": {"uri": "a.c"},
                                               "contents": {"text": "int a;\n"}}],)"),
                               limits);
  ASSERT_TRUE(file.ok()) << file.status();
  EXPECT_EQ(file->files[0].content, std::nullopt);
  EXPECT_THAT(file->warnings, ElementsAre(HasSubstr("the content of a.c is left out")));
}

TEST(SarifLocation, UriBases_ChainIsFollowed) {
  constexpr std::string_view kChain =
      R"("originalUriBaseIds": {"SRC": {"uri": "src/", "uriBaseId": "HOME"},
                                "HOME": {"uri": "file:///home/me/"}},)";
  EXPECT_EQ(PathAt(R"("uri": "a.c", "uriBaseId": "SRC")", kChain), "/home/me/src/a.c");
  EXPECT_EQ(PathAt(R"("uriBaseId": "SRC", "uri": "../x/a.c")", kChain), "/home/me/x/a.c");
  EXPECT_EQ(PathAt(R"("uri": "file:///else/a.c", "uriBaseId": "SRC")", kChain), "/else/a.c");
}

TEST(SarifLocation, UriBases_UnknownOrCircular_LeaveTheUriRelative) {
  EXPECT_EQ(PathAt(R"("uri": "src/a.c", "uriBaseId": "%SRCROOT%")"), "src/a.c");
  EXPECT_EQ(PathAt(R"("uri": "a.c", "uriBaseId": "NONE")",
                   R"("originalUriBaseIds": {"NONE": {"description": {"text": "where?"}}},)"),
            "a.c");
  EXPECT_EQ(PathAt(R"("uri": "a.c", "uriBaseId": "A")",
                   R"("originalUriBaseIds": {"A": {"uri": "a/", "uriBaseId": "B"},
                                             "B": {"uri": "b/", "uriBaseId": "A"}},)"),
            "a.c");
}

TEST(SarifLocation, SamePathUnderTwoUris_IsOneFile) {
  const ResultFile file = ReadLog(LogOfResult(
      R"({"ruleId": "R1", "message": {"text": "m"},
          "locations": [{"physicalLocation": {"artifactLocation": {"uri": "file:///s/a%20b.c"}}}],
          "relatedLocations": [
            {"physicalLocation": {"artifactLocation": {"uri": "file:///s/./a b.c"}}}]})"));
  ASSERT_THAT(file.files, SizeIs(1));
  EXPECT_EQ(file.files[0].path, "/s/a b.c");
}

TEST(SarifLocation, PathTooLong_IsOverALimit) {
  const auto file = TryReadLog(LogAt(fmt::format(R"("uri": "{}")", std::string(4097, 'a'))));
  EXPECT_EQ(file.status().code(), absl::StatusCode::kResourceExhausted);
  EXPECT_THAT(std::string(file.status().message()), HasSubstr("results[0]: a path has 4097 bytes"));
}

TEST(SarifLocation, FirstLocationWithAFile_IsTheReports_OthersAreNotes) {
  const Report report = ReadReport(LogOfResult(
      R"({"ruleId": "R1", "message": {"text": "m"}, "locations": [
           {"logicalLocations": [{"fullyQualifiedName": "ns::f"}]},
           {"physicalLocation": {"artifactLocation": {"uri": "a.c"}, "region": {"startLine": 7}}},
           {"physicalLocation": {"artifactLocation": {"uri": "b.c"}, "region": {"startLine": 9}},
            "message": {"text": "and here"}}],
          "relatedLocations": [
           {"physicalLocation": {"artifactLocation": {"uri": "c.c"}, "region": {"startLine": 1}},
            "message": {"text": "declared here"}}]})"));
  EXPECT_EQ(report.location, (Location{0, 7, 1}));
  ASSERT_THAT(report.bug_path.notes, SizeIs(2));
  EXPECT_EQ(report.bug_path.notes[0], (BugPathEvent{{1, 9, 1}, "and here", 0, {}}));
  EXPECT_EQ(report.bug_path.notes[1], (BugPathEvent{{2, 1, 1}, "declared here", 0, {}}));
}

TEST(SarifLocation, NoLocation_AnalysisTargetIsTheLocation) {
  const ResultFile file = ReadLog(LogOfResult(
      R"({"ruleId": "R1", "message": {"text": "m"}, "analysisTarget": {"uri": "a.exe"}})"));
  ASSERT_THAT(file.reports, SizeIs(1));
  EXPECT_EQ(file.files[0].path, "a.exe");
  EXPECT_EQ(file.reports[0].location, (Location{0, 0, 0}));
}

TEST(SarifLocation, Region_ExclusiveEndBecomesInclusive) {
  EXPECT_THAT(EventAt(R"("startLine": 4, "startColumn": 2, "endLine": 4, "endColumn": 9)").ranges,
              ElementsAre(Range{0, 4, 2, 4, 8}));
  // The default of endLine is startLine (3.30.7).
  EXPECT_THAT(EventAt(R"("startLine": 4, "startColumn": 2, "endColumn": 9)").ranges,
              ElementsAre(Range{0, 4, 2, 4, 8}));
  EXPECT_THAT(EventAt(R"("startLine": 4, "startColumn": 2, "endLine": 6, "endColumn": 3)").ranges,
              ElementsAre(Range{0, 4, 2, 6, 2}));
}

TEST(SarifLocation, Region_EndAtALineBreak) {
  EXPECT_THAT(EventAt(R"("startLine": 4, "startColumn": 1, "endLine": 6, "endColumn": 1)").ranges,
              ElementsAre(Range{0, 4, 1, 5, 0}));
  EXPECT_THAT(EventAt(R"("startLine": 4, "endLine": 6)").ranges, ElementsAre(Range{0, 4, 1, 6, 0}));
}

TEST(SarifLocation, Region_Empty_IsAPoint) {
  EXPECT_THAT(EventAt(R"("startLine": 4, "startColumn": 5, "endColumn": 5)").ranges,
              ElementsAre(Range{0, 4, 5, 4, 5}));
}

TEST(SarifLocation, Region_ColumnDefaultsToOne_LineAloneHasNoRange) {
  const BugPathEvent event = EventAt(R"("startLine": 4)");
  EXPECT_EQ(event.location, (Location{0, 4, 1}));
  EXPECT_THAT(event.ranges, IsEmpty());
}

TEST(SarifLocation, Region_NoLine_IsNotKnown) {
  for (const std::string region :
       {R"("charOffset": 20, "charLength": 4)", R"("startLine": 0, "startColumn": 3)",
        R"("startLine": -1)", R"("byteOffset": 3)"}) {
    const BugPathEvent event = EventAt(region);
    EXPECT_EQ(event.location, (Location{0, 0, 0})) << region;
    EXPECT_THAT(event.ranges, IsEmpty()) << region;
  }
}

TEST(SarifLocation, Region_OffsetInAQuotedContext) {
  const auto place = [](std::string_view region, std::string_view context) {
    const Report report = ReadReport(LogOfResult(fmt::format(
        R"({{"ruleId": "R1", "message": {{"text": "m"}}, "locations": [{{"physicalLocation":
             {{"contextRegion": {{{}}}, "artifactLocation": {{"uri": "a.c"}},
               "region": {{{}}}}}}}]}})",
        context, region)));
    const BugPathEvent& event = report.bug_path.events.at(0);
    EXPECT_EQ(event.location, report.location);
    return fmt::format("{}:{} {}", event.location.line, event.location.column,
                       event.ranges.empty() ? ""
                                            : fmt::format("to {}:{}", event.ranges[0].end_line,
                                                          event.ranges[0].end_column));
  };
  constexpr std::string_view kContext =
      R"("startLine": 7, "charOffset": 100, "snippet": {"text": "ab\ncdef\ng"})";
  EXPECT_EQ(place(R"("charOffset": 104, "charLength": 2)", kContext), "8:2 to 8:3");
  EXPECT_EQ(place(R"("charOffset": 100)", kContext), "7:1 ");
  // Offsets behind or before the context.
  EXPECT_EQ(place(R"("charOffset": 120)", kContext), "0:0 ");
  EXPECT_EQ(place(R"("charOffset": 99)", kContext), "0:0 ");
  EXPECT_EQ(place(R"("charOffset": 104)", R"("startLine": 7, "snippet": {"text": "ab\ncd"})"),
            "0:0 ");
  // The beginning of the file does not need a line.
  EXPECT_EQ(place(R"("byteOffset": 3, "byteLength": 1)",
                  R"("byteOffset": 0, "snippet": {"text": "ab\ncd"})"),
            "2:1 to 2:1");
  // A line in the region is preferred.
  EXPECT_EQ(place(R"("startLine": 3, "charOffset": 104)", kContext), "3:1 ");
}

TEST(SarifLocation, Region_EndBeforeStart_IsNoRange) {
  EXPECT_THAT(EventAt(R"("startLine": 4, "endLine": 3, "endColumn": 2)").ranges, IsEmpty());
}

TEST(SarifLocation, Region_NumbersWrittenAsFloats) {
  EXPECT_EQ(EventAt(R"("startLine": 4.0, "startColumn": 1.2e1)").location, (Location{0, 4, 12}));
}

TEST(SarifLocation, Region_ImpossibleNumbers_AreWarnings) {
  const auto read = [](const std::string& number) {
    return ReadLog(LogOfResult(fmt::format(
        R"({{"ruleId": "R1", "message": {{"text": "m"}}, "locations": [{{"physicalLocation":
             {{"artifactLocation": {{"uri": "a.c"}}, "region": {{"startLine": {}}}}}}}]}})",
        number)));
  };
  for (const std::string number :
       {"4.5", "99999999999", "123456789012345678901234567890", "1e400", "\"x\"", "[4]", "true"}) {
    const ResultFile file = read(number);
    ASSERT_THAT(file.reports, SizeIs(1)) << number;
    EXPECT_EQ(file.reports[0].location.line, 0u) << number;
    EXPECT_THAT(file.warnings, ElementsAre(HasSubstr("results[0].locations[0]"))) << number;
  }
  // A number that is written as a string is accepted.
  const ResultFile file = read("\"4\"");
  ASSERT_THAT(file.reports, SizeIs(1));
  EXPECT_EQ(file.reports[0].location.line, 4u);
  EXPECT_THAT(file.warnings, SizeIs(1));
}

// Returns a thread flow location with this message and these further properties.
std::string Step(std::string_view message, int line, std::string_view properties = "") {
  return fmt::format(
      R"({{"location": {{"physicalLocation": {{"artifactLocation": {{"uri": "a.c"}},
           "region": {{"startLine": {}}}}}, "message": {{"text": "{}"}}}} {}}})",
      line, message, properties);
}

std::vector<std::string> MessagesOf(const std::vector<BugPathEvent>& events) {
  std::vector<std::string> messages;
  messages.reserve(events.size());
  for (const BugPathEvent& event : events) messages.push_back(event.message);
  return messages;
}

TEST(SarifLocation, CodeFlow_NestingLevelIsDepth) {
  const Report report = ReadReport(LogOfResult(ResultOf(fmt::format(
      R"("codeFlows": [{{"threadFlows": [{{"locations": [{}, {}]}}]}}, {{"threadFlows": []}}])",
      Step("enter", 1), Step("inside", 2, R"(, "nestingLevel": 3)")))));
  ASSERT_THAT(report.bug_path.events, SizeIs(2));
  EXPECT_EQ(report.bug_path.events[0], (BugPathEvent{{1, 1, 1}, "enter", 0, {}}));
  EXPECT_EQ(report.bug_path.events[1], (BugPathEvent{{1, 2, 1}, "inside", 3, {}}));
}

TEST(SarifLocation, CodeFlow_StepWithoutMessageIsAPosition) {
  const Report report = ReadReport(LogOfResult(
      ResultOf(fmt::format(R"("codeFlows": [{{"threadFlows": [{{"locations": [{}, {}]}}]}}])",
                           Step("", 8), Step("end", 9)))));
  EXPECT_THAT(MessagesOf(report.bug_path.events), ElementsAre("end"));
  EXPECT_THAT(report.bug_path.positions, ElementsAre(Range{1, 8, 1, 8, 1}));
}

TEST(SarifLocation, CodeFlow_ThreadsInterleaveByExecutionOrder) {
  const Report report = ReadReport(LogOfResult(ResultOf(fmt::format(
      R"("codeFlows": [{{"threadFlows": [{{"locations": [{}, {}]}}, {{"locations": [{}]}}]}}])",
      Step("first", 1, R"(, "executionOrder": 1)"), Step("third", 2, R"(, "executionOrder": 3)"),
      Step("second", 3, R"(, "executionOrder": 2)")))));
  EXPECT_THAT(MessagesOf(report.bug_path.events), ElementsAre("first", "second", "third"));
}

TEST(SarifLocation, CodeFlow_CachedSteps) {
  const std::string results = fmt::format(
      R"("results": [{}])",
      ResultOf(R"("codeFlows": [{"threadFlows": [{"locations": [{"index": 1}, {"index": 0}]}]}])"));
  const std::string cache = fmt::format(R"("threadFlowLocations": [{}, {}])", Step("zero", 1),
                                        Step("one", 2, R"(, "nestingLevel": 1, "index": 1)"));
  for (const std::string& log : {LogOf(fmt::format("{}, {}", results, cache)),
                                 LogOf(fmt::format("{}, {}", cache, results))}) {
    const Report report = ReadReport(log);
    EXPECT_THAT(MessagesOf(report.bug_path.events), ElementsAre("one", "zero"));
    EXPECT_EQ(report.bug_path.events[0].depth, 1);
  }
}

TEST(SarifLocation, CodeFlow_CachedStepOutOfRange_IsAWarning) {
  const ResultFile file = ReadLog(
      LogOfResult(ResultOf(R"("codeFlows": [{"threadFlows": [{"locations": [{"index": 5}]}]}])")));
  EXPECT_THAT(file.reports, SizeIs(1));
  EXPECT_THAT(file.warnings, ElementsAre(AllOf(HasSubstr("results[0].codeFlows[0]"),
                                               HasSubstr("a thread flow location's index is 5"))));
}

TEST(SarifLocation, Stack_LeadsToTheFindingOutermostFirst) {
  const Report report = ReadReport(LogOfResult(ResultOf(
      R"("stacks": [{"frames": [
           {"location": {"physicalLocation": {"artifactLocation": {"uri": "src/a.c"},
                                              "region": {"startLine": 3}}}},
           {"location": {"logicalLocations": [{"fullyQualifiedName": "middle"}],
                         "physicalLocation": {"artifactLocation": {"uri": "src/a.c"},
                                              "region": {"startLine": 30}}}},
           {"location": {"message": {"text": "called from main"},
                         "physicalLocation": {"artifactLocation": {"uri": "src/a.c"},
                                              "region": {"startLine": 60}}}}]}])")));
  EXPECT_THAT(report.bug_path.events,
              ElementsAre(BugPathEvent{{0, 60, 1}, "called from main", 0, {}},
                          BugPathEvent{{0, 30, 1}, "middle", 1, {}},
                          BugPathEvent{{0, 3, 5}, "found", 0, {}}));
}

}  // namespace
}  // namespace stored::reports
