#include <fmt/format.h>

#include <utility>

#include "storage/conformance/conformance.h"

// What a garbage collection removes, and what it must leave. StoreConformance::Collect compares
// every collection with the count made before.
namespace stored::storage {
namespace {

constexpr absl::Duration kDay = absl::Hours(24);

// A collection that removes all that nothing protects.
GarbageRules Everything(absl::Time now) {
  return {now, absl::ZeroDuration(), absl::ZeroDuration(), absl::ZeroDuration()};
}

ReportList WithSource(const std::string& content, bool send = true, int reports = 1) {
  ReportList list;
  AddSource(list, "a.c", content, send);
  for (int i = 0; i < reports; ++i) list.reports.push_back(MakeReport(i));
  return list;
}

// One store session brought to its end At(10), seen by a client or not.
std::string End(SessionQueue& queue, const std::string& token, bool seen) {
  EXPECT_TRUE((*queue.ClaimNext(At(5), {})).has_value());
  EXPECT_TRUE(queue.Complete(token, {}, At(10)).ok());
  EXPECT_TRUE(!seen || queue.MarkConsumed(token).ok());
  return token;
}

TEST_P(StoreConformance, Collect_EndedSessions_ByWhetherTheirEndWasSeen) {
  const std::string seen = End(queue(), Enqueue("a", "upload-a").token, true);
  const std::string unseen = End(queue(), Enqueue("b", "upload-b").token, false);
  EXPECT_TRUE(CollectAt(At(9) + 7 * kDay).empty());
  EXPECT_EQ(CollectAt(At(10) + 7 * kDay).consumed_stores, 1);
  EXPECT_EQ(queue().Get(seen).status().code(), absl::StatusCode::kNotFound);
  EXPECT_TRUE(queue().Get(unseen).ok());
  EXPECT_TRUE(CollectAt(At(9) + 30 * kDay).empty());
  EXPECT_EQ(CollectAt(At(10) + 30 * kDay).unconsumed_stores, 1);
  EXPECT_EQ(queue().Get(unseen).status().code(), absl::StatusCode::kNotFound);
  // Nobody knows of it any more: the same upload is another store.
  EXPECT_NE(Enqueue("a", "upload-a").token, seen);
}

TEST_P(StoreConformance, Collect_Sessions_FailedAndCancelledToo_UnfinishedNever) {
  const std::string cancelled = Enqueue("a").token;
  ASSERT_TRUE(queue().RequestCancel(cancelled, At(1)).ok());
  const std::string failed = Enqueue("b").token;
  ASSERT_TRUE(queue().ClaimNext(At(1), {}).ok());
  ASSERT_TRUE(queue().Fail(failed, {StoreErrorCode::kBadInput, "x"}, At(1)).ok());
  const std::string running = Enqueue("c").token;
  ASSERT_TRUE(queue().ClaimNext(At(1), {}).ok());
  const std::string waiting = Enqueue("d").token;
  EXPECT_EQ(Collect(Everything(At(0) + 1000 * kDay)).unconsumed_stores, 2);
  EXPECT_FALSE(queue().Get(cancelled).ok());
  EXPECT_FALSE(queue().Get(failed).ok());
  EXPECT_TRUE(queue().Get(running).ok());
  EXPECT_TRUE(queue().Get(waiting).ok());
}

TEST_P(StoreConformance, Collect_Sessions_ClockWentBack_RemovesNothingEarly) {
  End(queue(), Enqueue().token, true);
  EXPECT_TRUE(Collect(Everything(At(9))).empty());
}

TEST_P(StoreConformance, Collect_IngestedTokens_ForgottenWithTheirSession_NeverBefore) {
  const std::string ended = Enqueue("a").token;
  IngestRequest request;
  request.token = ended;
  request.run_name = "a";
  Ingest(MakeReports(1), request);
  End(queue(), ended, true);
  // The worker of this one died between the two commits: recovery will ask.
  const std::string committed = Enqueue("b").token;
  request.token = committed;
  request.run_name = "b";
  Ingest(MakeReports(1), request);
  ASSERT_TRUE(queue().ClaimNext(At(20), {}).ok());

  EXPECT_EQ(Collect(Everything(At(0) + 1000 * kDay)).consumed_stores, 1);
  EXPECT_EQ(*results().Ingested(ended), std::nullopt);
  EXPECT_TRUE(results().Ingested(committed)->has_value());
  EXPECT_EQ(RunNames().size(), 2U);
}

TEST_P(StoreConformance, Collect_SessionsOfARemovedProduct) {
  ASSERT_TRUE(store().CreateProduct("p", {}, At(0)).ok());
  StoreRequest request;
  request.product = "p";
  request.run_name = "run";
  ASSERT_TRUE(queue().Enqueue(request, {"f", 1, std::string(32, 'x')}, {}, At(0)).ok());
  ASSERT_TRUE(store().DeleteProduct("p", At(1)).ok());
  EXPECT_EQ(Collect(Everything(At(2))).unconsumed_stores, 1);
}

TEST_P(StoreConformance, Collect_Content_MarkedFirst_GoneADayLater) {
  Ingest(WithSource("int one;"));
  Ingest(WithSource("int other;"), {.run_name = "other"});
  ASSERT_TRUE(store().RemoveRun(kDefaultProduct, "run").ok());
  EXPECT_EQ(CollectAt(At(100)).products.at(0).contents, 0);
  EXPECT_TRUE(IsMissing("int one;")) << "a client must send what is going";
  EXPECT_TRUE(CollectAt(At(100) + kDay).empty());
  const Garbage removed = CollectAt(At(101) + kDay);
  ASSERT_EQ(removed.products.size(), 1U);
  EXPECT_EQ(removed.products[0].contents, 1);
  EXPECT_EQ(removed.products[0].content_bytes, int64_t{sizeof("frame of int one;") - 1});
  EXPECT_TRUE(CollectAt(At(102) + 9 * kDay).empty());
  EXPECT_FALSE(IsMissing("int other;"));
}

TEST_P(StoreConformance, Collect_ContentOfAnotherRunToo_Stays) {
  Ingest(WithSource("int shared;"));
  Ingest(WithSource("int shared;"), {.run_name = "other"});
  ASSERT_TRUE(store().RemoveRun(kDefaultProduct, "run").ok());
  CollectAt(At(100));
  EXPECT_FALSE(IsMissing("int shared;"));
  EXPECT_TRUE(CollectAt(At(200) + 9 * kDay).empty());
  EXPECT_FALSE(IsMissing("int shared;"));
}

// A client was told that the server has a source. Then the last run that mentions it goes, and
// collections run, before the client's store is ingested.
TEST_P(StoreConformance, Collect_ContentSomebodyReliesOn_IsThereWhenItsStoreIsIngested) {
  Ingest(WithSource("int kept;"));
  EXPECT_FALSE(IsMissing("int kept;"));
  ASSERT_TRUE(store().RemoveRun(kDefaultProduct, "run").ok());
  CollectAt(At(100));
  CollectAt(At(100) + 23 * absl::Hours(1));

  const StoreResult result = Ingest(WithSource("int kept;", /*send=*/false));
  EXPECT_TRUE(result.warnings.empty()) << result.warnings.front();
  EXPECT_FALSE(IsMissing("int kept;"));
  EXPECT_TRUE(CollectAt(At(100) + 9 * kDay).empty()) << "what is mentioned again stays";
  EXPECT_FALSE(IsMissing("int kept;"));
}

// The same, and the store waits in the queue for days.
TEST_P(StoreConformance, Collect_ContentAStoreInTheQueueReliesOn_StaysUntilThatIsDone) {
  Ingest(WithSource("int kept;"));
  ASSERT_TRUE(store().RemoveRun(kDefaultProduct, "run").ok());
  // Its upload began before the mark and took hours.
  CollectAt(At(100));
  const std::string token = Enqueue("run", "", At(100) + 5 * absl::Hours(1)).token;
  EXPECT_TRUE(CollectAt(At(100) + 9 * kDay).empty());
  ASSERT_TRUE(queue().ClaimNext(At(100) + 9 * kDay, {}).ok());
  EXPECT_TRUE(CollectAt(At(100) + 10 * kDay).empty());

  IngestRequest request;
  request.token = token;
  EXPECT_TRUE(Ingest(WithSource("int kept;", /*send=*/false), request).warnings.empty());
  ASSERT_TRUE(queue().Complete(token, {}, At(100) + 10 * kDay).ok());
  CollectAt(At(100) + 12 * kDay);
  EXPECT_FALSE(IsMissing("int kept;"));
}

TEST_P(StoreConformance, Collect_MarkedContentSentAgain_IsKept) {
  Ingest(WithSource("int again;"));
  ASSERT_TRUE(store().RemoveRun(kDefaultProduct, "run").ok());
  CollectAt(At(100));
  ASSERT_TRUE(IsMissing("int again;"));
  EXPECT_TRUE(Ingest(WithSource("int again;")).warnings.empty());
  EXPECT_FALSE(IsMissing("int again;"));
  EXPECT_TRUE(CollectAt(At(100) + 9 * kDay).empty());
  EXPECT_FALSE(IsMissing("int again;"));
}

class Retention {
 public:
  Retention(Backend& store, absl::Duration resolved, absl::Duration history) {
    ProductSettingsChange change;
    change.resolved_report_retention = resolved;
    change.history_retention = history;
    EXPECT_TRUE(store.UpdateProduct(kDefaultProduct, change).ok());
  }
};

TEST_P(StoreConformance, Collect_ClosedReports_AfterTheProductsRetention) {
  Ingest(MakeReports(4));  // At(1)
  Ingest(MakeReports(3));  // At(2): report 3 is resolved.
  Ingest(MakeReports(2));  // At(3): report 2 is.
  EXPECT_TRUE(CollectAt(At(0) + 9999 * kDay).empty()) << "kept for ever, unless somebody says so";
  const Retention retention(store(), absl::Seconds(100), absl::ZeroDuration());
  EXPECT_TRUE(CollectAt(At(101)).empty());
  const Garbage removed = CollectAt(At(102));
  ASSERT_EQ(removed.products.size(), 1U);
  EXPECT_EQ(removed.products[0].reports, 1);
  EXPECT_EQ(Statuses(), "UUC");
  EXPECT_EQ(Run().reports, 3);
  EXPECT_EQ(Run().open_reports, 2);
  CollectAt(At(0) + 9999 * kDay);
  EXPECT_EQ(Statuses(), "UU");
  // Found again it is a new report, for nobody remembers.
  EXPECT_EQ(Ingest(MakeReports(4)).new_reports, 2);
  EXPECT_EQ(Statuses(), "UUNN");
  EXPECT_EQ(Run().reports, 4);
}

TEST_P(StoreConformance, Collect_OffAndUnavailableReports_AsResolvedOnes) {
  Ingest(MakeReports(2));
  ReportList list = MakeReports(0);
  list.analyses = {MakeAnalysis({{"core.NullDereference", false}})};
  Ingest(list);
  EXPECT_EQ(Statuses(), "OO");
  const Retention retention(store(), absl::Seconds(100), absl::ZeroDuration());
  CollectAt(At(1000));
  EXPECT_EQ(Statuses(), "");
}

TEST_P(StoreConformance, Collect_ReportClosedByReviewButStillFound_Stays) {
  ReportList list = MakeReports(1);
  list.reports[0].review = {reports::ReviewStatus::kFalsePositive, "no", true};
  Ingest(list);
  ASSERT_TRUE(Find(0).fixed_at.has_value());
  const Retention retention(store(), absl::Seconds(1), absl::ZeroDuration());
  EXPECT_TRUE(CollectAt(At(1000)).empty());
  EXPECT_EQ(Statuses(), "N");
}

TEST_P(StoreConformance, Collect_ClosedReportsOfABusyRun_Stay) {
  Ingest(MakeReports(2));
  Ingest(MakeReports(1));
  const Retention retention(store(), absl::Seconds(1), absl::ZeroDuration());
  Enqueue();
  EXPECT_TRUE(CollectAt(At(1000)).empty());
  EXPECT_EQ(Statuses(), "UC");
}

// Its store was claimed after the collection had looked: what it compared with goes before it
// writes. It must not take for there what is gone.
TEST_P(StoreConformance, Collect_WhileAnIngestCompares_NoReportIsLost) {
  Ingest(MakeReports(3));
  Ingest(MakeReports(1));
  const Retention retention(store(), absl::Seconds(1), absl::ZeroDuration());
  ReportList list = MakeReports(3);
  list.interruption = [this] { EXPECT_EQ(CollectAt(At(1000)).products.at(0).reports, 2); };
  const StoreResult result = Ingest(list);
  EXPECT_EQ(result.new_reports, 2);
  EXPECT_EQ(result.reopened_reports, 0);
  EXPECT_EQ(Statuses(), "UNN");
  EXPECT_EQ(Run().reports, 3);
}

TEST_P(StoreConformance, Collect_History_NewestTaggedAndReferredToStay) {
  Ingest(MakeReports(1));                 // 1: opened report 0
  Ingest(MakeReports(1));                 // 2
  Ingest(MakeReports(1), {.tag = "v1"});  // 3: tagged
  Ingest(MakeReports(2));                 // 4: opened report 1
  Ingest(MakeReports(1));                 // 5: closed report 1
  Ingest(MakeReports(1));                 // 6
  Ingest(MakeReports(1));                 // 7: the newest
  EXPECT_TRUE(CollectAt(At(0) + 9999 * kDay).empty());
  const Retention history(store(), absl::ZeroDuration(), absl::Seconds(100));
  EXPECT_TRUE(CollectAt(At(101)).empty()) << "1 is referred to";
  EXPECT_EQ(CollectAt(At(102)).products.at(0).history_entries, 1);
  EXPECT_EQ(CollectAt(At(0) + 9999 * kDay).products.at(0).history_entries, 1);
  EXPECT_TRUE(CollectAt(At(0) + 9999 * kDay).empty());
  EXPECT_EQ(Statuses(), "UC");
  EXPECT_EQ(Run().store_count, 7);
  EXPECT_EQ(Run().stored_at, At(7));

  // With the report goes what only it referred to, in the same collection.
  const Retention both(store(), absl::Seconds(100), absl::Seconds(100));
  const Garbage removed = CollectAt(At(0) + 9999 * kDay);
  EXPECT_EQ(removed.products.at(0).reports, 1);
  EXPECT_EQ(removed.products.at(0).history_entries, 2);
  EXPECT_EQ(Ingest(MakeReports(1)).unresolved_reports, 1);
  EXPECT_EQ(Run().store_count, 8);
}

TEST_P(StoreConformance, Collect_HistoryOfABusyRun_KeepsWhatItsClosedReportsReferTo) {
  Ingest(MakeReports(1));  // 1
  Ingest(MakeReports(2));  // 2: opened report 1
  Ingest(MakeReports(1));  // 3: closed it
  Ingest(MakeReports(1));  // 4
  Ingest(MakeReports(1));  // 5
  const Retention both(store(), absl::Seconds(1), absl::Seconds(1));
  const std::string token = Enqueue().token;
  EXPECT_EQ(CollectAt(At(1000)).products.at(0).history_entries, 1);
  ASSERT_TRUE(queue().RequestCancel(token, At(1000)).ok());
  EXPECT_EQ(CollectAt(At(1001)).products.at(0).history_entries, 2);
}

// All at once, in several products, in many transactions.
TEST_P(StoreConformance, Collect_Everything_CountedRight) {
  ASSERT_TRUE(store().CreateProduct("p2", {}, At(0)).ok());
  Ingest(MakeReports(1200), {.run_name = "removed"});
  Ingest(MakeReports(700), {.run_name = "expired", .expire_after = absl::Seconds(5)});
  Ingest(WithSource("int x;", true, 800));
  Ingest(WithSource("int y;", true, 100));
  Ingest(WithSource("int w;", true, 100));
  Ingest(WithSource("int z;", true, 100));
  ASSERT_TRUE(store().RemoveRun(kDefaultProduct, "removed").ok());
  for (int i = 0; i < 3; ++i) {
    End(queue(), Enqueue(fmt::format("run {}", i)).token, i == 0);
  }
  const Retention both(store(), absl::Seconds(1), absl::Seconds(1));
  const Garbage removed = Collect(Everything(At(1000)));
  EXPECT_EQ(removed.consumed_stores, 1);
  EXPECT_EQ(removed.unconsumed_stores, 2);
  ASSERT_EQ(removed.products.size(), 1U);
  EXPECT_EQ(removed.products[0].reports, 1200 + 700 + 700);
  // Of "run" the newest stays, and the first, which opened what is open.
  EXPECT_EQ(removed.products[0].history_entries, 1 + 1 + 2);
  EXPECT_EQ(Statuses(), std::string(100, 'U'));
  // What no store that is left had.
  EXPECT_EQ(Collect(Everything(At(1001))).products.at(0).contents, 1);
  EXPECT_TRUE(IsMissing("int y;"));
  EXPECT_FALSE(IsMissing("int x;"));
  EXPECT_FALSE(IsMissing("int z;"));
}

TEST_P(StoreConformance, Collect_Stopped_SaysSo_AndTheNextGoesOn) {
  Ingest(MakeReports(5000), {.run_name = "large"});
  Ingest(MakeReports(2));
  ASSERT_TRUE(store().RemoveRun(kDefaultProduct, "large").ok());
  TestPace pace;
  pace.StopAfter(5);
  Garbage removed;
  EXPECT_EQ(store().CollectGarbage({At(10)}, pace, removed).code(), absl::StatusCode::kCancelled);
  ASSERT_EQ(removed.products.size(), 1U);
  const int64_t first = removed.products[0].reports;
  EXPECT_GT(first, 0);
  EXPECT_LT(first, 5000) << "all in one transaction";
  Reopen();
  EXPECT_EQ(Statuses(), "NN");
  EXPECT_EQ(CollectAt(At(11)).products.at(0).reports, 5000 - first);
}

}  // namespace
}  // namespace stored::storage
