// All code flows, stacks, and remarks of locations beside their place are kept (SARIF sections
// 3.28, 3.36 to 3.38, 3.44).

#include "reports/sarif/result/flow.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "reports/sarif/testing/test_logs.h"

namespace stored::reports {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// Returns "path:line message" for each event.
std::vector<std::string> Steps(const ResultFile& file, const std::vector<BugPathEvent>& events) {
  std::vector<std::string> steps;
  for (const BugPathEvent& event : events) {
    steps.push_back(fmt::format("{}:{} {}", file.files.at(event.location.file).path,
                                event.location.line, event.message));
  }
  return steps;
}

struct Paths {
  std::vector<std::string> events;
  std::vector<std::string> notes;
  std::vector<std::vector<std::string>> further;
  size_t positions = 0;
};

// Returns the paths of the only result of a log, which is at src/a.c:3, says "found", and has these
// properties.
Paths PathsOf(std::string_view properties) {
  const ResultFile file = ReadLog(LogOfResult(ResultOf(properties)));
  EXPECT_THAT(file.warnings, IsEmpty());
  EXPECT_THAT(file.reports, SizeIs(1));
  if (file.reports.size() != 1) return {};
  const BugPath& path = file.reports[0].bug_path;
  Paths paths{Steps(file, path.events), Steps(file, path.notes), {}, path.positions.size()};
  for (const auto& steps : path.further_paths) paths.further.push_back(Steps(file, steps));
  return paths;
}

// Returns a location in this file, with this message.
std::string At(std::string_view uri, int line, std::string_view message = "") {
  return fmt::format(
      R"({{"physicalLocation": {{"artifactLocation": {{"uri": "{}"}},
           "region": {{"startLine": {}}}}} {}}})",
      uri, line, message.empty() ? "" : fmt::format(R"(, "message": {{"text": "{}"}})", message));
}

std::string Flow(const std::vector<std::string>& locations, std::string_view properties = "") {
  std::string steps;
  for (const std::string& location : locations) {
    steps += fmt::format(R"({}{{"location": {}}})", steps.empty() ? "" : ", ", location);
  }
  return fmt::format(R"({{"threadFlows": [{{"locations": [{}]}}] {}}})", steps, properties);
}

std::string StackOf(const std::vector<std::string>& frames, std::string_view message = "") {
  std::string list;
  for (const std::string& frame : frames) {
    list += fmt::format(R"({}{{"location": {}}})", list.empty() ? "" : ", ", frame);
  }
  return fmt::format(
      R"({{"frames": [{}] {}}})", list,
      message.empty() ? "" : fmt::format(R"(, "message": {{"text": "{}"}})", message));
}

TEST(SarifFlow, FurtherCodeFlows_AreFurtherPaths) {
  const Paths paths = PathsOf(
      fmt::format(R"("codeFlows": [{}, {}, {}])", Flow({At("a.c", 1, "A1"), At("a.c", 3, "A2")}),
                  Flow({At("b.c", 1, "B1"), At("b.c", 2), At("a.c", 3, "B2")}),
                  Flow({At("c.c", 7, "C1")}, R"(, "message": {"text": "by way of c"})")));
  EXPECT_THAT(paths.events, ElementsAre("a.c:1 A1", "a.c:3 A2"));
  EXPECT_THAT(paths.further, ElementsAre(ElementsAre("b.c:1 B1", "b.c:2 ", "a.c:3 B2"),
                                         ElementsAre(":0 by way of c", "c.c:7 C1")));
  EXPECT_THAT(paths.notes, IsEmpty());
}

TEST(SarifFlow, FirstCodeFlowWithSteps_IsTheBugPath) {
  const Paths paths = PathsOf(fmt::format(
      R"("codeFlows": [{{"threadFlows": []}}, {}, {}])",
      Flow({At("b.c", 1, "B1")}, R"(, "message": {"text": "of b"})"), Flow({At("c.c", 7, "C1")})));
  EXPECT_THAT(paths.events, ElementsAre("b.c:1 B1"));
  EXPECT_THAT(paths.further, ElementsAre(ElementsAre("c.c:7 C1")));
  EXPECT_THAT(paths.notes, ElementsAre(":0 of b"));
}

