// SARIF logs through the collector: places that need the text of a source, and findings in no file.

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/files/file.h"
#include "reports/collect/collector.h"
#include "reports/inputs/inputs.h"
#include "reports/testing/recording_sink.h"
#include "reports/testing/test_files.h"

namespace stored::reports {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class SarifCollectTest : public testing::Test {
 protected:
  void Write(const std::string& name, std::string_view text) {
    const std::string path = dir_->path() + "/" + name;
    std::filesystem::create_directories(std::filesystem::path(path).parent_path());
    const auto fd = OpenFile(path, O_CREAT | O_TRUNC | O_WRONLY);
    ASSERT_TRUE(fd.ok()) << fd.status();
    ASSERT_TRUE(WriteAt(fd->get(), text, 0, path).ok());
  }

  // Collects a log whose only run has these properties.
  void Collect(std::string_view run) {
    Write("log.sarif", std::string(R"({"version": "2.1.0", "runs": [{"tool": {"driver": )") +
                           R"({"name": "scan"}}, )" + std::string(run) + "}]}");
    absl::StatusOr<Inputs> inputs = FindInputs({dir_->path() + "/log.sarif"}, {});
    ASSERT_TRUE(inputs.ok()) << inputs.status();
    Collector collector(*inputs, {}, sink_);
    ASSERT_TRUE(collector.Collect().ok());
    ASSERT_TRUE(collector.Finish().ok());
    counts_ = collector.counts();
    warnings_ = collector.warnings();
  }

  std::vector<std::string> Paths() const {
    std::vector<std::string> paths;
    for (const SourceFile& file : sink_.files) paths.push_back(file.path);
    return paths;
  }

  // Returns a result whose only physical location has these properties.
  static std::string ResultAt(std::string_view physical_location, std::string_view more = "") {
    return std::string(R"({"ruleId": "R1", "message": {"text": "m"}, "locations": [)") +
           R"({"physicalLocation": {)" + std::string(physical_location) + "}}]" +
           std::string(more) + "}";
  }

  absl::StatusOr<TemporaryDirectory> dir_ = TemporaryDirectory::Create("", "sarif-collect-");
  RecordingSink sink_;
  CollectorCounts counts_;
  std::vector<std::string> warnings_;
};

TEST_F(SarifCollectTest, CharOffset_LineAndColumnFromEmbeddedText) {
  Collect(R"("artifacts": [{"location": {"uri": "src/t.c"},
                            "contents": {"text": "abc\nd\u00e4f\nghi\n"}}],
             "results": [)" +
          ResultAt(R"("artifactLocation": {"index": 0},
                      "region": {"charOffset": 8, "charLength": 2})") +
          "]");
  ASSERT_THAT(sink_.reports, SizeIs(1));
  const Report& report = sink_.reports[0];
  EXPECT_EQ(report.location, (Location{0, 3, 1}));
  ASSERT_THAT(report.bug_path.events, SizeIs(1));
  EXPECT_EQ(report.bug_path.events[0].location, report.location);
  EXPECT_THAT(report.bug_path.events[0].ranges, ElementsAre(Range{0, 3, 1, 3, 2}));
}

