#include <utility>

#include "storage/conformance/conformance.h"

// Lifetimes of runs, and their end.
namespace stored::storage {
namespace {

using Names = std::vector<std::string>;

IngestRequest Living(std::optional<absl::Duration> expire_after, const std::string& run = "run") {
  IngestRequest request;
  request.run_name = run;
  request.expire_after = expire_after;
  return request;
}

TEST_P(StoreConformance, ExpireAfter_SetByAStore_KeptByTheNext) {
  Ingest(MakeReports(1), Living(std::nullopt));
  EXPECT_EQ(Run().expire_after, std::nullopt);
  Ingest(MakeReports(1), Living(absl::Hours(3)));
  EXPECT_EQ(Run().expire_after, absl::Hours(3));
  Ingest(MakeReports(1), Living(std::nullopt));
  EXPECT_EQ(Run().expire_after, absl::Hours(3));
  IngestRequest forced = Living(std::nullopt);
  forced.force = true;
  Ingest(MakeReports(1), forced);
  EXPECT_EQ(Run().expire_after, absl::Hours(3));
  Ingest(MakeReports(1), Living(absl::ZeroDuration()));
  EXPECT_EQ(Run().expire_after, std::nullopt);
}

TEST_P(StoreConformance, SetExpireAfter_ChangesIt_AndAnswersWithTheRun) {
  Ingest(MakeReports(2));
  const absl::StatusOr<RunSummary> run = results().SetExpireAfter("run", absl::Hours(1));
  ASSERT_TRUE(run.ok()) << run.status();
  EXPECT_EQ(run->expire_after, absl::Hours(1));
  EXPECT_EQ(run->reports, 2);
  Reopen();
  EXPECT_EQ(Run().expire_after, absl::Hours(1));
  EXPECT_EQ(results().SetExpireAfter("run", absl::ZeroDuration())->expire_after, std::nullopt);
  EXPECT_EQ(results().SetExpireAfter("r*", absl::Hours(1)).status().code(),
            absl::StatusCode::kNotFound);
}

TEST_P(StoreConformance, RemoveRun_GoneAtOnce_ItsNameIsFree) {
  const int64_t first = Ingest(MakeReports(3)).run_id;
  Ingest(MakeReports(1), Living(std::nullopt, "other"));
  ASSERT_TRUE(store().RemoveRun(kDefaultProduct, "run").ok());
  EXPECT_EQ(RunNames(), Names{"other"});
  EXPECT_EQ(*results().CountRuns(), 1);
  EXPECT_FALSE(*results().HasRun("run"));
  EXPECT_EQ(results().ListReports("run", {}, false, 10, 1 << 20, "").status().code(),
            absl::StatusCode::kNotFound);
  EXPECT_EQ(store().RemoveRun(kDefaultProduct, "run").code(), absl::StatusCode::kNotFound);

  // Another run, though rows of the first are still there.
  const StoreResult again = Ingest(MakeReports(2));
  EXPECT_NE(again.run_id, first);
  EXPECT_EQ(again.new_reports, 2);
  EXPECT_EQ(Statuses(), "NN");
  EXPECT_EQ(Run().store_count, 1);

  Reopen();
  const Garbage removed = CollectAt(At(10));
  ASSERT_EQ(removed.products.size(), 1U);
  EXPECT_EQ(removed.products[0].expired_run_count, 0);
  EXPECT_EQ(removed.products[0].reports, 3);
  EXPECT_EQ(removed.products[0].history_entries, 1);
  EXPECT_EQ(Statuses(), "NN");
  EXPECT_EQ(Statuses("other"), "N");
  EXPECT_TRUE(CollectAt(At(11)).empty());
}

TEST_P(StoreConformance, RemoveRun_UnknownRunOrProduct_NotFound) {
  Ingest(MakeReports(1));
  EXPECT_EQ(store().RemoveRun(kDefaultProduct, "ru?").code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(store().RemoveRun("nowhere", "run").code(), absl::StatusCode::kNotFound);
}

TEST_P(StoreConformance, RemoveRun_StoreQueuedOrRunning_Refused) {
  Ingest(MakeReports(1));
  const std::string token = Enqueue("run").token;
  const absl::Status queued = store().RemoveRun(kDefaultProduct, "run");
  EXPECT_EQ(queued.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_NE(queued.message().find(token), absl::string_view::npos) << queued;
  ASSERT_TRUE(queue().ClaimNext(At(1), {}).ok());
  EXPECT_EQ(store().RemoveRun(kDefaultProduct, "run").code(),
            absl::StatusCode::kFailedPrecondition);
  ASSERT_TRUE(queue().Complete(token, {}, At(2)).ok());
  EXPECT_TRUE(store().RemoveRun(kDefaultProduct, "run").ok());
}

// Whoever compares with a run that goes meanwhile starts a new one, and loses nothing.
TEST_P(StoreConformance, RemoveRun_WhileAnIngestCompares_ItStartsANewRun) {
  const int64_t first = Ingest(MakeReports(2)).run_id;
  ReportList list = MakeReports(3);
  list.interruption = [this] { ASSERT_TRUE(store().RemoveRun(kDefaultProduct, "run").ok()); };
  const StoreResult result = Ingest(list);
  EXPECT_NE(result.run_id, first);
  EXPECT_EQ(result.new_reports, 3);
  EXPECT_EQ(Statuses(), "NNN");
}

TEST_P(StoreConformance, Collect_RunPastItsLifetime_Removed) {
  ASSERT_EQ(Ingest(MakeReports(2), Living(absl::Hours(1), "short")).reports, 2);  // At(1)
  Ingest(MakeReports(1), Living(absl::Hours(2), "long"));                         // At(2)
  Ingest(MakeReports(1), Living(std::nullopt, "stays"));
  EXPECT_TRUE(CollectAt(At(3600)).empty());
  const Garbage removed = CollectAt(At(3601));
  ASSERT_EQ(removed.products.size(), 1U);
  EXPECT_EQ(removed.products[0].product, kDefaultProduct);
  EXPECT_EQ(removed.products[0].expired_runs, Names{"short"});
  EXPECT_EQ(removed.products[0].expired_run_count, 1);
  EXPECT_EQ(removed.products[0].reports, 2);
  EXPECT_EQ(removed.products[0].history_entries, 1);
  EXPECT_EQ(RunNames(), (Names{"long", "stays"}));
  CollectAt(At(1'000'000));
  EXPECT_EQ(RunNames(), Names{"stays"});
}

TEST_P(StoreConformance, Collect_ANewStore_ProlongsItsRunsLife) {
  Ingest(MakeReports(1), Living(absl::Seconds(10)));  // At(1)
  Ingest(MakeReports(1));                             // At(2)
  EXPECT_TRUE(CollectAt(At(11)).empty());
  EXPECT_FALSE(CollectAt(At(12)).empty());
}

TEST_P(StoreConformance, Collect_ClockWentBack_RemovesNothingEarly) {
  Ingest(MakeReports(1), Living(absl::Seconds(10)));
  EXPECT_TRUE(CollectAt(At(-1'000'000)).empty());
  EXPECT_EQ(RunNames(), Names{"run"});
}

TEST_P(StoreConformance, Collect_ExpiredRunWithAStoreQueuedOrRunning_Stays) {
  Ingest(MakeReports(2), Living(absl::Seconds(10)));
  const std::string token = Enqueue("run", "", At(100)).token;
  EXPECT_TRUE(CollectAt(At(101)).empty());
  ASSERT_TRUE(queue().ClaimNext(At(102), {}).ok());
  EXPECT_TRUE(CollectAt(At(103)).empty());

  IngestRequest request = Living(std::nullopt);
  request.token = token;
  request.stored_at = At(104);
  ReportList list = MakeReports(1);
  ASSERT_EQ(TryIngest(list, request)->unresolved_reports, 1);
  ASSERT_TRUE(queue().Complete(token, {}, At(104)).ok());
  EXPECT_TRUE(CollectAt(At(105)).empty());
  EXPECT_EQ(Statuses(), "UC");
}

}  // namespace
}  // namespace stored::storage
