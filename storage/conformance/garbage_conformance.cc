#include <fmt/format.h>

#include <utility>

#include "storage/conformance/conformance.h"

// Garbage collection: what it removes and what it must keep. BackendConformance::RunGc() also
// compares it with the count made before.
namespace stored::storage {
namespace {

constexpr absl::Duration kDay = absl::Hours(24);

// Returns rules without any retention.
GarbageRules Everything(absl::Time now) {
  return {now, absl::ZeroDuration(), absl::ZeroDuration(), absl::ZeroDuration()};
}

ReportList WithSource(const std::string& content, bool send = true, int reports = 1) {
  ReportList list;
  AddSource(list, "a.c", content, send);
  for (int i = 0; i < reports; ++i) list.reports.push_back(MakeReport(i));
  return list;
}

// Completes a store session At(10) and returns its token. If `seen` is set, a client has seen the
// end.
std::string End(SessionQueue& queue, const std::string& token, bool seen) {
  EXPECT_TRUE((*queue.ClaimNext(At(5), {})).has_value());
  EXPECT_TRUE(queue.Complete(token, {}, At(10)).ok());
  EXPECT_TRUE(!seen || queue.MarkConsumed(token).ok());
  return token;
}

TEST_P(BackendConformance, Gc_EndedSessions_ConsumedOnesGoFirst) {
  const std::string seen = End(queue(), Enqueue("a", "upload-a").token, true);
  const std::string unseen = End(queue(), Enqueue("b", "upload-b").token, false);
  EXPECT_TRUE(GcAt(At(9) + 7 * kDay).empty());
  EXPECT_EQ(GcAt(At(10) + 7 * kDay).consumed_stores, 1);
  EXPECT_EQ(queue().Get(seen).status().code(), absl::StatusCode::kNotFound);
  EXPECT_TRUE(queue().Get(unseen).ok());
  EXPECT_TRUE(GcAt(At(9) + 30 * kDay).empty());
  EXPECT_EQ(GcAt(At(10) + 30 * kDay).unconsumed_stores, 1);
  EXPECT_EQ(queue().Get(unseen).status().code(), absl::StatusCode::kNotFound);
  // The session is forgotten, so the same upload is a new store.
  EXPECT_NE(Enqueue("a", "upload-a").token, seen);
}

TEST_P(BackendConformance, Gc_Sessions_FailedAndCancelledToo_UnfinishedNever) {
  const std::string cancelled = Enqueue("a").token;
  ASSERT_TRUE(queue().RequestCancel(cancelled, At(1)).ok());
  const std::string failed = Enqueue("b").token;
  ASSERT_TRUE(queue().ClaimNext(At(1), {}).ok());
  ASSERT_TRUE(queue().Fail(failed, {StoreErrorCode::kBadInput, "x"}, At(1)).ok());
  const std::string running = Enqueue("c").token;
  ASSERT_TRUE(queue().ClaimNext(At(1), {}).ok());
  const std::string waiting = Enqueue("d").token;
  EXPECT_EQ(RunGc(Everything(At(0) + 1000 * kDay)).unconsumed_stores, 2);
  EXPECT_FALSE(queue().Get(cancelled).ok());
  EXPECT_FALSE(queue().Get(failed).ok());
  EXPECT_TRUE(queue().Get(running).ok());
  EXPECT_TRUE(queue().Get(waiting).ok());
}

TEST_P(BackendConformance, Gc_Sessions_ClockWentBack_RemovesNothingEarly) {
  End(queue(), Enqueue().token, true);
  EXPECT_TRUE(RunGc(Everything(At(9))).empty());
}

TEST_P(BackendConformance, Gc_IngestedTokens_ForgottenWithTheirSession_NeverBefore) {
  const std::string ended = Enqueue("a").token;
  IngestRequest request;
  request.token = ended;
  request.run_name = "a";
  Ingest(MakeReports(1), request);
  End(queue(), ended, true);
  // The worker of this store died after the ingest and before Complete(): recovery will call
  // Ingested().
  const std::string committed = Enqueue("b").token;
  request.token = committed;
  request.run_name = "b";
  Ingest(MakeReports(1), request);
  ASSERT_TRUE(queue().ClaimNext(At(20), {}).ok());

  EXPECT_EQ(RunGc(Everything(At(0) + 1000 * kDay)).consumed_stores, 1);
  EXPECT_EQ(*results().Ingested(ended), std::nullopt);
  EXPECT_TRUE(results().Ingested(committed)->has_value());
  EXPECT_EQ(RunNames().size(), 2U);
}

TEST_P(BackendConformance, Gc_SessionsOfARemovedProduct) {
  ASSERT_TRUE(backend().CreateProduct("p", {}, At(0)).ok());
  StoreRequest request;
  request.product = "p";
  request.run_name = "run";
  ASSERT_TRUE(queue().Enqueue(request, {"f", 1, std::string(32, 'x')}, {}, At(0)).ok());
  ASSERT_TRUE(backend().DeleteProduct("p", At(1)).ok());
  EXPECT_EQ(RunGc(Everything(At(2))).unconsumed_stores, 1);
}

TEST_P(BackendConformance, Gc_Content_MarkedFirst_GoneADayLater) {
  Ingest(WithSource("int one;"));
  Ingest(WithSource("int other;"), {.run_name = "other"});
  ASSERT_TRUE(backend().RemoveRun(kDefaultProduct, "run").ok());
  EXPECT_EQ(GcAt(At(100)).products.at(0).contents, 0);
  EXPECT_TRUE(IsMissing("int one;")) << "a client must send a marked content";
  EXPECT_TRUE(GcAt(At(100) + kDay).empty());
  const Garbage removed = GcAt(At(101) + kDay);
  ASSERT_EQ(removed.products.size(), 1U);
  EXPECT_EQ(removed.products[0].contents, 1);
  EXPECT_EQ(removed.products[0].content_bytes, int64_t{sizeof("frame of int one;") - 1});
  EXPECT_TRUE(GcAt(At(102) + 9 * kDay).empty());
  EXPECT_FALSE(IsMissing("int other;"));
}

TEST_P(BackendConformance, Gc_ContentOfAnotherRunToo_Stays) {
  Ingest(WithSource("int shared;"));
  Ingest(WithSource("int shared;"), {.run_name = "other"});
  ASSERT_TRUE(backend().RemoveRun(kDefaultProduct, "run").ok());
  GcAt(At(100));
  EXPECT_FALSE(IsMissing("int shared;"));
  EXPECT_TRUE(GcAt(At(200) + 9 * kDay).empty());
  EXPECT_FALSE(IsMissing("int shared;"));
}

// A client was told that the server has a source. Before the client's store is ingested, the last
// run that refers to the source is removed and garbage is collected.
TEST_P(BackendConformance, Gc_ContentAClientReliesOn_StaysUntilItsStoreIsIngested) {
  Ingest(WithSource("int kept;"));
  EXPECT_FALSE(IsMissing("int kept;"));
  ASSERT_TRUE(backend().RemoveRun(kDefaultProduct, "run").ok());
  GcAt(At(100));
  GcAt(At(100) + 23 * absl::Hours(1));

  const StoreResult result = Ingest(WithSource("int kept;", /*send=*/false));
  EXPECT_TRUE(result.warnings.empty()) << result.warnings.front();
  EXPECT_FALSE(IsMissing("int kept;"));
  EXPECT_TRUE(GcAt(At(100) + 9 * kDay).empty()) << "a content with a new reference stays";
  EXPECT_FALSE(IsMissing("int kept;"));
}

// As in the test before, but the store waits in the queue for days.
TEST_P(BackendConformance, Gc_ContentAQueuedStoreReliesOn_StaysUntilThatStoreEnds) {
  Ingest(WithSource("int kept;"));
  ASSERT_TRUE(backend().RemoveRun(kDefaultProduct, "run").ok());
  // The upload began before the mark and took hours.
  GcAt(At(100));
  const std::string token = Enqueue("run", "", At(100) + 5 * absl::Hours(1)).token;
  EXPECT_TRUE(GcAt(At(100) + 9 * kDay).empty());
  ASSERT_TRUE(queue().ClaimNext(At(100) + 9 * kDay, {}).ok());
  EXPECT_TRUE(GcAt(At(100) + 10 * kDay).empty());

  IngestRequest request;
  request.token = token;
  EXPECT_TRUE(Ingest(WithSource("int kept;", /*send=*/false), request).warnings.empty());
  ASSERT_TRUE(queue().Complete(token, {}, At(100) + 10 * kDay).ok());
  GcAt(At(100) + 12 * kDay);
  EXPECT_FALSE(IsMissing("int kept;"));
}

TEST_P(BackendConformance, Gc_MarkedContentSentAgain_IsKept) {
  Ingest(WithSource("int again;"));
  ASSERT_TRUE(backend().RemoveRun(kDefaultProduct, "run").ok());
  GcAt(At(100));
  ASSERT_TRUE(IsMissing("int again;"));
  EXPECT_TRUE(Ingest(WithSource("int again;")).warnings.empty());
  EXPECT_FALSE(IsMissing("int again;"));
  EXPECT_TRUE(GcAt(At(100) + 9 * kDay).empty());
  EXPECT_FALSE(IsMissing("int again;"));
}

TEST_P(BackendConformance, Gc_ClosedReports_AfterTheProductsRetention) {
  Ingest(MakeReports(4));  // At(1)
  Ingest(MakeReports(3));  // At(2): resolves report 3.
  Ingest(MakeReports(2));  // At(3): resolves report 2.
  EXPECT_TRUE(GcAt(At(0) + 9999 * kDay).empty()) << "kept for ever by default";
  SetRetention(absl::Seconds(100), absl::ZeroDuration());
  EXPECT_TRUE(GcAt(At(101)).empty());
  const Garbage removed = GcAt(At(102));
  ASSERT_EQ(removed.products.size(), 1U);
  EXPECT_EQ(removed.products[0].reports, 1);
  EXPECT_EQ(Statuses(), "UUC");
  EXPECT_EQ(Run().reports, 3);
  EXPECT_EQ(Run().open_reports, 2);
  GcAt(At(0) + 9999 * kDay);
  EXPECT_EQ(Statuses(), "UU");
  // The removed reports count as new when they are found again.
  EXPECT_EQ(Ingest(MakeReports(4)).new_reports, 2);
  EXPECT_EQ(Statuses(), "UUNN");
  EXPECT_EQ(Run().reports, 4);
}

TEST_P(BackendConformance, Gc_OffAndUnavailableReports_AsResolvedOnes) {
  Ingest(MakeReports(2));
  ReportList list = MakeReports(0);
  list.analyses = {MakeAnalysis({{"core.NullDereference", false}})};
  Ingest(list);
  EXPECT_EQ(Statuses(), "OO");
  SetRetention(absl::Seconds(100), absl::ZeroDuration());
  GcAt(At(1000));
  EXPECT_EQ(Statuses(), "");
}

TEST_P(BackendConformance, Gc_ReportClosedByReviewButStillFound_Stays) {
  ReportList list = MakeReports(1);
  list.reports[0].review = {reports::ReviewStatus::kFalsePositive, "no", true};
  Ingest(list);
  ASSERT_TRUE(Find(0).fixed_at.has_value());
  SetRetention(absl::Seconds(1), absl::ZeroDuration());
  EXPECT_TRUE(GcAt(At(1000)).empty());
  EXPECT_EQ(Statuses(), "N");
}

TEST_P(BackendConformance, Gc_ClosedReportsOfABusyRun_Stay) {
  Ingest(MakeReports(2));
  Ingest(MakeReports(1));
  SetRetention(absl::Seconds(1), absl::ZeroDuration());
  Enqueue();
  EXPECT_TRUE(GcAt(At(1000)).empty());
  EXPECT_EQ(Statuses(), "UC");
}

// The store was claimed after the garbage collection had checked the run. Reports that the ingest
// compared with are removed before it writes; it must not count them as present.
TEST_P(BackendConformance, Gc_WhileAnIngestCompares_NoReportIsLost) {
  Ingest(MakeReports(3));
  Ingest(MakeReports(1));
  SetRetention(absl::Seconds(1), absl::ZeroDuration());
  ReportList list = MakeReports(3);
  list.interruption = [this] { EXPECT_EQ(GcAt(At(1000)).products.at(0).reports, 2); };
  const StoreResult result = Ingest(list);
  EXPECT_EQ(result.new_reports, 2);
  EXPECT_EQ(result.reopened_reports, 0);
  EXPECT_EQ(Statuses(), "UNN");
  EXPECT_EQ(Run().reports, 3);
}

TEST_P(BackendConformance, Gc_History_NewestTaggedAndReferredToStay) {
  Ingest(MakeReports(1));                 // 1: opened report 0
  Ingest(MakeReports(1));                 // 2
  Ingest(MakeReports(1), {.tag = "v1"});  // 3: tagged
  Ingest(MakeReports(2));                 // 4: opened report 1
  Ingest(MakeReports(1));                 // 5: closed report 1
  Ingest(MakeReports(1));                 // 6
  Ingest(MakeReports(1));                 // 7: the newest
  EXPECT_TRUE(GcAt(At(1) + 400 * kDay).empty()) << "kept for 400 days by default";
  SetRetention(absl::ZeroDuration(), absl::Seconds(100));
  EXPECT_TRUE(GcAt(At(101)).empty()) << "a report refers to entry 1";
  EXPECT_EQ(GcAt(At(102)).products.at(0).history_entries, 1);
  EXPECT_EQ(GcAt(At(0) + 9999 * kDay).products.at(0).history_entries, 1);
  EXPECT_TRUE(GcAt(At(0) + 9999 * kDay).empty());
  EXPECT_EQ(Statuses(), "UC");
  EXPECT_EQ(Run().store_count, 7);
  EXPECT_EQ(Run().stored_at, At(7));

  // Removes the report and the entries that only it referred to, at once.
  SetRetention(absl::Seconds(100), absl::Seconds(100));
  const Garbage removed = GcAt(At(0) + 9999 * kDay);
  EXPECT_EQ(removed.products.at(0).reports, 1);
  EXPECT_EQ(removed.products.at(0).history_entries, 2);
  EXPECT_EQ(Ingest(MakeReports(1)).unresolved_reports, 1);
  EXPECT_EQ(Run().store_count, 8);
}

TEST_P(BackendConformance, Gc_HistoryOfABusyRun_KeepsWhatItsClosedReportsReferTo) {
  Ingest(MakeReports(1));  // 1
  Ingest(MakeReports(2));  // 2: opened report 1
  Ingest(MakeReports(1));  // 3: closed it
  Ingest(MakeReports(1));  // 4
  Ingest(MakeReports(1));  // 5
  SetRetention(absl::Seconds(1), absl::Seconds(1));
  const std::string token = Enqueue().token;
  EXPECT_EQ(GcAt(At(1000)).products.at(0).history_entries, 1);
  ASSERT_TRUE(queue().RequestCancel(token, At(1000)).ok());
  EXPECT_EQ(GcAt(At(1001)).products.at(0).history_entries, 2);
}

// All kinds of garbage at once, in many transactions.
TEST_P(BackendConformance, Gc_AllKindsOfGarbage_CountedRight) {
  ASSERT_TRUE(backend().CreateProduct("p2", {}, At(0)).ok());
  Ingest(MakeReports(1200), {.run_name = "removed"});
  Ingest(MakeReports(700), {.run_name = "expired", .expire_after = absl::Seconds(5)});
  Ingest(WithSource("int x;", true, 800));
  Ingest(WithSource("int y;", true, 100));
  Ingest(WithSource("int w;", true, 100));
  Ingest(WithSource("int z;", true, 100));
  ASSERT_TRUE(backend().RemoveRun(kDefaultProduct, "removed").ok());
  for (int i = 0; i < 3; ++i) {
    End(queue(), Enqueue(fmt::format("run {}", i)).token, i == 0);
  }
  SetRetention(absl::Seconds(1), absl::Seconds(1));
  const Garbage removed = RunGc(Everything(At(1000)));
  EXPECT_EQ(removed.consumed_stores, 1);
  EXPECT_EQ(removed.unconsumed_stores, 2);
  ASSERT_EQ(removed.products.size(), 1U);
  EXPECT_EQ(removed.products[0].reports, 1200 + 700 + 700);
  // "run" keeps its newest entry, and the first, which opened the open reports.
  EXPECT_EQ(removed.products[0].history_entries, 1 + 1 + 2);
  EXPECT_EQ(Statuses(), std::string(100, 'U'));
  // The content that none of the remaining entries sees.
  EXPECT_EQ(RunGc(Everything(At(1001))).products.at(0).contents, 1);
  EXPECT_TRUE(IsMissing("int y;"));
  EXPECT_FALSE(IsMissing("int x;"));
  EXPECT_FALSE(IsMissing("int z;"));
}

TEST_P(BackendConformance, Gc_Stopped_Cancelled_TheNextOneContinues) {
  Ingest(MakeReports(5000), {.run_name = "large"});
  Ingest(MakeReports(2));
  ASSERT_TRUE(backend().RemoveRun(kDefaultProduct, "large").ok());
  TestPace pace;
  pace.StopAfter(5);
  Garbage removed;
  EXPECT_EQ(backend().CollectGarbage({At(10)}, pace, removed).code(), absl::StatusCode::kCancelled);
  ASSERT_EQ(removed.products.size(), 1U);
  const int64_t first = removed.products[0].reports;
  EXPECT_GT(first, 0);
  EXPECT_LT(first, 5000) << "removed in one transaction";
  Reopen();
  EXPECT_EQ(Statuses(), "NN");
  EXPECT_EQ(GcAt(At(11)).products.at(0).reports, 5000 - first);
}

}  // namespace
}  // namespace stored::storage
