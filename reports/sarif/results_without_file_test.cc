// Results that are in no file, and their subject: logical locations, artifacts, the tool.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>

#include "reports/sarif/location/logical.h"
#include "reports/sarif/testing/test_logs.h"

namespace stored::reports {
namespace {

using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::SizeIs;

// Returns a log with a result that has these further properties, and no location but those.
std::string LogNowhere(std::string_view properties, std::string_view run = "") {
  return LogOf(
      fmt::format(R"({} "results": [{{"ruleId": "R1", "message": {{"text": "m"}} {} {}}}])", run,
                  properties.empty() ? "" : ",", properties));
}

// Returns the subject of the report in such a log. Expects that the report is in no file.
std::string AboutNowhere(std::string_view properties, std::string_view run = "") {
  const ResultFile file = ReadLog(LogNowhere(properties, run));
  if (file.reports.size() != 1) return fmt::format("{} reports", file.reports.size());
  const Report& report = file.reports[0];
  EXPECT_EQ(file.files.at(report.location.file).path, "");
  EXPECT_EQ(report.location.line, 0U);
  EXPECT_EQ(report.location.column, 0U);
  EXPECT_EQ(report.bug_path.events.at(0).location, report.location);
  return report.logical_location;
}

std::string AboutLogical(std::string_view logical_locations, std::string_view run = "") {
  return AboutNowhere(
      fmt::format(R"("locations": [{{"logicalLocations": [{}]}}])", logical_locations), run);
}

TEST(SarifResultsWithoutFile, LogicalLocation_IsTheSubject) {
  EXPECT_EQ(AboutLogical(R"({"fullyQualifiedName": "ns::C::f", "name": "f"})"), "ns::C::f");
  EXPECT_EQ(AboutLogical(R"({"name": "f"})"), "f");
  EXPECT_EQ(AboutLogical(R"({"decoratedName": "_Z1fv"})"), "_Z1fv");
}

TEST(SarifResultsWithoutFile, NoLocationAtAll_ToolIsTheSubject) {
  EXPECT_EQ(AboutNowhere(""), "scan");
  EXPECT_EQ(AboutNowhere(R"("locations": [])"), "scan");
  EXPECT_EQ(AboutNowhere(R"("locations": [{}])"), "scan");
  EXPECT_EQ(AboutNowhere(R"("locations": [{"physicalLocation": {"region": {"startLine": 3}}}])"),
            "scan");
}

TEST(SarifResultsWithoutFile, ArtifactWithoutAUri_IsTheSubject) {
  const auto at = [](std::string_view artifact_location, std::string_view run) {
    return AboutNowhere(
        fmt::format(R"("locations": [{{"physicalLocation": {{"artifactLocation": {{{}}}}}}}])",
                    artifact_location),
        run);
  };
  EXPECT_EQ(at(R"("description": {"text": "the image"})", ""), "the image");
  EXPECT_EQ(at(R"("uriBaseId": "%SRCROOT%")", ""), "%SRCROOT%");
  EXPECT_EQ(at(R"("index": 0)", R"("artifacts": [{"description": {"text": "the layer"}}],)"),
            "the layer");
  EXPECT_EQ(AboutNowhere(R"("analysisTarget": {"description": {"text": "host"}})"), "host");
}

constexpr std::string_view kLogicalLocations =
    R"("logicalLocations": [{"name": "ns", "kind": "namespace"},
                            {"name": "C", "parentIndex": 0},
                            {"name": "f", "parentIndex": 1},
                            {"fullyQualifiedName": "a::b", "name": "b"},
                            {"name": "c", "parentIndex": 3},
                            {"name": "/orders[1]", "kind": "element"},
                            {"name": "total", "kind": "attribute", "parentIndex": 5},
                            {"name": "x", "parentIndex": 8}, {"name": "y", "parentIndex": 7}],)";

TEST(SarifResultsWithoutFile, LogicalLocationByIndex_HasItsParentsNames) {
  const auto at = [](int index) {
    return AboutLogical(fmt::format(R"({{"index": {}}})", index), kLogicalLocations);
  };
  EXPECT_EQ(at(0), "ns");
  EXPECT_EQ(at(2), "ns.C.f");
  EXPECT_EQ(at(3), "a::b");
  EXPECT_EQ(at(4), "a::b.c");
  EXPECT_EQ(at(6), "/orders[1]/total");
  // Its own fully qualified name is preferred.
  EXPECT_EQ(AboutLogical(R"({"index": 2, "fullyQualifiedName": "mine"})", kLogicalLocations),
            "mine");
  EXPECT_EQ(AboutLogical(R"({"name": "g", "parentIndex": 1})", kLogicalLocations), "ns.C.g");
}

