// SARIF logs among the inputs, also ones so large that they are read in parts.

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "reports/collect/input_reader.h"
#include "reports/collect/testing/collector_test_case.h"

namespace stored::reports {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;
using ::testing::StartsWith;

// Returns a SARIF log of `tool` with one finding in `uri`, whose text it embeds.
std::string SarifLog(std::string_view tool, std::string_view uri, std::string_view text) {
  return fmt::format(
      R"({{"version": "2.1.0", "runs": [{{"tool": {{"driver": {{"name": "{}"}}}},
        "artifacts": [{{"location": {{"uri": "{}"}}, "contents": {{"text": "{}"}}}}],
        "results": [{{"ruleId": "r", "message": {{"text": "m"}}, "locations": [
          {{"physicalLocation": {{"artifactLocation": {{"uri": "{}", "index": 0}},
                                  "region": {{"startLine": 1}}}}}}]}}]}}]}})",
      tool, uri, text, uri);
}

TEST_F(CollectorTest, Collect_SeveralSarifLogs_EachAnalysisOnce) {
  inputs_.analyses.push_back({.tool_name = "codechecker"});
  AddInput("1.plist", Plist({"/x/a.c"}, {{}}));
  AddInput("1.sarif", SarifLog("ruff", "a.py", "one"), InputFile::Format::kSarif);
  AddInput("2.sarif", SarifLog("eslint", "a.js", "two"), InputFile::Format::kSarif);
  AddInput("3.sarif", SarifLog("ruff", "b.py", "three"), InputFile::Format::kSarif);
  ASSERT_TRUE(Run().ok());
  ASSERT_THAT(sink_->reports, SizeIs(4));
  EXPECT_THAT(sink_->log[0], StartsWith("analysis codechecker"));
  std::vector<std::string> analyses;
  for (const std::string& line : sink_->log) {
    if (line.starts_with("analysis ")) analyses.push_back(line);
  }
  EXPECT_THAT(analyses, SizeIs(3));
}

TEST_F(CollectorTest, SendContents_EmbeddedInSarif_SentFromThere) {
  AddInput("1.sarif", SarifLog("ruff", "a.py", "one"), InputFile::Format::kSarif);
  ASSERT_TRUE(Run().ok());
  ASSERT_THAT(sink_->reports, SizeIs(1));
  EXPECT_THAT(sink_->contents, ElementsAre("one"));
  EXPECT_EQ(counts_.missing_source_files, 0U);
}

// Returns a SARIF log of that many MiB, so large that it is read in parts. Some of its results are
// repeated in later parts, some need sources for their hash, and some are in skipped files. A part
// of the sources is embedded.
std::string LargeSarifLog(size_t mib, std::string_view directory) {
  std::string log = R"({"version":"2.1.0","runs":[{"tool":{"driver":{"name":"t"}},"artifacts":[)";
  for (int file = 0; file < 3000; file += 3) {
    log += fmt::format(R"({}{{"location":{{"uri":"{}/{}.c"}},"contents":{{"text":"text {}"}}}})",
                       file == 0 ? "" : ",", directory, file, file);
  }
  log += R"(],"results":[)";
  const std::string padding(300, ' ');
  for (int i = 0; log.size() < mib << 20; ++i) {
    const int number = i % 5 == 0 ? i / 2 : i;
    log += fmt::format(
        R"({}{{"ruleId":"r","message":{{"text":"m{}"}},{}"locations":[{{"physicalLocation":{{)"
        R"("artifactLocation":{{"uri":"{}/{}.c"}},"region":{{"startLine":{}}}}}}}]{}}})",
        i == 0 ? "" : ",\n", number,
        number % 7 == 0 ? "" : fmt::format(R"("fingerprints":{{"a":"{}"}},)", number), directory,
        number / 10, number % 10 + 1, padding);
  }
  return log + "]}]}";
}

