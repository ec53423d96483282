#include <fmt/format.h>

#include <utility>

#include "storage/conformance/conformance.h"

namespace stored::storage {
namespace {

using reports::ReviewStatus;

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

// The counts by detection status alone.
StoreResult Only(const StoreResult& result) {
  return Counts(result.new_reports, result.unresolved_reports, result.reopened_reports,
                result.resolved_reports, result.off_reports, result.unavailable_reports);
}

reports::Report Judged(reports::Report report, ReviewStatus status, const std::string& comment) {
  report.review = {status, comment, true};
  return report;
}

ReportList One(reports::Report report) {
  ReportList list = MakeReports(0);
  list.reports.push_back(std::move(report));
  return list;
}

TEST_P(StoreConformance, Ingest_NewRun_AllIsNew) {
  const StoreResult result = Ingest(MakeReports(300));
  EXPECT_EQ(Only(result), Counts(300, 0, 0, 0));
  EXPECT_EQ(result.reports, 300);
  EXPECT_EQ(result.diagnostics, 1200);
  EXPECT_EQ(result.result_files, 2);
  EXPECT_EQ(result.source_files, 1);
  EXPECT_EQ(Statuses(), std::string(300, 'N'));
  EXPECT_EQ(Run().open_reports, 300);
  EXPECT_EQ(Run().reports, 300);
  EXPECT_EQ(Run().id, result.run_id);
}

TEST_P(StoreConformance, Ingest_Again_Unresolved_KeepsFirstDetection) {
  Ingest(MakeReports(3));
  EXPECT_EQ(Only(Ingest(MakeReports(3))), Counts(0, 3, 0, 0));
  EXPECT_EQ(Statuses(), "UUU");
  EXPECT_EQ(Find(0).detected_at, At(1));
  EXPECT_FALSE(Find(0).fixed_at.has_value());
  EXPECT_EQ(Run().store_count, 2);
}

TEST_P(StoreConformance, Ingest_GoneThenBack_ResolvedReopenedUnresolved) {
  Ingest(MakeReports(4));
  EXPECT_EQ(Only(Ingest(MakeReports(2))), Counts(0, 2, 0, 2));
  EXPECT_EQ(Statuses(), "UUCC");
  EXPECT_EQ(Find(3).fixed_at, At(2));
  EXPECT_EQ(Run().open_reports, 2);
  EXPECT_EQ(Run().reports, 4);

  // Resolved already: not counted again, and fixed when it was.
  EXPECT_EQ(Only(Ingest(MakeReports(2))), Counts(0, 2, 0, 0));
  EXPECT_EQ(Find(3).fixed_at, At(2));

  EXPECT_EQ(Only(Ingest(MakeReports(4))), Counts(0, 2, 2, 0));
  EXPECT_EQ(Statuses(), "UURR");
  EXPECT_FALSE(Find(3).fixed_at.has_value());
  EXPECT_EQ(Find(3).detected_at, At(1));

  EXPECT_EQ(Only(Ingest(MakeReports(4))), Counts(0, 4, 0, 0));
  EXPECT_EQ(Statuses(), "UUUU");
}

TEST_P(StoreConformance, Ingest_EmptyUpload_ResolvesAll_AndAllCanComeBack) {
  Ingest(MakeReports(2));
  EXPECT_EQ(Only(Ingest(MakeReports(0))), Counts(0, 0, 0, 2));
  EXPECT_EQ(Run().open_reports, 0);
  EXPECT_EQ(Only(Ingest(MakeReports(2))), Counts(0, 0, 2, 0));
}

TEST_P(StoreConformance, Ingest_OtherRun_IsApart) {
  Ingest(MakeReports(2));
  IngestRequest other;
  other.run_name = "other";
  EXPECT_EQ(Only(Ingest(MakeReports(1), other)), Counts(1, 0, 0, 0));
  EXPECT_EQ(Statuses(), "NN");
  EXPECT_EQ(Statuses("other"), "N");
}

TEST_P(StoreConformance, Ingest_Duplicates_StoredOnce) {
  ReportList twice = MakeReports(2);
  twice.reports.push_back(MakeReport(0));
  EXPECT_EQ(Only(Ingest(twice)), Counts(2, 0, 0, 0));
  twice.reports.push_back(MakeReport(7));
  twice.reports.push_back(MakeReport(7));
  EXPECT_EQ(Only(Ingest(twice)), Counts(1, 2, 0, 0));
  EXPECT_EQ(Statuses(), "UUN");
}

TEST_P(StoreConformance, Ingest_SameHashOtherPath_ReplacesAndKeepsItsPast) {
  Ingest(MakeReports(2));
  ReportList moved = MakeReports(2);
  moved.reports[0] = MakeReport(0, /*path=*/9);
  EXPECT_EQ(Only(Ingest(moved)), Counts(0, 2, 0, 0));
  EXPECT_EQ(Statuses(), "UU");
  EXPECT_EQ(Find(0).report.bug_path.events[0].message, "step 9");
  EXPECT_EQ(Find(0).detected_at, At(1));
  EXPECT_EQ(Run().reports, 2);
}

TEST_P(StoreConformance, Ingest_SameHashOtherPathAfterResolved_Reopened) {
  Ingest(MakeReports(2));
  Ingest(MakeReports(1));
  ReportList moved = MakeReports(1);
  moved.reports.push_back(MakeReport(1, /*path=*/9));
  EXPECT_EQ(Only(Ingest(moved)), Counts(0, 1, 1, 0));
  EXPECT_EQ(Statuses(), "UR");
  EXPECT_EQ(Find(1).detected_at, At(1));
  Ingest(moved);
  EXPECT_EQ(Statuses(), "UU");
}

TEST_P(StoreConformance, Ingest_SecondPathOfAKnownHash_IsUnresolvedToo) {
  Ingest(MakeReports(1));
  ReportList more = MakeReports(1);
  more.reports.push_back(MakeReport(0, /*path=*/1));
  EXPECT_EQ(Only(Ingest(more)), Counts(0, 2, 0, 0));
  EXPECT_EQ(Statuses(), "UU");
  EXPECT_EQ(All().reports[1].detected_at, At(1));
  // Neither goes when only one is found: the hash stays, and its other report is replaced by none.
  EXPECT_EQ(Only(Ingest(MakeReports(1))), Counts(0, 1, 0, 0));
  EXPECT_EQ(Run().reports, 1);
}

TEST_P(StoreConformance, Ingest_HashesOfAnyForm_AreKeptAsTheyAre) {
  ReportList list = MakeReports(0);
  const std::vector<std::string> hashes = {"0123456789abcdef0123456789abcdef",
                                           "0123456789ABCDEF0123456789abcdef", "short", "\xff\xfe",
                                           std::string(200, 'x')};
  for (const std::string& hash : hashes) {
    reports::Report report = MakeReport(1);
    report.report_hash = hash;
    list.reports.push_back(report);
  }
  EXPECT_EQ(Only(Ingest(list)), Counts(5, 0, 0, 0));
  EXPECT_EQ(Only(Ingest(list)), Counts(0, 5, 0, 0));
  const ReportPage page = All();
  ASSERT_EQ(page.reports.size(), hashes.size());
  for (size_t i = 0; i < hashes.size(); ++i) {
    EXPECT_EQ(page.reports[i].report.report_hash, hashes[i]);
  }
}

TEST_P(StoreConformance, Ingest_CheckerDisabled_Off_ThenBackUnresolved) {
  ReportList list = MakeReports(1);
  list.reports.push_back(MakeReport(1, 0, "deadcode.DeadStores"));
  Ingest(list);

  ReportList without = MakeReports(1);
  without.analyses = {
      MakeAnalysis({{"core.NullDereference", true}, {"deadcode.DeadStores", false}})};
  EXPECT_EQ(Only(Ingest(without)), Counts(0, 1, 0, 0, 1));
  EXPECT_EQ(Statuses(), "UO");
  EXPECT_EQ(Find(1).fixed_at, At(2));

  EXPECT_EQ(Only(Ingest(list)), Counts(0, 2, 0, 0));
  EXPECT_EQ(Statuses(), "UU");
  EXPECT_FALSE(Find(1).fixed_at.has_value());
}

TEST_P(StoreConformance, Ingest_CheckerOnNoList_Unavailable) {
  ReportList list = MakeReports(1);
  list.reports.push_back(MakeReport(1, 0, "deadcode.DeadStores"));
  list.reports.push_back(MakeReport(2, 0, "clang-diagnostic-unused"));
  Ingest(list);
  ReportList without = MakeReports(1);
  without.analyses = {MakeAnalysis({{"core.NullDereference", true}})};
  EXPECT_EQ(Only(Ingest(without)), Counts(0, 1, 0, 1, 0, 1));
  // Compiler warnings are on no list, and so are resolved.
  EXPECT_EQ(Statuses(), "UAC");
  EXPECT_EQ(Only(Ingest(list)), Counts(0, 2, 1, 0));
  EXPECT_EQ(Statuses(), "UUR");
}

TEST_P(StoreConformance, Ingest_SeveralAnalyses_EnabledInOneCounts) {
  ReportList list = MakeReports(0);
  list.reports = {MakeReport(0, 0, "a"), MakeReport(1, 0, "b"), MakeReport(2, 0, "c")};
  Ingest(list);
  ReportList none = MakeReports(0);
  none.analyses = {MakeAnalysis({{"a", false}, {"b", false}}), MakeAnalysis({{"b", true}}),
                   MakeAnalysis({})};
  EXPECT_EQ(Only(Ingest(none)), Counts(0, 0, 0, 1, 1, 1));
  EXPECT_EQ(Statuses(), "OCA");
}

TEST_P(StoreConformance, Ingest_CheckerWithReports_CountsAsEnabled) {
  ReportList list = MakeReports(2);
  Ingest(list);
  ReportList one = MakeReports(1);
  one.analyses = {MakeAnalysis({{"core.NullDereference", false}})};
  EXPECT_EQ(Only(Ingest(one)), Counts(0, 1, 0, 1));
  EXPECT_EQ(Statuses(), "UC");
}

TEST_P(StoreConformance, Ingest_ClosedReport_ChangesItsReasonButNotItsTime) {
  Ingest(MakeReports(1));
  ReportList off = MakeReports(0);
  off.analyses = {MakeAnalysis({{"core.NullDereference", false}})};
  EXPECT_EQ(Only(Ingest(off)), Counts(0, 0, 0, 0, 1));
  EXPECT_EQ(Statuses(), "O");
  EXPECT_EQ(Only(Ingest(MakeReports(0))), Counts(0, 0, 0, 0));
  EXPECT_EQ(Statuses(), "C");
  EXPECT_EQ(Find(0).fixed_at, At(2));
}

TEST_P(StoreConformance, Ingest_Force_StoresAfresh) {
  Ingest(MakeReports(3));
  const RunSummary before = Run();
  IngestRequest force;
  force.force = true;
  EXPECT_EQ(Only(Ingest(MakeReports(2), force)), Counts(2, 0, 0, 0));
  EXPECT_EQ(Statuses(), "NN");
  EXPECT_EQ(Find(0).detected_at, At(2));
  EXPECT_EQ(Run().id, before.id);
  EXPECT_EQ(Run().store_count, 1);
  EXPECT_EQ(Run().reports, 2);
}

TEST_P(StoreConformance, Ingest_Tag_Moves) {
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

TEST_P(StoreConformance, Ingest_SameToken_AppliedOnce) {
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

TEST_P(StoreConformance, Ingest_StreamBreaks_NothingStored) {
  IngestRequest request;
  request.token = "t";
  request.run_name = "run";
  request.stored_at = At(9);
  ReportList broken = MakeReports(1000);
  broken.error = absl::InvalidArgumentError("record 7 is cut short");
  EXPECT_EQ(TryIngest(broken, request).status(), broken.error);
  EXPECT_EQ(results().ListReports("run", {}, false, 1, 1, "").status().code(),
            absl::StatusCode::kNotFound);
  EXPECT_EQ(*results().Ingested("t"), std::nullopt);

  Ingest(MakeReports(3));
  EXPECT_EQ(TryIngest(broken, request).status(), broken.error);
  EXPECT_EQ(Statuses(), "NNN");
  EXPECT_EQ(Run().store_count, 1);
  EXPECT_EQ(*results().Ingested("t"), std::nullopt);
}

TEST_P(StoreConformance, Ingest_Cancelled_AtAnyMoment_LeavesNothing) {
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
      // Asked often enough to stop within a fraction of a store.
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
  FAIL() << "never got through";
}

TEST_P(StoreConformance, Ingest_CancelledFirstStore_LeavesNoRun) {
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

TEST_P(StoreConformance, Ingest_ClosingReview_FixedSinceFirstJudged) {
  Ingest(One(MakeReport(0)));
  EXPECT_FALSE(Find(0).fixed_at.has_value());
  Ingest(One(Judged(MakeReport(0), ReviewStatus::kFalsePositive, "no")));
  EXPECT_EQ(Find(0).fixed_at, At(2));
  EXPECT_EQ(Find(0).report.review.status, ReviewStatus::kFalsePositive);
  EXPECT_EQ(Find(0).report.review.comment, "no");
  EXPECT_EQ(Statuses(), "U");
  Ingest(One(Judged(MakeReport(0), ReviewStatus::kIntentional, "meant")));
  EXPECT_EQ(Find(0).fixed_at, At(2));
  EXPECT_EQ(Find(0).report.review.comment, "meant");
  Ingest(One(Judged(MakeReport(0), ReviewStatus::kConfirmed, "a bug")));
  EXPECT_FALSE(Find(0).fixed_at.has_value());
  EXPECT_EQ(Find(0).report.review.status, ReviewStatus::kConfirmed);
  Ingest(One(MakeReport(0)));
  EXPECT_EQ(Find(0).report.review, reports::Review());
}

TEST_P(StoreConformance, Ingest_Review_OfAnotherPlaceOrComment_IsTheNewest) {
  reports::Report report = Judged(MakeReport(0), ReviewStatus::kFalsePositive, "no");
  Ingest(One(report));
  // The same words, but no longer in the source: beside it, in a review_status.yaml.
  report.review.in_source = false;
  Ingest(One(report));
  EXPECT_EQ(Find(0).report.review, report.review);
  report.review.comment = "never";
  Ingest(One(report));
  EXPECT_EQ(Find(0).report.review, report.review);
  EXPECT_EQ(Find(0).fixed_at, At(1));
  EXPECT_EQ(Statuses(), "U");
  Ingest(One(MakeReport(0)));
  EXPECT_EQ(Find(0).report.review, reports::Review());
  EXPECT_FALSE(Find(0).fixed_at.has_value());
  EXPECT_EQ(Statuses(), "U");
}

TEST_P(StoreConformance, Ingest_ClosingReview_OfNewReplacedAndGoneReports) {
  Ingest(One(Judged(MakeReport(0), ReviewStatus::kIntentional, "meant")));
  EXPECT_EQ(Find(0).fixed_at, At(1));
  Ingest(One(Judged(MakeReport(0, /*path=*/5), ReviewStatus::kIntentional, "meant")));
  EXPECT_EQ(Find(0).report.bug_path.events[0].message, "step 5");
  EXPECT_EQ(Find(0).fixed_at, At(1));
  Ingest(MakeReports(0));
  EXPECT_EQ(Find(0).fixed_at, At(1));
  Ingest(One(Judged(MakeReport(0, /*path=*/5), ReviewStatus::kIntentional, "meant")));
  EXPECT_EQ(Find(0).detection_status, DetectionStatus::kReopened);
  EXPECT_EQ(Find(0).fixed_at, At(1));
  Ingest(MakeReports(0));
  Ingest(One(MakeReport(0, /*path=*/5)));
  EXPECT_FALSE(Find(0).fixed_at.has_value());
}

TEST_P(StoreConformance, Ingest_Contents_OncePerDigest) {
  ReportList list;
  AddSource(list, "a.c", "int a;");
  AddSource(list, "copy/a.c", "int a;");
  AddSource(list, "b.c", "int b;;");
  list.reports = {MakeReport(0)};
  const StoreResult first = Ingest(list);
  EXPECT_EQ(first.source_files, 3);
  EXPECT_EQ(first.new_sources, 2);
  EXPECT_EQ(first.new_source_bytes, 13);
  EXPECT_TRUE(first.warnings.empty());
  const StoreResult second = Ingest(list);
  EXPECT_EQ(second.new_sources, 0);
  EXPECT_EQ(second.new_source_bytes, 0);
}

TEST_P(StoreConformance, Ingest_ContentOfNoFile_IsNotKept) {
  ReportList list = MakeReports(1);
  ReportList stranger;
  AddSource(stranger, "x", "unasked for");
  list.contents = stranger.contents;
  EXPECT_EQ(Ingest(list).new_sources, 0);
  const Sha256Digest digest = Sha256Digest::FromRaw(stranger.contents[0].sha256).value();
  EXPECT_EQ(results().FindMissingContents({&digest, 1})->size(), 1U);
}

TEST_P(StoreConformance, Ingest_OnlyAContentIsNew_IsStored) {
  ReportList list = MakeReports(1);
  AddSource(list, "b.c", "int b;", /*send=*/false);
  const StoreResult first = Ingest(list);
  ASSERT_EQ(first.warnings.size(), 1U);
  EXPECT_EQ(first.warnings[0], "1 source file was not sent and not stored: b.c");
  list.files.pop_back();
  AddSource(list, "b.c", "int b;");
  const StoreResult second = Ingest(list);
  EXPECT_EQ(second.new_sources, 1);
  EXPECT_TRUE(second.warnings.empty());
  EXPECT_EQ(second.unresolved_reports, 1);
}

TEST_P(StoreConformance, Ingest_SourcesNobodySent_WarnsAfterOtherWarnings) {
  ReportList list = MakeReports(1);
  for (const char* path : {"b.c", "c.c", "d.c", "e\n.c"}) AddSource(list, path, path, false);
  list.summary.warnings = {"x.plist: not XML, skipped"};
  const StoreResult result = Ingest(list);
  ASSERT_EQ(result.warnings.size(), 2U);
  EXPECT_EQ(result.warnings[0], "x.plist: not XML, skipped");
  EXPECT_EQ(result.warnings[1], "4 source files were not sent and not stored: b.c, c.c, d.c, ...");
}

TEST_P(StoreConformance, Ingest_UnchangedIsReadOnce_ChangedTwice) {
  ReportList list = MakeReports(5);
  Ingest(list);
  EXPECT_EQ(list.times_read, 1);
  Ingest(list);
  EXPECT_EQ(list.times_read, 2);
  list.reports.push_back(MakeReport(77));
  Ingest(list);
  EXPECT_EQ(list.times_read, 4);
}

TEST_P(StoreConformance, Ingest_FileIndexOutOfRange_NamesReport) {
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

TEST_P(StoreConformance, Ingest_ManyPathsOfOneHash_NoQuadraticWork) {
  ReportList list = MakeReports(0);
  for (int i = 0; i < 20'000; ++i) list.reports.push_back(MakeReport(1, i));
  Ingest(list);
  // Quadratic work would take minutes here.
  EXPECT_EQ(Only(Ingest(list)), Counts(0, 20'000, 0, 0));
  for (reports::Report& report : list.reports) report.bug_path.events[0].message += " moved";
  EXPECT_EQ(Only(Ingest(list)), Counts(0, 20'000, 0, 0));
  EXPECT_EQ(Run().reports, 20'000);
}

TEST_P(StoreConformance, FindMissingContents_InOrderWithoutRepetition) {
  ReportList list = MakeReports(1);
  AddSource(list, "a.c", "there");
  Ingest(list);
  const std::vector<Sha256Digest> asked = {Sha256::Of("z"), Sha256::Of("there"), Sha256::Of("a"),
                                           Sha256::Of("z")};
  EXPECT_EQ(*results().FindMissingContents(asked),
            (std::vector<Sha256Digest>{Sha256::Of("z"), Sha256::Of("a")}));
  EXPECT_TRUE(results().FindMissingContents({})->empty());
}

}  // namespace
}  // namespace stored::storage
