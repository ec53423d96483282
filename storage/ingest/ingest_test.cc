#include "storage/ingest/ingest.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "base/sha256.h"
#include "base/status.h"
#include "base/testing/split_texts.h"
#include "storage/ingest/testing/memory_ingest_database.h"
#include "storage/policy/product_settings.h"

namespace stored::storage {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

struct TestUpload final : public reports::ReportStream {
  std::unique_ptr<reports::Reading> Open(reports::ReportExtent /*extent*/) override {
    return std::make_unique<reports::DeferredReading>(
        [this](reports::ReportSink& sink) { return Read(sink); });
  }

  absl::Status Read(reports::ReportSink& sink) {
    ++times_read;
    for (const reports::Analysis& analysis : analyses) {
      STORED_RETURN_IF_ERROR(sink.AddAnalysis(analysis));
    }
    for (const reports::SourceFile& file : files) STORED_RETURN_IF_ERROR(sink.AddFile(file));
    for (const reports::Report& report : reports) STORED_RETURN_IF_ERROR(sink.AddReport(report));
    for (const std::string& content : contents) {
      STORED_RETURN_IF_ERROR(sink.AddContent(Sha256::Of(content).Raw(), "a frame", content.size()));
    }
    return sink.Finish({});
  }

  std::vector<reports::Analysis> analyses;
  std::vector<reports::SourceFile> files = {{"src/a.c", ""}};
  std::vector<reports::Report> reports;
  std::vector<std::string> contents;
  int times_read = 0;
};

class Observer final : public IngestObserver {
 public:
  void Progress(StorePhase /*phase*/, int64_t /*done*/, int64_t /*total*/) override {}
  bool Cancelled() override { return cancelled; }

  bool cancelled = false;
};

reports::Report MakeReport(const std::string& hash, const std::string& message,
                           const std::string& checker = "core.A") {
  reports::Report report;
  report.report_hash = hash;
  report.message = message;
  report.checker_name = checker;
  report.location = {0, 1, 1};
  report.content_digest = 7;
  return report;
}

reports::Analysis MakeAnalysis(std::vector<reports::CheckerState> checkers) {
  reports::Analysis analysis;
  reports::AnalyzerRun& analyzer = analysis.analyzers.emplace_back();
  analyzer.name = "clangsa";
  analyzer.version = "14";
  analyzer.checkers = std::move(checkers);
  return analysis;
}

class IngestTest : public testing::Test {
 protected:
  // Ingests as the next store into the run "run".
  absl::StatusOr<StoreResult> Ingest(TestUpload& upload) {
    ++stores_;
    request_.token = std::to_string(stores_);
    return Repeat(upload);
  }
  // Ingests with the token of the store before.
  absl::StatusOr<StoreResult> Repeat(TestUpload& upload) {
    request_.run_name = "run";
    request_.stored_at = At(stores_);
    database_.calls.clear();
    return IngestReports({product_, database_}, request_, upload, observer_);
  }
  static absl::Time At(int store) { return absl::FromUnixSeconds(store); }

