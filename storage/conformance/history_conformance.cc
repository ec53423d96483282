#include <string>
#include <utility>
#include <vector>

#include "storage/conformance/conformance.h"

// ProductResults::ListRunHistory: the stores into a run, the newest first.
namespace stored::storage {
namespace {

constexpr absl::Duration kDay = absl::Hours(24);

// Returns the history of a run in one page. Fails the test on errors.
std::vector<EntrySummary> History(ProductResults& results, const std::string& run = "run") {
  absl::StatusOr<HistoryPage> page = results.ListRunHistory(run, 1000, "");
  EXPECT_TRUE(page.ok()) << page.status();
  if (!page.ok()) return {};
  EXPECT_EQ(page->next_page_token, "");
  return std::move(page->entries);
}

// Returns the store numbers of entries: "3 2 1 ".
std::string Numbers(const std::vector<EntrySummary>& entries) {
  std::string numbers;
  for (const EntrySummary& entry : entries) numbers += std::to_string(entry.store_number) + " ";
  return numbers;
}

// Returns the tags of entries: "b,,a,".
std::string Tags(const std::vector<EntrySummary>& entries) {
  std::string tags;
  for (const EntrySummary& entry : entries) tags += entry.tag + ",";
  return tags;
}

TEST_P(BackendConformance, History_HasWhatEachStoreSaid) {
  ReportList list = MakeReports(1);
  list.analyses = {MakeAnalysis({})};
  list.summary.analyzed_files = 120;
  list.summary.failed_files = 2;
  Ingest(list, {.tag = "v1", .description = "first\nof all"});
  Ingest(MakeReports(1));
  Ingest(MakeReports(1), {.run_name = "other", .tag = "v1"});
  const std::vector<EntrySummary> history = History(results());
  ASSERT_EQ(history.size(), 2U);
  EXPECT_EQ(history[0].store_number, 2);
  EXPECT_EQ(history[0].stored_at, At(2));
  EXPECT_EQ(history[0].tag, "");
  EXPECT_EQ(history[0].description, "");
  EXPECT_TRUE(history[0].analyzers.empty());
  EXPECT_EQ(history[0].analyzed_files, 0);
  EXPECT_EQ(history[1].store_number, 1);
  EXPECT_EQ(history[1].stored_at, At(1));
  EXPECT_EQ(history[1].tag, "v1");
  EXPECT_EQ(history[1].description, "first\nof all");
  EXPECT_EQ(history[1].analyzers, std::vector<std::string>{"clangsa 14.0.6"});
  EXPECT_EQ(history[1].analyzed_files, 120);
  EXPECT_EQ(history[1].failed_files, 2);
}

TEST_P(BackendConformance, History_Counts_AreThoseOfTheResults) {
  ReportList off = MakeReportsOf({1});
  off.reports[0].checker_name = "unix.Malloc";
  off.analyses = {MakeAnalysis({{"core.NullDereference", false}, {"unix.Malloc", true}})};
  ReportList unavailable = MakeReportsOf({});
  unavailable.analyses = {MakeAnalysis({{"unix.Malloc", true}})};
  std::vector<ReportList> lists;
  for (const std::vector<int>& hashes :
       std::vector<std::vector<int>>{{0, 1, 2}, {0, 3}, {0, 1, 4}, {}, {0, 1, 2, 3}}) {
    lists.push_back(MakeReportsOf(hashes));
  }
  lists.push_back(std::move(off));
  lists.push_back(MakeReportsOf({5}));
  lists.push_back(std::move(unavailable));
  std::vector<StoreResult> stored;
  stored.reserve(lists.size());
  for (ReportList& list : lists) stored.push_back(Ingest(list));
  const auto expect_all = [&] {
    const std::vector<EntrySummary> history = History(results());
    ASSERT_EQ(history.size(), stored.size());
    for (size_t i = 0; i < stored.size(); ++i) {
      SCOPED_TRACE(i);
      const StoreResult& result = stored[i];
      const EntrySummary& entry = history[stored.size() - 1 - i];
      ASSERT_TRUE(entry.counts.has_value());
      EXPECT_EQ(*entry.counts, (StoreCounts{result.new_reports, result.unresolved_reports,
                                            result.reopened_reports, result.resolved_reports,
                                            result.off_reports, result.unavailable_reports}));
      EXPECT_EQ(entry.counts->open_reports(), result.reports);
    }
  };
  expect_all();
  // The stores above have every count.
  StoreResult sum;
  for (const StoreResult& result : stored) {
    sum.reopened_reports += result.reopened_reports;
    sum.resolved_reports += result.resolved_reports;
    sum.off_reports += result.off_reports;
    sum.unavailable_reports += result.unavailable_reports;
  }
  EXPECT_GT(sum.reopened_reports, 0);
  EXPECT_GT(sum.resolved_reports, 0);
  EXPECT_GT(sum.off_reports, 0);
  EXPECT_GT(sum.unavailable_reports, 0);
  Reopen();
  expect_all();
}

TEST_P(BackendConformance, History_ClockSetBack_OrderIsThatOfTheStores) {
  Ingest(MakeReports(1));
  IngestRequest earlier;
  earlier.run_name = "run";
  earlier.token = "earlier";
  earlier.stored_at = At(0) - kDay;
  ReportList list = MakeReports(1);
  ASSERT_TRUE(TryIngest(list, earlier).ok());
  const std::vector<EntrySummary> history = History(results());
  EXPECT_EQ(Numbers(history), "2 1 ");
  EXPECT_EQ(history[0].stored_at, At(0) - kDay);
}

TEST_P(BackendConformance, History_Pages_CoverAllOnceWhileStoresAreIngested) {
  for (int i = 0; i < 7; ++i) {
    Ingest(MakeReports(1));
    Ingest(MakeReports(1), {.run_name = "other"});
  }
  std::vector<EntrySummary> seen;
  std::string token;
  int pages = 0;
  do {
    const absl::StatusOr<HistoryPage> page = results().ListRunHistory("run", 3, token);
    ASSERT_TRUE(page.ok()) << page.status();
    seen.insert(seen.end(), page->entries.begin(), page->entries.end());
    token = page->next_page_token;
    ++pages;
    Ingest(MakeReports(1));
  } while (!token.empty());
  EXPECT_EQ(pages, 3);
  EXPECT_EQ(Numbers(seen), "7 6 5 4 3 2 1 ");
  EXPECT_EQ(Numbers(History(results())), "10 9 8 7 6 5 4 3 2 1 ");
}

TEST_P(BackendConformance, History_LastPageFull_HasNoNext) {
  for (int i = 0; i < 4; ++i) Ingest(MakeReports(1));
  EXPECT_EQ(results().ListRunHistory("run", 4, "")->next_page_token, "");
  EXPECT_NE(results().ListRunHistory("run", 3, "")->next_page_token, "");
}

TEST_P(BackendConformance, History_LongDescriptions_EndPageEarly) {
  constexpr int kStores = 300;
  const std::string description(4096, 'd');
  for (int i = 0; i < kStores; ++i) Ingest(MakeReports(0), {.description = description});
  const absl::StatusOr<HistoryPage> first = results().ListRunHistory("run", 1000, "");
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_GT(first->entries.size() * description.size(), kMaxHistoryPageBytes * 9 / 10);
  EXPECT_LE(first->entries.size() * description.size(), kMaxHistoryPageBytes);
  const absl::StatusOr<HistoryPage> rest =
      results().ListRunHistory("run", 1000, first->next_page_token);
  ASSERT_TRUE(rest.ok()) << rest.status();
  EXPECT_EQ(rest->next_page_token, "");
  EXPECT_EQ(first->entries.size() + rest->entries.size(), static_cast<size_t>(kStores));
  EXPECT_EQ(rest->entries.front().store_number, first->entries.back().store_number - 1);
}

TEST_P(BackendConformance, History_TagMoved_OnlyTheNewestHasIt) {
  Ingest(MakeReports(1), {.tag = "nightly"});
  Ingest(MakeReports(1), {.tag = "v1"});
  Ingest(MakeReports(1), {.tag = "nightly"});
  EXPECT_EQ(Tags(History(results())), "nightly,v1,,");
}

TEST_P(BackendConformance, History_GcRemovedEntries_NumbersAreMissing) {
  for (int i = 1; i <= 6; ++i) Ingest(MakeReports(1), {.tag = i == 4 ? "four" : ""});
  const std::string token = results().ListRunHistory("run", 2, "")->next_page_token;
  ProductSettingsChange change;
  change.history_retention = absl::Seconds(100);
  ASSERT_TRUE(backend().UpdateProduct(kDefaultProduct, change).ok());
  GcAt(At(0) + 9 * kDay);
  // The first opened the report, the fourth is tagged, the sixth is the newest.
  EXPECT_EQ(Numbers(History(results())), "6 4 1 ");
  EXPECT_EQ(Numbers(results().ListRunHistory("run", 2, token)->entries), "4 1 ")
      << "the entry that the token names is gone";
}

TEST_P(BackendConformance, History_Force_BeginsAnew) {
  for (int i = 0; i < 3; ++i) Ingest(MakeReports(2), {.tag = "a"});
  const std::string token = results().ListRunHistory("run", 1, "")->next_page_token;
  Ingest(MakeReports(1), {.force = true});
  const std::vector<EntrySummary> history = History(results());
  EXPECT_EQ(Numbers(history), "1 ");
  EXPECT_EQ(history.at(0).stored_at, At(4));
  EXPECT_EQ(history[0].counts, (StoreCounts{.new_reports = 1}));
  const absl::StatusOr<HistoryPage> next = results().ListRunHistory("run", 1, token);
  ASSERT_TRUE(next.ok()) << next.status();
  EXPECT_TRUE(next->entries.empty()) << "the new store is not older than the first page";
}

TEST_P(BackendConformance, History_UnknownOrRemovedRun_NotFound) {
  Ingest(MakeReports(1));
  Ingest(MakeReports(1));
  EXPECT_EQ(results().ListRunHistory("ru", 10, "").status().code(), absl::StatusCode::kNotFound);
  const std::string token = results().ListRunHistory("run", 1, "")->next_page_token;
  ASSERT_TRUE(backend().RemoveRun(kDefaultProduct, "run").ok());
  for (const std::string& page_token : {std::string(), token}) {
    EXPECT_EQ(results().ListRunHistory("run", 1, page_token).status().code(),
              absl::StatusCode::kNotFound);
  }
  // A new run of that name has nothing of the removed one.
  Ingest(MakeReports(1));
  EXPECT_EQ(Numbers(History(results())), "1 ");
}

TEST_P(BackendConformance, History_TokenOfAnotherList_InvalidArgument) {
  for (const char* run : {"run", "other"}) {
    for (int i = 0; i < 2; ++i) Ingest(MakeReports(2), {.run_name = run});
  }
  const std::vector<std::string> tokens = {
      "no token", results().ListRunHistory("other", 1, "")->next_page_token,
      results().ListRuns("", 1, "")->next_page_token, List({.page_size = 1})->next_page_token};
  for (const std::string& token : tokens) {
    EXPECT_NE(token, "");
    EXPECT_EQ(results().ListRunHistory("run", 1, token).status().code(),
              absl::StatusCode::kInvalidArgument)
        << token;
  }
}

}  // namespace
}  // namespace stored::storage
