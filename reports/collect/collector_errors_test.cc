// Collecting that fails or ends early: files that cannot be read, limits, errors of the sink,
// cancellation.

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "reports/collect/input_reader.h"
#include "reports/collect/testing/collector_test_case.h"

namespace stored::reports {
namespace {

using ::testing::Contains;
using ::testing::Each;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;
using ::testing::StartsWith;

TEST_F(CollectorTest, Collect_BadFile_ErrorNamesItAndStays) {
  AddInput("good.plist", Plist({"/x/a.c"}, {{}}));
  AddInput("bad.plist", "<plist><dict>");
  AddInput("worse.plist", "no XML");
  RecordingSink sink;
  Collector collector(inputs_, {}, sink);
  const absl::Status status = collector.Collect();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(status.message()), StartsWith("bad.plist: "));
  EXPECT_EQ(collector.SendContents({}), status);
  EXPECT_EQ(collector.Finish(), status);
  EXPECT_THAT(sink.log, Not(Contains("finish")));
}

TEST_F(CollectorTest, Collect_FileGone_ErrorNamesIt) {
  inputs_.files.push_back({.path = "/nonexistent/1.plist", .name = "all.zip: 1.plist"});
  const absl::Status status = Run();
  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(std::string(status.message()), StartsWith("all.zip: 1.plist: "));
}

TEST_F(CollectorTest, Collect_BadFileAmongSeveral_NamesTheOptionThatLeavesItOut) {
  AddInput("good.plist", Plist({"/x/a.c"}, {{}}));
  for (const char* bad : {"bad.plist", "bad.sarif"}) {
    const std::vector<InputFile> before = inputs_.files;
    AddInput(bad, "<plist><dict>");
    EXPECT_THAT(std::string(Run({.skip_bad_files_option = "--skip"}).message()),
                testing::EndsWith("; nothing was stored (--skip leaves out what cannot be read)"));
    inputs_.files = before;
  }
  // Also if the file does not exist.
  inputs_.files.push_back({.path = "/nonexistent/1.plist", .name = "1.plist"});
  EXPECT_THAT(std::string(Run({.skip_bad_files_option = "--skip"}).message()), HasSubstr("--skip"));
  // If it is the only file, leaving it out would leave nothing.
  inputs_.files.erase(inputs_.files.begin());
  EXPECT_THAT(std::string(Run({.skip_bad_files_option = "--skip"}).message()),
              Not(HasSubstr("--skip")));
}

TEST_F(CollectorTest, Collect_SkipBadFiles_WarnsAndGoesOn) {
  AddInput("bad.plist", "<plist><dict>");
  AddInput("good.plist", Plist({"/x/a.c"}, {{}}));
  ASSERT_TRUE(Run({.skip_bad_files = true}).ok());
  EXPECT_THAT(sink_->reports, SizeIs(1));
  EXPECT_EQ(counts_.bad_files, 1U);
  EXPECT_EQ(counts_.result_files, 1U);
  EXPECT_THAT(sink_->summary.warnings, Contains(HasSubstr("bad.plist: ")));
}

TEST_F(CollectorTest, Collect_MoreReportsThanTheLimit_ResourceExhausted) {
  AddInput("1.plist", Plist({"/x/a.c"}, {{}, {.line = 2}}));
  AddInput("2.plist", Plist({"/x/a.c"}, {{.line = 2}, {.line = 3}}));
  Limits limits;
  limits.max_reports = 3;
  EXPECT_TRUE(Run({.limits = limits}).ok());
  limits.max_reports = 2;
  const absl::Status status = Run({.limits = limits});
  EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_THAT(std::string(status.message()), StartsWith("2.plist: more than 2 "));
}

TEST_F(CollectorTest, Collect_SinkFails_ItsErrorComesBack) {
  for (int i = 0; i < 50; ++i) {
    AddInput(fmt::format("{}.plist", i), Plist({"/x/a.c"}, {{.line = i}}));
  }
  RecordingSink sink;
  sink.fail_at_report = 5;
  Collector collector(inputs_, {}, sink);
  EXPECT_EQ(collector.Collect(), absl::DataLossError("the sink is full"));
  EXPECT_THAT(sink.reports, SizeIs(5));
}

TEST_F(CollectorTest, Collect_ManyWarnings_LastSaysHowManyMore) {
  for (int i = 0; i < 150; ++i) AddInput(fmt::format("{}.plist", i), std::string(3000, 'x'));
  inputs_.warnings.push_back(std::string(3000, 'y'));
  ASSERT_TRUE(Run({.skip_bad_files = true}).ok());
  ASSERT_THAT(sink_->summary.warnings, SizeIs(kMaxWarnings));
  EXPECT_THAT(sink_->summary.warnings, Each(testing::SizeIs(testing::Le(kMaxWarningBytes))));
  EXPECT_EQ(sink_->summary.warnings.back(), "52 more warnings");
}

TEST_F(CollectorTest, Collect_Cancelled_EndsWithCancelled) {
  for (int i = 0; i < 50; ++i) AddInput(fmt::format("{}.plist", i), Plist({"/x/a.c"}, {{}}));
  uint64_t done = 0;
  CollectorOptions options;
  options.progress = [&done](uint64_t now, uint64_t) { done = now; };
  options.stop = [&done] { return done == 3; };
  EXPECT_EQ(Run(options).code(), absl::StatusCode::kCancelled);
  EXPECT_EQ(done, 3U);
}

// A single large file: cancellation waits neither for its reading nor for its merging.
TEST_F(CollectorTest, Collect_CancelledWithinAFile_IsNotReadToItsEnd) {
  std::vector<Finding> findings(20'000);
  for (size_t i = 0; i < findings.size(); ++i) findings[i].line = static_cast<int>(i) + 1;
  AddInput("1.plist", Plist({"/x/a.c"}, findings));
  CollectorOptions options;
  // Requested once the first report has been sent.
  options.stop = [this] { return !sink_->reports.empty(); };
  EXPECT_EQ(Run(options).code(), absl::StatusCode::kCancelled);
  EXPECT_LT(sink_->reports.size(), findings.size() / 2);
}

// A log whose reports' hashes need many sources: cancellation after parsing does not wait until all
// of them are read.
TEST_F(CollectorTest, Read_StoppedWhileSourcesAreRead_TheOthersAreNotRead) {
  constexpr int kFiles = 50;
  std::string log = R"({"version":"2.1.0","runs":[{"tool":{"driver":{"name":"t"}},"results":[)";
  for (int i = 0; i < kFiles; ++i) {
    log += fmt::format(R"({}{{"ruleId":"r","message":{{"text":"m"}},"locations":[{{)"
                       R"("physicalLocation":{{"artifactLocation":{{"uri":"{}.c"}},"region":{{)"
                       R"("startLine":1}}}}}}]}})",
                       i == 0 ? "" : ",", i);
  }
  AddInput("log.sarif", log + "]}]}", InputFile::Format::kSarif);
  // Requests the stop when the third source is read.
  class StoppingSources final : public SourceProvider {
   public:
    absl::StatusOr<SourceText> Read(const std::string& path,
                                    const std::string& /*directory*/) const override {
      if (++reads == 3) stop.request_stop();
      return absl::NotFoundError(path);
    }
    mutable int reads = 0;
    mutable std::stop_source stop;
  };
  auto sources = std::make_unique<StoppingSources>();
  const StoppingSources& kept = *sources;
  inputs_.sources = std::move(sources);
  SourceTable table;
  const PathTrimmer trimmer;
  const Limits limits;
  const MergedIdentities merged;
  const InputReader reader(inputs_, limits, trimmer, table, merged);
  EXPECT_EQ(reader.Read(0, kept.stop.get_token()).status.code(), absl::StatusCode::kCancelled);
  // The third source is read for the hash, and once more for its digest.
  EXPECT_LE(kept.reads, 4);
}

}  // namespace
}  // namespace stored::reports