TEST(SarifFlow, CodeFlowWithoutTexts_IsPositionsUnlessAnotherHasEvents) {
  const std::string silent = Flow({At("a.c", 1), At("a.c", 2)});
  const Paths alone = PathsOf(fmt::format(R"("codeFlows": [{}])", silent));
  EXPECT_THAT(alone.events, ElementsAre("src/a.c:3 found"));
  EXPECT_EQ(alone.positions, 2U);
  EXPECT_THAT(alone.further, IsEmpty());
  const Paths both =
      PathsOf(fmt::format(R"("codeFlows": [{}, {}])", silent, Flow({At("b.c", 1, "B1")})));
  EXPECT_THAT(both.events, ElementsAre("b.c:1 B1"));
  EXPECT_EQ(both.positions, 0U);
  EXPECT_THAT(both.further, ElementsAre(ElementsAre("a.c:1 ", "a.c:2 ")));
}

TEST(SarifFlow, ThreadFlows_AreJoinedInTheirCodeFlow) {
  const Paths paths = PathsOf(fmt::format(
      R"("codeFlows": [{{"threadFlows": [{{"locations": [{{"location": {}}}]}},
          {{"locations": [{{"location": {}}}], "message": {{"text": "the other thread"}}}}]}}])",
      At("a.c", 1, "A1"), At("b.c", 1, "B1")));
  EXPECT_THAT(paths.events, ElementsAre("a.c:1 A1", "b.c:1 B1"));
  EXPECT_THAT(paths.notes, ElementsAre(":0 the other thread"));
  EXPECT_THAT(paths.further, IsEmpty());
}

TEST(SarifFlow, StepWithoutAFile_IsKeptAtTheFileWithoutAPath) {
  const Paths paths = PathsOf(
      fmt::format(R"("codeFlows": [{}])",
                  Flow({At("a.c", 1, "one"), R"({"message": {"text": "two: in a library"}})",
                        R"({"logicalLocations": [{"fullyQualifiedName": "lib::f"}]})", "{}",
                        At("a.c", 3, "five")})));
  EXPECT_THAT(paths.events,
              ElementsAre("a.c:1 one", ":0 two: in a library", ":0 lib::f", "a.c:3 five"));
}

TEST(SarifFlow, StepInAFileWithoutALine_IsAPosition) {
  const Paths paths =
      PathsOf(fmt::format(R"("codeFlows": [{}])",
                          Flow({R"({"physicalLocation": {"artifactLocation": {"uri": "lib.jar"}}})",
                                At("a.c", 3, "end")})));
  EXPECT_THAT(paths.events, ElementsAre("a.c:3 end"));
  EXPECT_EQ(paths.positions, 1U);
}

TEST(SarifFlow, FurtherStacks_AreFurtherPaths) {
  const Paths paths =
      PathsOf(fmt::format(R"("stacks": [{}, {}, {}])", StackOf({At("src/a.c", 3)}, "thread 1"),
                          StackOf({At("c.c", 8), At("c.c", 80, "called from main")}, "thread 2"),
                          StackOf({R"({"message": {"text": "in the runtime"}})"})));
  EXPECT_THAT(paths.events, ElementsAre("src/a.c:3 found"));
  EXPECT_THAT(paths.notes, ElementsAre(":0 thread 1"));
  EXPECT_THAT(paths.further,
              ElementsAre(ElementsAre(":0 thread 2", "c.c:80 called from main", "c.c:8 "),
                          ElementsAre(":0 in the runtime")));
}

TEST(SarifFlow, StackBesideACodeFlow_IsAFurtherPath) {
  const Paths paths =
      PathsOf(fmt::format(R"("codeFlows": [{}], "stacks": [{}])", Flow({At("a.c", 1, "A1")}),
                          StackOf({At("src/a.c", 3), At("m.c", 9)})));
  EXPECT_THAT(paths.events, ElementsAre("a.c:1 A1"));
  EXPECT_THAT(paths.further, ElementsAre(ElementsAre("m.c:9 ", "src/a.c:3 ")));
}

