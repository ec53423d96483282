#include <fmt/format.h>

#include <utility>

#include "storage/conformance/conformance.h"

// Detection statuses of ingested reports, and ingests that end early.
namespace stored::storage {
namespace {

StoreResult Counts(int new_reports, int unresolved, int reopened, int resolved, int off = 0,
                   int unavailable = 0) {
  StoreResult result;
  result.new_reports = new_reports;
  result.unresolved_reports = unresolved;
  result.reopened_reports = reopened;
  result.resolved_reports = resolved;
  result.off_reports = off;
  result.unavailable_reports = unavailable;
  result.reports = new_reports + unresolved + reopened;
  return result;
}

// Returns a result that has only the counts by detection status.
StoreResult StatusCounts(const StoreResult& result) {
  return Counts(result.new_reports, result.unresolved_reports, result.reopened_reports,
                result.resolved_reports, result.off_reports, result.unavailable_reports);
}

TEST_P(BackendConformance, Ingest_NewRun_AllIsNew) {
  const StoreResult result = Ingest(MakeReports(300));
  EXPECT_EQ(StatusCounts(result), Counts(300, 0, 0, 0));
  EXPECT_EQ(result.reports, 300);
  EXPECT_EQ(result.diagnostics, 1200);
  EXPECT_EQ(result.result_files, 2);
  EXPECT_EQ(result.source_files, 1);
  EXPECT_EQ(Statuses(), std::string(300, 'N'));
  EXPECT_EQ(Run().open_reports, 300);
  EXPECT_EQ(Run().reports, 300);
  EXPECT_EQ(Run().id, result.run_id);
}

TEST_P(BackendConformance, Ingest_Again_Unresolved_KeepsFirstDetection) {
  Ingest(MakeReports(3));
  EXPECT_EQ(StatusCounts(Ingest(MakeReports(3))), Counts(0, 3, 0, 0));
  EXPECT_EQ(Statuses(), "UUU");
  EXPECT_EQ(Find(0).detected_at, At(1));
  EXPECT_FALSE(Find(0).fixed_at.has_value());
  EXPECT_EQ(Run().store_count, 2);
}

TEST_P(BackendConformance, Ingest_GoneThenBack_ResolvedReopenedUnresolved) {
  Ingest(MakeReports(4));
  EXPECT_EQ(StatusCounts(Ingest(MakeReports(2))), Counts(0, 2, 0, 2));
  EXPECT_EQ(Statuses(), "UUCC");
  EXPECT_EQ(Find(3).fixed_at, At(2));
  EXPECT_EQ(Run().open_reports, 2);
  EXPECT_EQ(Run().reports, 4);

  // Already resolved reports are not counted again and keep their fixed_at.
  EXPECT_EQ(StatusCounts(Ingest(MakeReports(2))), Counts(0, 2, 0, 0));
  EXPECT_EQ(Find(3).fixed_at, At(2));

  EXPECT_EQ(StatusCounts(Ingest(MakeReports(4))), Counts(0, 2, 2, 0));
  EXPECT_EQ(Statuses(), "UURR");
  EXPECT_FALSE(Find(3).fixed_at.has_value());
  EXPECT_EQ(Find(3).detected_at, At(1));

  EXPECT_EQ(StatusCounts(Ingest(MakeReports(4))), Counts(0, 4, 0, 0));
  EXPECT_EQ(Statuses(), "UUUU");
}

TEST_P(BackendConformance, Ingest_EmptyUpload_ResolvesAll_AndAllCanComeBack) {
  Ingest(MakeReports(2));
  EXPECT_EQ(StatusCounts(Ingest(MakeReports(0))), Counts(0, 0, 0, 2));
  EXPECT_EQ(Run().open_reports, 0);
  EXPECT_EQ(StatusCounts(Ingest(MakeReports(2))), Counts(0, 0, 2, 0));
}

TEST_P(BackendConformance, Ingest_OtherRun_IsApart) {
  Ingest(MakeReports(2));
  IngestRequest other;
  other.run_name = "other";
  EXPECT_EQ(StatusCounts(Ingest(MakeReports(1), other)), Counts(1, 0, 0, 0));
  EXPECT_EQ(Statuses(), "NN");
  EXPECT_EQ(Statuses("other"), "N");
}

TEST_P(BackendConformance, Ingest_Duplicates_StoredOnce) {
  ReportList twice = MakeReports(2);
  twice.reports.push_back(MakeReport(0));
  EXPECT_EQ(StatusCounts(Ingest(twice)), Counts(2, 0, 0, 0));
  twice.reports.push_back(MakeReport(7));
  twice.reports.push_back(MakeReport(7));
  EXPECT_EQ(StatusCounts(Ingest(twice)), Counts(1, 2, 0, 0));
  EXPECT_EQ(Statuses(), "UUN");
}

TEST_P(BackendConformance, Ingest_SameHashOtherPath_ReplacesAndKeepsItsPast) {
  Ingest(MakeReports(2));
  ReportList moved = MakeReports(2);
  moved.reports[0] = MakeReport(0, /*path=*/9);
  EXPECT_EQ(StatusCounts(Ingest(moved)), Counts(0, 2, 0, 0));
  EXPECT_EQ(Statuses(), "UU");
  EXPECT_EQ(Find(0).report.bug_path.events[0].message, "step 9");
  EXPECT_EQ(Find(0).detected_at, At(1));
  EXPECT_EQ(Run().reports, 2);
}

TEST_P(BackendConformance, Ingest_SameHashOtherPathAfterResolved_Reopened) {
  Ingest(MakeReports(2));
  Ingest(MakeReports(1));
  ReportList moved = MakeReports(1);
  moved.reports.push_back(MakeReport(1, /*path=*/9));
  EXPECT_EQ(StatusCounts(Ingest(moved)), Counts(0, 1, 1, 0));
  EXPECT_EQ(Statuses(), "UR");
  EXPECT_EQ(Find(1).detected_at, At(1));
  Ingest(moved);
  EXPECT_EQ(Statuses(), "UU");
}

TEST_P(BackendConformance, Ingest_SecondPathOfAKnownHash_IsUnresolvedToo) {
  Ingest(MakeReports(1));
  ReportList more = MakeReports(1);
  more.reports.push_back(MakeReport(0, /*path=*/1));
  EXPECT_EQ(StatusCounts(Ingest(more)), Counts(0, 2, 0, 0));
  EXPECT_EQ(Statuses(), "UU");
  EXPECT_EQ(All().reports[1].detected_at, At(1));
  // With only one of them in the upload, the hash is still found, so the other one is replaced, not
  // resolved.
  EXPECT_EQ(StatusCounts(Ingest(MakeReports(1))), Counts(0, 1, 0, 0));
  EXPECT_EQ(Run().reports, 1);
}

TEST_P(BackendConformance, Ingest_HashesOfAnyForm_AreKeptAsTheyAre) {
  ReportList list = MakeReports(0);
  const std::vector<std::string> hashes = {"0123456789abcdef0123456789abcdef",
                                           "0123456789ABCDEF0123456789abcdef", "short", "\xff\xfe",
                                           std::string(200, 'x')};
  for (const std::string& hash : hashes) {
    reports::Report report = MakeReport(1);
    report.report_hash = hash;
    list.reports.push_back(report);
  }
  EXPECT_EQ(StatusCounts(Ingest(list)), Counts(5, 0, 0, 0));
  EXPECT_EQ(StatusCounts(Ingest(list)), Counts(0, 5, 0, 0));
  const ReportPage page = All();
  ASSERT_EQ(page.reports.size(), hashes.size());
  for (size_t i = 0; i < hashes.size(); ++i) {
    EXPECT_EQ(page.reports[i].report.report_hash, hashes[i]);
  }
}

TEST_P(BackendConformance, Ingest_CheckerDisabled_Off_ThenBackUnresolved) {
  ReportList list = MakeReports(1);
  list.reports.push_back(MakeReport(1, 0, "deadcode.DeadStores"));
  Ingest(list);

  ReportList without = MakeReports(1);
  without.analyses = {
      MakeAnalysis({{"core.NullDereference", true}, {"deadcode.DeadStores", false}})};
  EXPECT_EQ(StatusCounts(Ingest(without)), Counts(0, 1, 0, 0, 1));
  EXPECT_EQ(Statuses(), "UO");
  EXPECT_EQ(Find(1).fixed_at, At(2));

  EXPECT_EQ(StatusCounts(Ingest(list)), Counts(0, 2, 0, 0));
  EXPECT_EQ(Statuses(), "UU");
  EXPECT_FALSE(Find(1).fixed_at.has_value());
}

TEST_P(BackendConformance, Ingest_CheckerOnNoList_Unavailable) {
  ReportList list = MakeReports(1);
  list.reports.push_back(MakeReport(1, 0, "deadcode.DeadStores"));
  list.reports.push_back(MakeReport(2, 0, "clang-diagnostic-unused"));
  Ingest(list);
  ReportList without = MakeReports(1);
  without.analyses = {MakeAnalysis({{"core.NullDereference", true}})};
  EXPECT_EQ(StatusCounts(Ingest(without)), Counts(0, 1, 0, 1, 0, 1));
  // No analysis lists compiler warnings, so they are resolved.
  EXPECT_EQ(Statuses(), "UAC");
  EXPECT_EQ(StatusCounts(Ingest(list)), Counts(0, 2, 1, 0));
  EXPECT_EQ(Statuses(), "UUR");
}

TEST_P(BackendConformance, Ingest_SeveralAnalyses_EnabledInOneCounts) {
  ReportList list = MakeReports(0);
  list.reports = {MakeReport(0, 0, "a"), MakeReport(1, 0, "b"), MakeReport(2, 0, "c")};
  Ingest(list);
  ReportList none = MakeReports(0);
  none.analyses = {MakeAnalysis({{"a", false}, {"b", false}}), MakeAnalysis({{"b", true}}),
                   MakeAnalysis({})};
  EXPECT_EQ(StatusCounts(Ingest(none)), Counts(0, 0, 0, 1, 1, 1));
  EXPECT_EQ(Statuses(), "OCA");
}

TEST_P(BackendConformance, Ingest_CheckerWithReports_CountsAsEnabled) {
  ReportList list = MakeReports(2);
  Ingest(list);
  ReportList one = MakeReports(1);
  one.analyses = {MakeAnalysis({{"core.NullDereference", false}})};
  EXPECT_EQ(StatusCounts(Ingest(one)), Counts(0, 1, 0, 1));
  EXPECT_EQ(Statuses(), "UC");
}

TEST_P(BackendConformance, Ingest_ClosedReport_ChangesItsReasonButNotItsTime) {
  Ingest(MakeReports(1));
  ReportList off = MakeReports(0);
  off.analyses = {MakeAnalysis({{"core.NullDereference", false}})};
  EXPECT_EQ(StatusCounts(Ingest(off)), Counts(0, 0, 0, 0, 1));
  EXPECT_EQ(Statuses(), "O");
  EXPECT_EQ(StatusCounts(Ingest(MakeReports(0))), Counts(0, 0, 0, 0));
  EXPECT_EQ(Statuses(), "C");
  EXPECT_EQ(Find(0).fixed_at, At(2));
}

TEST_P(BackendConformance, Ingest_Force_StoresAfresh) {
  Ingest(MakeReports(3));
  const RunSummary before = Run();
  IngestRequest force;
  force.force = true;
  EXPECT_EQ(StatusCounts(Ingest(MakeReports(2), force)), Counts(2, 0, 0, 0));
  EXPECT_EQ(Statuses(), "NN");
  EXPECT_EQ(Find(0).detected_at, At(2));
  EXPECT_EQ(Run().id, before.id);
  EXPECT_EQ(Run().store_count, 1);
  EXPECT_EQ(Run().reports, 2);
}

TEST_P(BackendConformance, Ingest_Tag_Moves) {
  IngestRequest tagged;
  tagged.tag = "v1";
  tagged.description = "first";
  Ingest(MakeReports(1), tagged);
  EXPECT_EQ(Run().tag, "v1");
  EXPECT_EQ(Run().description, "first");
  Ingest(MakeReports(1));
  EXPECT_EQ(Run().tag, "");
  Ingest(MakeReports(1), tagged);
  EXPECT_EQ(Run().tag, "v1");
  EXPECT_EQ(Run().stored_at, At(3));
  EXPECT_EQ(Run().store_count, 3);
}

TEST_P(BackendConformance, Ingest_SameToken_AppliedOnce) {
  IngestRequest request;
  request.token = "the token";
  ReportList list = MakeReports(2);
  list.summary.warnings = {"mind the gap"};
  const StoreResult first = Ingest(list, request);
  ReportList other = MakeReports(5);
  EXPECT_EQ(Ingest(other, request), first);
  EXPECT_EQ(other.times_read, 0);
  EXPECT_EQ(Statuses(), "NN");
  EXPECT_EQ(Run().store_count, 1);

  EXPECT_EQ(*results().Ingested("the token"), first);
  EXPECT_EQ(*results().Ingested("another"), std::nullopt);
  Reopen();
  EXPECT_EQ(*results().Ingested("the token"), first);
}

TEST_P(BackendConformance, Ingest_StreamBreaks_NothingStored) {
  IngestRequest request;
  request.token = "t";
  request.run_name = "run";
  request.stored_at = At(9);
  ReportList broken = MakeReports(1000);
  broken.error = absl::InvalidArgumentError("record 7 is cut short");
  EXPECT_EQ(TryIngest(broken, request).status(), broken.error);
  EXPECT_EQ(List({}).status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(*results().Ingested("t"), std::nullopt);

  Ingest(MakeReports(3));
  EXPECT_EQ(TryIngest(broken, request).status(), broken.error);
  EXPECT_EQ(Statuses(), "NNN");
  EXPECT_EQ(Run().store_count, 1);
  EXPECT_EQ(*results().Ingested("t"), std::nullopt);
}

TEST_P(BackendConformance, Ingest_Cancelled_AtAnyMoment_LeavesNothing) {
  Ingest(MakeReports(3));
  ReportList list = MakeReports(1);
  for (int i = 10; i < 1500; ++i) list.reports.push_back(MakeReport(i));
  IngestRequest request;
  request.run_name = "run";
  request.stored_at = At(9);
  RecordingObserver whole;
  for (int calls = 0; calls < 100; ++calls) {
    RecordingObserver observer;
    observer.CancelAfter(calls);
    request.token = fmt::format("cancelled {}", calls);
    const absl::StatusOr<StoreResult> result = results().Ingest(request, list, observer);
    if (result.ok()) {
      // Polled often enough to stop within a fraction of an ingest.
      EXPECT_GT(calls, 10);
      EXPECT_TRUE(observer.saw(StorePhase::kComparing));
      EXPECT_TRUE(observer.saw(StorePhase::kApplying));
      EXPECT_EQ(Run().store_count, 2);
      return;
    }
    ASSERT_EQ(result.status().code(), absl::StatusCode::kCancelled);
    ASSERT_EQ(Statuses(), "NNN");
    ASSERT_EQ(Run().store_count, 1);
  }
  FAIL() << "no ingest finished";
}

TEST_P(BackendConformance, Ingest_CancelledFirstStore_LeavesNoRun) {
  ReportList list = MakeReports(2000);
  IngestRequest request;
  request.token = "t";
  request.run_name = "run";
  RecordingObserver observer;
  observer.CancelAfter(4);
  EXPECT_EQ(results().Ingest(request, list, observer).status().code(),
            absl::StatusCode::kCancelled);
  EXPECT_TRUE(results().ListRuns("", 10, "")->runs.empty());
}

TEST_P(BackendConformance, Ingest_UnchangedIsReadOnce_ChangedTwice) {
  ReportList list = MakeReports(5);
  Ingest(list);
  EXPECT_EQ(list.times_read, 1);
  Ingest(list);
  EXPECT_EQ(list.times_read, 2);
  list.reports.push_back(MakeReport(77));
  Ingest(list);
  EXPECT_EQ(list.times_read, 4);
}

TEST_P(BackendConformance, Ingest_FileIndexOutOfRange_NamesReport) {
  IngestRequest request;
  request.run_name = "run";
  request.token = "t";
  request.stored_at = At(1);
  const auto expect_refused = [&](reports::Report report) {
    ReportList list = MakeReports(1);
    list.reports.push_back(std::move(report));
    const absl::Status status = TryIngest(list, request).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << status;
    EXPECT_NE(status.message().find("report 1 "), absl::string_view::npos) << status;
  };
  reports::Report report = MakeReport(1);
  report.location.file = 1;
  expect_refused(report);
  report = MakeReport(1);
  report.bug_path.events[0].ranges[0].file = 1;
  expect_refused(report);
  report = MakeReport(1);
  report.bug_path.positions.push_back({1, 1, 1, 1, 1});
  expect_refused(report);
  report = MakeReport(1);
  report.bug_path.macro_expansions.push_back({{9, 1, 1}, "M", "1"});
  expect_refused(report);
}

TEST_P(BackendConformance, Ingest_ManyPathsOfOneHash_NoQuadraticWork) {
  ReportList list = MakeReports(0);
  for (int i = 0; i < 20'000; ++i) list.reports.push_back(MakeReport(1, i));
  Ingest(list);
  // Quadratic work would take minutes here.
  EXPECT_EQ(StatusCounts(Ingest(list)), Counts(0, 20'000, 0, 0));
  for (reports::Report& report : list.reports) report.bug_path.events[0].message += " moved";
  EXPECT_EQ(StatusCounts(Ingest(list)), Counts(0, 20'000, 0, 0));
  EXPECT_EQ(Run().reports, 20'000);
}

}  // namespace
}  // namespace stored::storage