TEST(SarifResultsWithoutFile, LogicalLocationByIndex_OutOfRangeOrCyclic_Terminates) {
  EXPECT_EQ(AboutLogical(R"({"index": 99})", kLogicalLocations), "scan");
  EXPECT_EQ(AboutLogical(R"({"index": 99, "name": "f"})", kLogicalLocations), "f");
  EXPECT_THAT(
      ReadLog(LogNowhere(R"("locations": [{"logicalLocations": [{"index": 99}]}])")).warnings,
      ElementsAre(HasSubstr("a logical location's index is 99")));
  EXPECT_EQ(AboutLogical(R"({"index": -7, "name": "f"})"), "f");
  const std::string circle = AboutLogical(R"({"index": 7})", kLogicalLocations);
  EXPECT_THAT(circle, EndsWith("x.y.x"));
  EXPECT_LT(circle.size(), 200U);
}

TEST(SarifResultsWithoutFile, SeveralLogicalLocations_EachIsNamedOnce) {
  EXPECT_EQ(AboutLogical(R"({"name": "f"}, {"name": "g"}, {"name": "f"})"), "f; g");
  EXPECT_EQ(AboutNowhere(R"("locations": [{"logicalLocations": [{"name": "f"}]},
                                          {"logicalLocations": [{"name": "g"}]}])"),
            "f; g");
}

TEST(SarifResultsWithoutFile, LongNames_AreCutAndRemainDifferent) {
  const std::string longest(sarif::kMaxLogicalNameBytes, 'x');
  EXPECT_EQ(sarif::JoinLogicalNames({longest}), longest);
  std::set<std::string> joined;
  for (const std::string tail : {"", "a", "b", "ab"}) {
    joined.insert(sarif::JoinLogicalNames({longest + "y" + tail}));
    joined.insert(sarif::JoinLogicalNames({longest, "z" + tail}));
  }
  EXPECT_THAT(joined, SizeIs(8));
  for (const std::string& name : joined) EXPECT_LT(name.size(), longest.size() + 100);
  // The text must not be cut within a character.
  std::string text = "x";
  while (text.size() <= sarif::kMaxLogicalNameBytes) text += "\xc3\xa4";
  EXPECT_EQ(sarif::JoinLogicalNames({text}).find("\xc3..."), std::string::npos);
}

TEST(SarifResultsWithoutFile, LogicalLocationBesideAFile_IsKept) {
  const Report report = ReadReport(LogOfResult(
      R"({"ruleId": "R1", "message": {"text": "m"}, "locations": [
           {"physicalLocation": {"artifactLocation": {"uri": "a.c"}, "region": {"startLine": 2}},
            "logicalLocations": [{"fullyQualifiedName": "ns::f"}]}]})"));
  EXPECT_EQ(report.location, (Location{0, 2, 1}));
  EXPECT_EQ(report.logical_location, "ns::f");
  EXPECT_EQ(ReadReport(LogOfResult(ResultOf())).logical_location, "");
}

TEST(SarifResultsWithoutFile, MessagesOfLocationsWithoutAFile_AreNotes) {
  const Report report = ReadReport(LogNowhere(
      R"("locations": [{"logicalLocations": [{"name": "f"}], "message": {"text": "in f"}}],
         "relatedLocations": [{"logicalLocations": [{"name": "g"}]}, {"id": 3}])"));
  EXPECT_EQ(report.logical_location, "f");
  ASSERT_THAT(report.bug_path.notes, SizeIs(2));
  EXPECT_EQ(report.bug_path.notes[0], (BugPathEvent{{0, 0, 0}, "in f", 0, {}}));
  EXPECT_EQ(report.bug_path.notes[1], (BugPathEvent{{0, 0, 0}, "g", 0, {}}));
}

TEST(SarifResultsWithoutFile, ManyResults_ShareTheFileWithoutAPath) {
  const ResultFile file = ReadLog(LogOf(
      R"("results": [{"ruleId": "R1", "message": {"text": "m"}},
                     {"ruleId": "R2", "message": {"text": "m"}, "locations": [
                       {"physicalLocation": {"artifactLocation": {"uri": "a.c"}}}]},
                     {"ruleId": "R3", "message": {"text": "m"}}])"));
  ASSERT_THAT(file.reports, SizeIs(3));
  ASSERT_THAT(file.files, SizeIs(2));
  EXPECT_EQ(file.reports[0].location.file, file.reports[2].location.file);
  EXPECT_TRUE(file.context_tells_apart);
}

}  // namespace
}  // namespace stored::reports
