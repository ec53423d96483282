#include <utility>

#include "storage/conformance/conformance.h"

// Runs: lists of runs, their lifetimes and their removal.
namespace stored::storage {
namespace {

using Names = std::vector<std::string>;

IngestRequest Living(std::optional<absl::Duration> expire_after, const std::string& run = "run") {
  IngestRequest request;
  request.run_name = run;
  request.expire_after = expire_after;
  return request;
}

TEST_P(BackendConformance, ExpireAfter_SetByAStore_KeptByTheNext) {
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

TEST_P(BackendConformance, SetExpireAfter_ChangesIt_ReturnsTheRun) {
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

TEST_P(BackendConformance, RemoveRun_GoneAtOnce_ItsNameIsFree) {
  const int64_t first = Ingest(MakeReports(3)).run_id;
  Ingest(MakeReports(1), Living(std::nullopt, "other"));
  ASSERT_TRUE(backend().RemoveRun(kDefaultProduct, "run").ok());
  EXPECT_EQ(RunNames(), Names{"other"});
  EXPECT_EQ(*results().CountRuns(), 1);
  EXPECT_FALSE(*results().HasRun("run"));
  EXPECT_EQ(List({}).status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(backend().RemoveRun(kDefaultProduct, "run").code(), absl::StatusCode::kNotFound);

  // The new run is another one, although rows of the first still exist.
  const StoreResult again = Ingest(MakeReports(2));
  EXPECT_NE(again.run_id, first);
  EXPECT_EQ(again.new_reports, 2);
  EXPECT_EQ(Statuses(), "NN");
  EXPECT_EQ(Run().store_count, 1);

  Reopen();
  const Garbage removed = GcAt(At(10));
  ASSERT_EQ(removed.products.size(), 1U);
  EXPECT_EQ(removed.products[0].expired_run_count, 0);
  EXPECT_EQ(removed.products[0].reports, 3);
  EXPECT_EQ(removed.products[0].history_entries, 1);
  EXPECT_EQ(Statuses(), "NN");
  EXPECT_EQ(Statuses("other"), "N");
  EXPECT_TRUE(GcAt(At(11)).empty());
}

TEST_P(BackendConformance, RemoveRun_UnknownRunOrProduct_NotFound) {
  Ingest(MakeReports(1));
  EXPECT_EQ(backend().RemoveRun(kDefaultProduct, "ru?").code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(backend().RemoveRun("nowhere", "run").code(), absl::StatusCode::kNotFound);
}

TEST_P(BackendConformance, RemoveRun_StoreQueuedOrRunning_Refused) {
  Ingest(MakeReports(1));
  const std::string token = Enqueue("run").token;
  const absl::Status queued = backend().RemoveRun(kDefaultProduct, "run");
  EXPECT_EQ(queued.code(), absl::StatusCode::kFailedPrecondition);
  // The message names the run, but not the token, which is another client's secret.
  EXPECT_NE(queued.message().find("\"run\""), absl::string_view::npos) << queued;
  EXPECT_EQ(queued.message().find(token), absl::string_view::npos) << queued;
  ASSERT_TRUE(queue().ClaimNext(At(1), {}).ok());
  EXPECT_EQ(backend().RemoveRun(kDefaultProduct, "run").code(),
            absl::StatusCode::kFailedPrecondition);
  ASSERT_TRUE(queue().Complete(token, {}, At(2)).ok());
  EXPECT_TRUE(backend().RemoveRun(kDefaultProduct, "run").ok());
}

// An ingest that compared with a run that was removed meanwhile creates a new run.
TEST_P(BackendConformance, RemoveRun_WhileAnIngestCompares_ItStartsANewRun) {
  const int64_t first = Ingest(MakeReports(2)).run_id;
  ReportList list = MakeReports(3);
  list.interruption = [this] { ASSERT_TRUE(backend().RemoveRun(kDefaultProduct, "run").ok()); };
  const StoreResult result = Ingest(list);
  EXPECT_NE(result.run_id, first);
  EXPECT_EQ(result.new_reports, 3);
  EXPECT_EQ(Statuses(), "NNN");
}

TEST_P(BackendConformance, Gc_RunPastItsLifetime_Removed) {
  ASSERT_EQ(Ingest(MakeReports(2), Living(absl::Hours(1), "short")).reports, 2);  // At(1)
  Ingest(MakeReports(1), Living(absl::Hours(2), "long"));                         // At(2)
  Ingest(MakeReports(1), Living(std::nullopt, "stays"));
  EXPECT_TRUE(GcAt(At(3600)).empty());
  const Garbage removed = GcAt(At(3601));
  ASSERT_EQ(removed.products.size(), 1U);
  EXPECT_EQ(removed.products[0].product, kDefaultProduct);
  EXPECT_EQ(removed.products[0].expired_runs, Names{"short"});
  EXPECT_EQ(removed.products[0].expired_run_count, 1);
  EXPECT_EQ(removed.products[0].reports, 2);
  EXPECT_EQ(removed.products[0].history_entries, 1);
  EXPECT_EQ(RunNames(), (Names{"long", "stays"}));
  GcAt(At(1'000'000));
  EXPECT_EQ(RunNames(), Names{"stays"});
}

TEST_P(BackendConformance, Gc_NewStore_ExtendsTheRunsLifetime) {
  Ingest(MakeReports(1), Living(absl::Seconds(10)));  // At(1)
  Ingest(MakeReports(1));                             // At(2)
  EXPECT_TRUE(GcAt(At(11)).empty());
  EXPECT_FALSE(GcAt(At(12)).empty());
}

TEST_P(BackendConformance, Gc_ClockWentBack_RemovesNothingEarly) {
  Ingest(MakeReports(1), Living(absl::Seconds(10)));
  EXPECT_TRUE(GcAt(At(-1'000'000)).empty());
  EXPECT_EQ(RunNames(), Names{"run"});
}

TEST_P(BackendConformance, Gc_ExpiredRunWithAStoreQueuedOrRunning_Stays) {
  Ingest(MakeReports(2), Living(absl::Seconds(10)));
  const std::string token = Enqueue("run", "", At(100)).token;
  EXPECT_TRUE(GcAt(At(101)).empty());
  ASSERT_TRUE(queue().ClaimNext(At(102), {}).ok());
  EXPECT_TRUE(GcAt(At(103)).empty());

  IngestRequest request = Living(std::nullopt);
  request.token = token;
  request.stored_at = At(104);
  ReportList list = MakeReports(1);
  ASSERT_EQ(TryIngest(list, request)->unresolved_reports, 1);
  ASSERT_TRUE(queue().Complete(token, {}, At(104)).ok());
  EXPECT_TRUE(GcAt(At(105)).empty());
  EXPECT_EQ(Statuses(), "UC");
}

TEST_P(BackendConformance, ListRuns_ByNameInPages) {
  for (const char* name : {"b", "a", "c-1", "c-2"}) {
    IngestRequest request;
    request.run_name = name;
    Ingest(MakeReports(1), request);
  }
  const absl::StatusOr<RunPage> first = results().ListRuns("", 3, "");
  ASSERT_TRUE(first.ok()) << first.status();
  ASSERT_EQ(first->runs.size(), 3U);
  EXPECT_EQ(first->runs[0].name, "a");
  EXPECT_EQ(first->runs[2].name, "c-1");
  const absl::StatusOr<RunPage> second = results().ListRuns("", 3, first->next_page_token);
  ASSERT_TRUE(second.ok()) << second.status();
  ASSERT_EQ(second->runs.size(), 1U);
  EXPECT_EQ(second->runs[0].name, "c-2");
  EXPECT_EQ(second->next_page_token, "");

  EXPECT_EQ(results().ListRuns("c-*", 10, "")->runs.size(), 2U);
  EXPECT_EQ(results().ListRuns("c-?", 2, "")->next_page_token, "");
  EXPECT_EQ(results().ListRuns("c-*", 3, first->next_page_token).status().code(),
            absl::StatusCode::kInvalidArgument);
}

TEST_P(BackendConformance, ListRuns_Summary) {
  ReportList list = MakeReports(3);
  list.analyses = {MakeAnalysis({}), MakeAnalysis({})};
  reports::AnalyzerRun tidy;
  tidy.name = "clang-tidy";
  list.analyses[1].analyzers.push_back(tidy);
  Ingest(list);
  Ingest(MakeReports(1));
  const RunSummary run = Run();
  EXPECT_EQ(run.created_at, At(1));
  EXPECT_EQ(run.stored_at, At(2));
  EXPECT_TRUE(run.analyzers.empty());
  EXPECT_EQ(run.open_reports, 1);
  EXPECT_EQ(run.reports, 3);
  Ingest(list);
  EXPECT_EQ(Run().analyzers, (std::vector<std::string>{"clangsa 14.0.6", "clang-tidy"}));
}

TEST_P(BackendConformance, FailedFiles_AreInTheResultAndInTheRunsNewestStore) {
  ReportList list = MakeReports(1);
  list.summary.analyzed_files = 120;
  list.summary.failed_files = 2;
  const StoreResult result = Ingest(list);
  EXPECT_EQ(result.analyzed_files, 120);
  EXPECT_EQ(result.failed_files, 2);
  EXPECT_EQ(Run().analyzed_files, 120);
  EXPECT_EQ(Run().failed_files, 2);
  Reopen();
  EXPECT_EQ(Run().failed_files, 2);
  list.summary.analyzed_files = 121;
  list.summary.failed_files = 0;
  Ingest(list);
  EXPECT_EQ(Run().analyzed_files, 121);
  EXPECT_EQ(Run().failed_files, 0);
}

// Bundles of older clients have no counts in their summary.
TEST_P(BackendConformance, FailedFiles_SummaryWithoutCounts_CountsTheAnalyses) {
  ReportList list = MakeReports(1);
  reports::Analysis analysis;
  analysis.analyzers.push_back({.name = "clangsa",
                                .version = "",
                                .successful = 4,
                                .failed = 1,
                                .failed_sources = {"/w/bad.c"},
                                .checkers = {}});
  list.analyses.push_back(analysis);
  const StoreResult result = Ingest(list);
  EXPECT_EQ(result.analyzed_files, 5);
  EXPECT_EQ(result.failed_files, 1);
}

}  // namespace
}  // namespace stored::storage