  const std::string product_ = "default";
  MemoryIngestDatabase database_;
  Observer observer_;
  IngestRequest request_;
  int stores_ = 0;
};

TEST_F(IngestTest, NewRun_InsertsEachReportOnce) {
  TestUpload upload;
  upload.files = {{"src/a.c", ""}, {"src/b.c", ""}};
  upload.reports = {MakeReport("1", "one"), MakeReport("2", "two"), MakeReport("1", "one")};
  upload.reports[1].location.file = 1;
  upload.analyses = {MakeAnalysis({}), MakeAnalysis({})};
  const absl::StatusOr<StoreResult> result = Ingest(upload);
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(result->new_reports, 2);
  EXPECT_EQ(result->reports, 2);
  EXPECT_EQ(result->source_files, 2);
  EXPECT_THAT(database_.calls, ElementsAre("insert one", "insert two"));
  EXPECT_EQ(database_.tables.reports.at(1).origin.detected_at, At(1));
  EXPECT_EQ(database_.tables.reports.at(2).file_id, database_.tables.files.at("src/b.c"));
  EXPECT_THAT(database_.tables.analyzers, ElementsAre("clangsa 14"));
  EXPECT_EQ(upload.times_read, 1);
}

TEST_F(IngestTest, SameAgain_WritesNoReportAndReadsTheStreamOnce) {
  TestUpload upload;
  upload.reports = {MakeReport("1", "one"), MakeReport("2", "two")};
  ASSERT_TRUE(Ingest(upload).ok());
  upload.times_read = 0;
  const absl::StatusOr<StoreResult> result = Ingest(upload);
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(result->unresolved_reports, 2);
  EXPECT_EQ(result->new_reports, 0);
  EXPECT_THAT(database_.calls, IsEmpty());
  EXPECT_EQ(upload.times_read, 1);
  EXPECT_EQ(database_.tables.runs.at("run").store_count, 2);
}

TEST_F(IngestTest, ContentChanged_UpdatesThatReportAlone) {
  TestUpload upload;
  upload.reports = {MakeReport("1", "one"), MakeReport("2", "two")};
  ASSERT_TRUE(Ingest(upload).ok());
  upload.reports[1].content_digest = 8;
  ASSERT_TRUE(Ingest(upload).ok());
  EXPECT_THAT(database_.calls, ElementsAre("update two"));
  upload.reports[0].review = {reports::ReviewStatus::kFalsePositive, "why", true};
  ASSERT_TRUE(Ingest(upload).ok());
  EXPECT_THAT(database_.calls, ElementsAre("update one"));
}

TEST_F(IngestTest, NotFoundAnyMore_ClosedByTheCheckersState_AndReopened) {
  TestUpload upload;
  upload.reports = {MakeReport("1", "one", "core.A"), MakeReport("2", "two", "core.B"),
                    MakeReport("3", "three", "core.C")};
  ASSERT_TRUE(Ingest(upload).ok());
  TestUpload without;
  without.analyses = {MakeAnalysis({{"core.A", true}, {"core.B", false}})};
  const absl::StatusOr<StoreResult> closed = Ingest(without);
  ASSERT_TRUE(closed.ok()) << closed.status();
  EXPECT_THAT(database_.calls, ElementsAre("close", "close", "close"));
  EXPECT_EQ(closed->resolved_reports, 1);
  EXPECT_EQ(closed->off_reports, 1);
  EXPECT_EQ(closed->unavailable_reports, 1);
  EXPECT_EQ(database_.tables.reports.at(1).state, ReportState::kResolved);
  EXPECT_EQ(database_.tables.reports.at(2).state, ReportState::kOff);
  EXPECT_EQ(database_.tables.reports.at(3).state, ReportState::kUnavailable);

  const absl::StatusOr<StoreResult> again = Ingest(upload);
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_THAT(database_.calls, ElementsAre("reopen", "open", "open"));
  EXPECT_EQ(again->reopened_reports, 1);
  EXPECT_EQ(again->unresolved_reports, 2);
  EXPECT_EQ(database_.tables.reports.at(1).origin.opened_by, 3);
  EXPECT_EQ(database_.tables.reports.at(2).origin.opened_by, 1);
}

TEST_F(IngestTest, OtherReportOfAHash_TakesOverItsPastAndReplacesIt) {
  TestUpload upload;
  upload.reports = {MakeReport("1", "one")};
  ASSERT_TRUE(Ingest(upload).ok());
  upload.reports = {MakeReport("1", "moved")};
  const absl::StatusOr<StoreResult> result = Ingest(upload);
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_THAT(database_.calls, ElementsAre("insert moved", "remove"));
  EXPECT_EQ(result->unresolved_reports, 1);
  EXPECT_EQ(result->resolved_reports, 0);
  ASSERT_EQ(database_.tables.reports.size(), 1U);
  const ReportOrigin& origin = database_.tables.reports.begin()->second.origin;
  EXPECT_EQ(origin.detected_at, At(1));
  EXPECT_EQ(origin.opened_by, 1);
}

TEST_F(IngestTest, Force_ComparesNothing) {
  TestUpload upload;
  upload.reports = {MakeReport("1", "one")};
  ASSERT_TRUE(Ingest(upload).ok());
  request_.force = true;
  const absl::StatusOr<StoreResult> result = Ingest(upload);
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(result->new_reports, 1);
  EXPECT_EQ(database_.tables.reports.begin()->second.origin.detected_at, At(2));
}

TEST_F(IngestTest, TokenAgain_ReturnsTheFirstResultAndReadsNothing) {
  TestUpload upload;
  upload.reports = {MakeReport("1", "one")};
  const absl::StatusOr<StoreResult> first = Ingest(upload);
  TestUpload other;
  const absl::StatusOr<StoreResult> again = Repeat(other);
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(*again, *first);
  EXPECT_EQ(other.times_read, 0);
  EXPECT_EQ(database_.writes, 1);
}

TEST_F(IngestTest, RunChangedAfterTheComparison_ComparedAgain) {
  TestUpload upload;
  upload.reports = {MakeReport("1", "one")};
  ASSERT_TRUE(Ingest(upload).ok());
  int changes = 0;
  database_.before_write = [&] {
    if (++changes == 1) ++database_.tables.runs.at("run").latest_history_id;
  };
  upload.times_read = 0;
  ASSERT_TRUE(Ingest(upload).ok());
  EXPECT_EQ(upload.times_read, 2);

  database_.before_write = [&] { ++database_.tables.runs.at("run").latest_history_id; };
  const MemoryTables before = database_.tables;
  EXPECT_EQ(Ingest(upload).status().code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(database_.tables.ingested.size(), before.ingested.size());
}

TEST_F(IngestTest, Content_InsertedOnlyWhereItIsMissing) {
  TestUpload upload;
  upload.reports = {MakeReport("1", "one")};
  upload.files = {{"src/a.c", std::string(Sha256::Of("int a;").Raw())},
                  {"src/b.c", std::string(Sha256::Of("int b;").Raw())}};
  upload.contents = {"int a;", "named by no file"};
  const absl::StatusOr<StoreResult> first = Ingest(upload);
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_EQ(first->new_sources, 1);
  EXPECT_EQ(first->new_source_bytes, 6);
  EXPECT_THAT(first->warnings, ElementsAre("1 source file was not sent and not stored: src/b.c"));
  // The reports are the same, but the stream has a content that the database lacks.
  upload.contents.push_back("int b;");
  upload.times_read = 0;
  const absl::StatusOr<StoreResult> second = Ingest(upload);
  ASSERT_TRUE(second.ok()) << second.status();
  EXPECT_EQ(second->new_sources, 1);
  EXPECT_THAT(second->warnings, IsEmpty());
  EXPECT_EQ(upload.times_read, 2);
}

TEST_F(IngestTest, WarningOfMissingSources_IsCutBetweenCharacters) {
  const std::string start = "1 source file was not sent and not stored: ";
  for (const SplitText& path : TextsSplitAt(reports::kMaxWarningBytes - start.size())) {
    TestUpload upload;
    upload.files = {{path.text, std::string(Sha256::Of("int a;").Raw())}};
    const absl::StatusOr<StoreResult> result = Ingest(upload);
    ASSERT_TRUE(result.ok()) << result.status();
    EXPECT_THAT(result->warnings, ElementsAre(start + path.kept));
  }
}

TEST_F(IngestTest, Limits_NothingIsKept) {
  TestUpload upload;
  upload.reports = {MakeReport("1", "one"), MakeReport("2", "two")};
  request_.max_reports = 1;
  const absl::Status too_many = Ingest(upload).status();
  EXPECT_TRUE(IsProductLimit(too_many)) << too_many;
  EXPECT_TRUE(database_.tables.runs.empty());

  request_.max_reports = 0;
  request_.max_runs = 1;
  database_.tables.runs["other"].id = 1;
  const absl::Status too_many_runs = Ingest(upload).status();
  EXPECT_TRUE(IsProductLimit(too_many_runs)) << too_many_runs;
  EXPECT_THAT(database_.calls, IsEmpty());
}

TEST_F(IngestTest, Errors_AreReturnedAndNothingIsKept) {
  TestUpload upload;
  upload.reports = {MakeReport("1", "one"), MakeReport("2", "refused")};
  EXPECT_EQ(Ingest(upload).status(), absl::ResourceExhaustedError("disk full"));
  EXPECT_TRUE(database_.tables.reports.empty());

  upload.reports.pop_back();
  observer_.cancelled = true;
  EXPECT_EQ(Ingest(upload).status().code(), absl::StatusCode::kCancelled);
  EXPECT_TRUE(database_.tables.reports.empty());

  observer_.cancelled = false;
  upload.reports[0].location.file = 1;
  EXPECT_EQ(Ingest(upload).status().code(), absl::StatusCode::kInvalidArgument);
}

TEST_F(IngestTest, StreamGrowsBetweenItsReadings_DataLoss) {
  TestUpload upload;
  upload.reports = {MakeReport("1", "one")};
  ASSERT_TRUE(Ingest(upload).ok());
  upload.reports.push_back(MakeReport("2", "two"));
  database_.before_write = [&] { upload.reports.push_back(MakeReport("3", "three")); };
  EXPECT_EQ(Ingest(upload).status().code(), absl::StatusCode::kDataLoss);
  EXPECT_EQ(database_.tables.reports.size(), 1U);
}

}  // namespace
}  // namespace stored::storage