TEST(SarifFlow, FrameWithoutAFile_IsKept) {
  const Paths paths = PathsOf(
      R"("stacks": [{"frames": [
           {"location": {"physicalLocation": {"artifactLocation": {"uri": "src/a.c"},
                                              "region": {"startLine": 3}}}},
           {"module": "libc.so.6"},
           {"threadId": 7},
           {"location": {"logicalLocations": [{"name": "main"}]}, "module": "app"}]}])");
  EXPECT_THAT(paths.events, ElementsAre(":0 main", ":0 libc.so.6", "src/a.c:3 found"));
}

TEST(SarifFlow, InnermostFrameAtAnotherPlace_IsANote) {
  const Paths paths =
      PathsOf(fmt::format(R"("stacks": [{}])", StackOf({At("lib.c", 5), At("src/a.c", 3)})));
  EXPECT_THAT(paths.events, ElementsAre("src/a.c:3 ", "src/a.c:3 found"));
  EXPECT_THAT(paths.notes, ElementsAre("lib.c:5 "));
}

TEST(SarifFlow, MessageOfTheMainLocation_IsANoteThere) {
  const ResultFile file = ReadLog(LogOfResult(
      R"({"ruleId": "R1", "message": {"text": "top"}, "locations": [
           {"physicalLocation": {"artifactLocation": {"uri": "a.c"},
              "region": {"startLine": 1, "endLine": 2}}, "message": {"text": "here, more"}}]})"));
  const Report& report = file.reports.at(0);
  EXPECT_EQ(report.message, "top");
  EXPECT_THAT(report.bug_path.notes,
              ElementsAre(BugPathEvent{{0, 1, 1}, "here, more", 0, {Range{0, 1, 1, 2, 0}}}));
  // A message that repeats the result's does not become a note.
  EXPECT_THAT(ReadReport(LogOfResult(
                             R"({"ruleId": "R1", "message": {"text": "top"}, "locations": [
                       {"physicalLocation": {"artifactLocation": {"uri": "a.c"}},
                        "message": {"text": "top"}}]})"))
                  .bug_path.notes,
              IsEmpty());
}

TEST(SarifFlow, AnnotationsAndMessagesOfRegions_AreNotes) {
  const Paths paths = PathsOf(
      R"("relatedLocations": [
           {"physicalLocation": {"artifactLocation": {"uri": "b.c"},
              "region": {"startLine": 2, "message": {"text": "the region"}}},
            "message": {"text": "related"},
            "annotations": [{"startLine": 4, "message": {"text": "see this"}},
                            {"startLine": 5}]}],
         "codeFlows": [{"threadFlows": [{"locations": [{"location": {
            "physicalLocation": {"artifactLocation": {"uri": "c.c"}, "region": {"startLine": 6}},
            "message": {"text": "step"},
            "annotations": [{"startLine": 7, "message": {"text": "because"}}]}}]}]}])");
  EXPECT_THAT(paths.events, ElementsAre("c.c:6 step"));
  EXPECT_THAT(paths.notes, ElementsAre("c.c:7 because", "b.c:2 related", "b.c:2 the region",
                                       "b.c:4 see this", "b.c:5 "));
}

TEST(SarifFlow, TooManyFurtherSteps_LeftOutWithAWarning) {
  Limits limits;
  limits.max_bug_path_items = 4;
  const std::string flow = Flow({At("a.c", 1, "one"), At("a.c", 2, "two")});
  const auto file = TryReadLog(
      LogOfResult(ResultOf(fmt::format(R"("codeFlows": [{0}, {0}, {0}, {0}, {0}])", flow))),
      limits);
  ASSERT_TRUE(file.ok()) << file.status();
  EXPECT_THAT(file->reports.at(0).bug_path.further_paths, SizeIs(2));
  EXPECT_THAT(file->warnings, ElementsAre(HasSubstr("4 notes and steps")));
}

}  // namespace
}  // namespace stored::reports