TEST_F(CollectorTest, Collect_LargeSarifLogs_SameStreamInPartsAsWhole) {
  std::map<std::string, std::string> texts;
  for (int file = 0; file < 100; ++file) {
    texts[fmt::format("/src/a/{}.c", file)] = "1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n";
  }
  UseSources(texts);
  inputs_.skip_files.push_back(*SkipFile::Parse("-a/13*\n", "skip", warnings_));
  AddInput("1.sarif", LargeSarifLog(4, "a"), InputFile::Format::kSarif).skip_file = 0;
  AddInput("2.sarif", LargeSarifLog(3, "b"), InputFile::Format::kSarif);
  AddInput("3.sarif", LargeSarifLog(2, "a"), InputFile::Format::kSarif);
  // With this option, a file is not read in parts.
  ASSERT_TRUE(Run({.skip_bad_files = true}).ok());
  const std::unique_ptr<RecordingSink> whole = std::move(sink_);
  const CollectorCounts counts = counts_;
  EXPECT_THAT(whole->reports, SizeIs(testing::Gt(10'000U)));
  EXPECT_GT(counts.skipped_diagnostics, 0U);
  EXPECT_THAT(whole->contents, Contains("text 600"));
  for (const int threads : {1, 3}) {
    std::vector<uint64_t> told;
    ASSERT_TRUE(Run({.threads = threads,
                     .progress = [&told](uint64_t done, uint64_t) { told.push_back(done); }})
                    .ok());
    EXPECT_TRUE(sink_->log == whole->log) << threads;
    EXPECT_TRUE(sink_->reports == whole->reports) << threads;
    EXPECT_EQ(sink_->summary.warnings, whole->summary.warnings);
    EXPECT_EQ(sink_->summary.result_files, 3U);
    EXPECT_EQ(counts_.diagnostics, counts.diagnostics);
    EXPECT_EQ(counts_.skipped_diagnostics, counts.skipped_diagnostics);
    EXPECT_THAT(told, ElementsAre(1U, 2U, 3U));
  }
}

TEST_F(CollectorTest, Read_LargeSarifLog_PartsThatAddUp) {
  const std::string log = LargeSarifLog(4, "a");
  AddInput("1.sarif", log, InputFile::Format::kSarif);
  SourceTable table;
  const PathTrimmer trimmer;
  const Limits limits;
  const MergedIdentities merged;
  const InputReader reader(inputs_, limits, trimmer, table, merged);
  std::vector<ReadInput> parts;
  parts.push_back(reader.Read(0, {}, [&parts](ReadInput part) {
    parts.push_back(std::move(part));
    return true;
  }));
  EXPECT_THAT(parts, SizeIs(4));
  uint64_t weight = 0;
  std::set<FileIndex> files;
  for (ReadInput& part : parts) {
    EXPECT_TRUE(part.status.ok()) << part.status;
    weight += part.weight;
    for (const ReadSource& file : part.files) EXPECT_TRUE(files.insert(file.index).second);
    for (const Report& report : part.reports) {
      EXPECT_TRUE(files.contains(report.location.file));
    }
  }
  EXPECT_EQ(weight, log.size());

  // Reading ends once no more parts are wanted.
  int handed = 0;
  const ReadInput last = reader.Read(0, {}, [&handed](const ReadInput&) { return ++handed < 2; });
  EXPECT_EQ(last.status.code(), absl::StatusCode::kCancelled);
  EXPECT_EQ(handed, 2);
}

TEST_F(CollectorTest, Collect_LargeSarifLogMalformedAtItsEnd_AnErrorAndNothingOfItWhereSkipped) {
  std::string log = LargeSarifLog(3, "a");
  log.insert(log.size() - std::string_view("]}]}").size(), ",x");
  AddInput("1.sarif", log, InputFile::Format::kSarif);
  const absl::Status status = Run();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(status.message()),
              AllOf(StartsWith("1.sarif: "), HasSubstr("expected a value, not 'x'")));
  // The reports of earlier parts were sent before the error was found.
  EXPECT_THAT(sink_->reports, Not(IsEmpty()));
  EXPECT_THAT(sink_->log, Not(Contains("finish")));

  AddInput("2.plist", Plist({"/x/a.c"}, {{}}));
  ASSERT_TRUE(Run({.skip_bad_files = true}).ok());
  EXPECT_THAT(sink_->log, ElementsAre("file /x/a.c ", "report c h m /x/a.c:1", "finish"));
  EXPECT_EQ(counts_.bad_files, 1U);
  EXPECT_EQ(counts_.result_files, 1U);
  EXPECT_THAT(sink_->summary.warnings, Contains(StartsWith("left out: 1.sarif: ")));
}

}  // namespace
}  // namespace stored::reports