TEST_F(SarifCollectTest, Offsets_LinesAndColumnsFromTheSourceBesideTheLog) {
  // The emoji takes four bytes and two UTF-16 code units.
  Write("src/a.c", "int a;\n\"\xf0\x9f\x98\x80\" b;\nc\n");
  const std::string at = R"("artifactLocation": {"uri": "src/a.c"}, "region": )";
  const std::string step = R"({"location": {"message": {"text": "s"}, "physicalLocation": {)" + at;
  const std::string silent = R"({"location": {"physicalLocation": {)" + at;
  Collect(R"("results": [)" +
          ResultAt(at + R"({"byteOffset": 14, "byteLength": 2})",
                   R"(, "relatedLocations": [{"physicalLocation": {)" + at +
                       R"({"charOffset": 12}}}],
                   "codeFlows": [{"threadFlows": [{"locations": [)" +
                       step + R"({"charOffset": 4}}}}, )" + silent +
                       R"({"charOffset": 7, "charLength": 4}}}}]}]}, 
                   {"threadFlows": [{"locations": [)" +
                       step + R"({"charOffset": 14}}}}]}]}])") +
          "]");
  ASSERT_THAT(sink_.reports, SizeIs(1));
  const Report& report = sink_.reports[0];
  EXPECT_EQ(report.location, (Location{0, 2, 6}));
  ASSERT_THAT(report.bug_path.events, SizeIs(1));
  EXPECT_EQ(report.bug_path.events[0].location, (Location{0, 1, 5}));
  EXPECT_THAT(report.bug_path.positions, ElementsAre(Range{0, 2, 1, 2, 4}));
  ASSERT_THAT(report.bug_path.notes, SizeIs(1));
  EXPECT_EQ(report.bug_path.notes[0].location, (Location{0, 2, 6}));
  ASSERT_THAT(report.bug_path.further_paths, SizeIs(1));
  EXPECT_EQ(report.bug_path.further_paths[0].at(0).location, (Location{0, 2, 8}));
}

TEST_F(SarifCollectTest, ColumnKind_SaysWhatOffsetsCount) {
  Write("a.c", "\xf0\x9f\x98\x80 b\n");
  Collect(R"("columnKind": "unicodeCodePoints", "results": [)" +
          ResultAt(R"("artifactLocation": {"uri": "a.c"}, "region": {"charOffset": 2})") + "]");
  ASSERT_THAT(sink_.reports, SizeIs(1));
  EXPECT_EQ(sink_.reports[0].location, (Location{0, 1, 3}));
}

TEST_F(SarifCollectTest, OffsetWithoutAText_StaysAtNoLine) {
  Write("short.c", "x\n");
  Collect(R"("results": [)" +
          ResultAt(R"("artifactLocation": {"uri": "gone.c"}, "region": {"charOffset": 7})") + ", " +
          ResultAt(R"("artifactLocation": {"uri": "short.c"}, "region": {"charOffset": 7})") + "]");
  ASSERT_THAT(sink_.reports, SizeIs(2));
  EXPECT_EQ(sink_.reports[0].location, (Location{0, 0, 0}));
  EXPECT_EQ(sink_.reports[1].location, (Location{1, 0, 0}));
}

TEST_F(SarifCollectTest, FindingInNoFile_IsNotAMissingSource) {
  Write("a.c", "x\n");
  Collect(R"("results": [{"ruleId": "R1", "message": {"text": "m"}, "locations": [
                {"logicalLocations": [{"fullyQualifiedName": "N.C.M"}]}]}, )" +
          ResultAt(R"("artifactLocation": {"uri": "./"})") + ", " +
          ResultAt(R"("artifactLocation": {"uri": "a.c"})") + "]");
  EXPECT_THAT(Paths(), ElementsAre("", ".", "a.c"));
  EXPECT_THAT(warnings_, IsEmpty());
  EXPECT_EQ(counts_.source_files, 1U);
  EXPECT_EQ(counts_.missing_source_files, 0U);
  ASSERT_THAT(sink_.reports, SizeIs(3));
  EXPECT_EQ(sink_.reports[0].logical_location, "N.C.M");
  EXPECT_EQ(sink_.reports[0].location, (Location{0, 0, 0}));
  EXPECT_EQ(sink_.reports[1].location, (Location{1, 0, 0}));
}

// The log is in a directory of its own, and the sources are where the project has them.
TEST_F(SarifCollectTest, Archive_HasTheSourcesOfItsLogs) {
  const std::string log =
      R"({"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "scan"}},
          "originalUriBaseIds": {"HERE": {"uri": "file:///builds/42/project/"},
                                 "SRC": {"uri": "src/"}},
          "results": [)" +
      ResultAt(R"("artifactLocation": {"uri": "src/a.c"}, "region": {"charOffset": 7})") + ", " +
      ResultAt(R"("artifactLocation": {"uri": "lib/b.c", "uriBaseId": "HERE"})") + ", " +
      ResultAt(R"("artifactLocation": {"uri": "c.c", "uriBaseId": "SRC"})") + ", " +
      ResultAt(R"("artifactLocation": {"uri": "../src/d.c"})") + "]}]}";
  WriteArchive(dir_->path() + "/ci.zip",
               {{"project/out/scan.sarif", log},
                {"project/src/a.c", "int a;\nint b;\n"},
                {"project/lib/b.c", "b"},
                {"project/src/c.c", "c"},
                {"project/src/d.c", "d"}},
               AsZip);
  absl::StatusOr<Inputs> inputs = InputsOfArchive(dir_->path() + "/ci.zip", "the payload", {});
  ASSERT_TRUE(inputs.ok()) << inputs.status();
  Collector collector(*inputs, {}, sink_);
  ASSERT_TRUE(collector.Collect().ok());
  ASSERT_TRUE(collector.SendContents(collector.Sources()).ok());
  EXPECT_THAT(Paths(),
              ElementsAre("src/a.c", "/builds/42/project/lib/b.c", "src/c.c", "../src/d.c"));
  EXPECT_EQ(collector.counts().missing_source_files, 0U);
  EXPECT_THAT(collector.warnings(), IsEmpty());
  EXPECT_THAT(sink_.contents, SizeIs(4));
  ASSERT_THAT(sink_.reports, SizeIs(4));
  EXPECT_EQ(sink_.reports[0].location, (Location{0, 2, 1}));
}

TEST_F(SarifCollectTest, SkipFile_KeepsFindingsInNoFile) {
  Write("skip_file", "-*\n");
  Collect(R"("results": [{"ruleId": "R1", "message": {"text": "m"}}, )" +
          ResultAt(R"("artifactLocation": {"uri": "a.c"})") + "]");
  EXPECT_EQ(counts_.skipped_diagnostics, 1U);
  ASSERT_THAT(sink_.reports, SizeIs(1));
  EXPECT_EQ(sink_.reports[0].logical_location, "scan");
}

}  // namespace
}  // namespace stored::reports
