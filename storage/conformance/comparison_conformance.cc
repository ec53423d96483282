#include <fmt/format.h>

#include <map>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "storage/conformance/conformance.h"

// Comparisons of two snapshots.
namespace stored::storage {
namespace {

using reports::ReviewStatus;

// Returns the last digits of the hashes of the listed reports, sorted by id, or the error.
std::string Listed(ProductResults& results, ComparisonQuery query, Difference difference) {
  query.listed = difference;
  query.page_size = 2;
  std::string digits;
  do {
    const absl::StatusOr<RunComparison> found = results.CompareRuns(query);
    if (!found.ok()) return std::string(found.status().message());
    EXPECT_EQ(found->counts.has_value(), query.page_token.empty());
    for (const reports::StoredReport& stored : found->page.reports) {
      digits += stored.report.report_hash.back();
    }
    query.page_token = found->page.next_page_token;
  } while (!query.page_token.empty());
  return digits;
}

// Returns "new NUMBER HASHES, resolved ..., unresolved ...".
std::string Compared(ProductResults& results, const ComparisonQuery& query) {
  const absl::StatusOr<RunComparison> found = results.CompareRuns(query);
  if (!found.ok()) return std::string(found.status().message());
  return fmt::format("new {} {}, resolved {} {}, unresolved {} {}", found->counts->new_reports,
                     Listed(results, query, Difference::kNew), found->counts->resolved_reports,
                     Listed(results, query, Difference::kResolved),
                     found->counts->unresolved_reports,
                     Listed(results, query, Difference::kUnresolved));
}

ComparisonQuery Between(SnapshotName base, SnapshotName current) {
  return {.base = std::move(base), .current = std::move(current)};
}

TEST_P(BackendConformance, CompareRuns_TwoRuns_ByReportHash) {
  Ingest(MakeReportsOf({0, 1, 2}), {.run_name = "main"});
  Ingest(MakeReportsOf({1, 2, 3, 4}), {.run_name = "branch"});
  EXPECT_EQ(Compared(results(), Between({"main"}, {"branch"})),
            "new 2 34, resolved 1 0, unresolved 2 12");
  EXPECT_EQ(Compared(results(), Between({"branch"}, {"main"})),
            "new 1 0, resolved 2 34, unresolved 2 12");
  EXPECT_EQ(Compared(results(), Between({"main"}, {"main"})),
            "new 0 , resolved 0 , unresolved 3 012");
}

TEST_P(BackendConformance, CompareRuns_StatesOfOneRun_StayAsTheyWere) {
  Ingest(MakeReportsOf({0, 1}), {.tag = "1"});
  Ingest(MakeReportsOf({1, 2}), {.tag = "2"});
  Ingest(MakeReportsOf({0, 2}), {.tag = "3"});
  const auto compared = [&](const std::string& base, const std::string& current) {
    return Compared(results(), Between({"run", base}, {"run", current}));
  };
  EXPECT_EQ(compared("1", "2"), "new 1 2, resolved 1 0, unresolved 1 1");
  EXPECT_EQ(compared("2", "3"), "new 1 0, resolved 1 1, unresolved 1 2");
  EXPECT_EQ(compared("1", "3"), "new 1 2, resolved 1 1, unresolved 1 0");
  Ingest(MakeReportsOf({}));
  EXPECT_EQ(compared("1", "2"), "new 1 2, resolved 1 0, unresolved 1 1");
  EXPECT_EQ(Compared(results(), Between({"run", "", At(1)}, {"run"})),
            "new 0 , resolved 2 01, unresolved 0 ");
}

TEST_P(BackendConformance, CompareRuns_ClosedByReview_IsNotOutstanding) {
  ReportList list = MakeReportsOf({0, 1, 2, 3});
  Ingest(list, {.run_name = "main"});
  list.reports[0].review = {ReviewStatus::kFalsePositive, "no", true};
  list.reports[1].review = {ReviewStatus::kIntentional, "so", true};
  list.reports[2].review = {ReviewStatus::kConfirmed, "yes", true};
  Ingest(list, {.run_name = "branch"});
  EXPECT_EQ(Compared(results(), Between({"main"}, {"branch"})),
            "new 0 , resolved 2 01, unresolved 2 23");
}

// One of several reports of a hash is enough for it to be outstanding.
TEST_P(BackendConformance, CompareRuns_SeveralReportsOfAHash_AllAreListed) {
  ReportList list = MakeReportsOf({});
  list.reports = {MakeReport(0, 1), MakeReport(1, 1)};
  Ingest(list, {.run_name = "main"});
  list.reports = {MakeReport(0, 2), MakeReport(0, 3), MakeReport(2, 1), MakeReport(2, 2)};
  Ingest(list, {.run_name = "branch"});
  EXPECT_EQ(Compared(results(), Between({"main"}, {"branch"})),
            "new 2 22, resolved 1 1, unresolved 2 00");
}

TEST_P(BackendConformance, CompareRuns_Filter_SelectsWhatIsListed_NotWhatIsComparedWith) {
  ReportList list = MakeReportsOf({0, 1});
  Ingest(list, {.run_name = "main"});
  list.files.push_back({"lib/b.c", ""});
  list.reports.push_back(MakeReport(2));
  list.reports[0].location.file = list.reports[2].location.file = 1;
  Ingest(list, {.run_name = "branch"});
  ComparisonQuery query = Between({"main"}, {"branch"});
  query.filter.file_paths = {"lib/*"};
  // Report 0 has moved to lib/, and is not new.
  EXPECT_EQ(Compared(results(), query), "new 1 2, resolved 0 , unresolved 1 0");
  query.filter = {.report_hashes = {HashOf(1), HashOf(2)}};
  EXPECT_EQ(Compared(results(), query), "new 1 2, resolved 0 , unresolved 1 1");
  query.filter = {.detection_statuses = {reports::DetectionStatus::kResolved}};
  EXPECT_EQ(Compared(results(), query), "new 0 , resolved 0 , unresolved 0 ");
  query.filter = {.review_statuses = {ReviewStatus::kFalsePositive, ReviewStatus::kUnreviewed}};
  EXPECT_EQ(Compared(results(), query), "new 1 2, resolved 0 , unresolved 2 01");
}

TEST_P(BackendConformance, CompareRuns_Errors) {
  Ingest(MakeReportsOf({0}), {.run_name = "main", .tag = "a"});
  const auto code = [&](const ComparisonQuery& query) {
    return results().CompareRuns(query).status().code();
  };
  EXPECT_EQ(code(Between({"main"}, {"nowhere"})), absl::StatusCode::kNotFound);
  EXPECT_EQ(code(Between({"nowhere"}, {"main"})), absl::StatusCode::kNotFound);
  EXPECT_EQ(code(Between({"main", "b"}, {"main"})), absl::StatusCode::kNotFound);
  EXPECT_EQ(code(Between({"main"}, {"main", "", At(-5)})), absl::StatusCode::kNotFound);
  ComparisonQuery query = Between({"main"}, {"main"});
  query.page_token = "00";
  EXPECT_EQ(code(query), absl::StatusCode::kInvalidArgument);
  query.page_token = "";
  query.cancelled = [] { return true; };
  Ingest(MakeReports(5000), {.run_name = "main"});
  EXPECT_EQ(code(query), absl::StatusCode::kCancelled);
}

TEST_P(BackendConformance, CompareRuns_PagesOfAChangedRun_Aborted_OfTags_GoOn) {
  Ingest(MakeReports(5), {.run_name = "main", .tag = "a"});
  Ingest(MakeReportsOf({}), {.run_name = "empty", .tag = "e"});
  ComparisonQuery newest = Between({"empty"}, {"main"});
  newest.listed = Difference::kNew;
  newest.page_size = 2;
  ComparisonQuery tagged = newest;
  tagged.base.tag = "e";
  tagged.current.tag = "a";
  newest.page_token = results().CompareRuns(newest)->page.next_page_token;
  tagged.page_token = results().CompareRuns(tagged)->page.next_page_token;
  ASSERT_NE(newest.page_token, "");
  // A token is valid for its own comparison only.
  ComparisonQuery other = tagged;
  other.listed = Difference::kUnresolved;
  EXPECT_EQ(results().CompareRuns(other).status().code(), absl::StatusCode::kInvalidArgument);
  Ingest(MakeReports(6), {.run_name = "main"});
  EXPECT_EQ(results().CompareRuns(newest).status().code(), absl::StatusCode::kAborted);
  EXPECT_EQ(results().CompareRuns(tagged)->page.reports.size(), 2U);
}

// Random snapshots against sets computed from their lists.
TEST_P(BackendConformance, CompareRuns_RandomStores_AsTheListsSay) {
  constexpr int kStores = 40;
  std::mt19937 random(7);
  const auto below = [&](int n) { return std::uniform_int_distribution<int>(0, n - 1)(random); };
  for (int i = 0; i < kStores; ++i) {
    ReportList list = MakeReportsOf({});
    for (int hash = 0; hash < 30; ++hash) {
      for (int path = below(3); path > 0; --path) {
        list.reports.push_back(MakeReport(hash, path));
        if (below(4) == 0) {
          list.reports.back().review = {static_cast<ReviewStatus>(1 + below(4)), "r", true};
        }
      }
    }
    Ingest(list, {.run_name = fmt::format("run {}", i % 2), .tag = fmt::format("{}", i)});
  }
  // Returns the number of outstanding reports by hash.
  const auto outstanding = [&](const SnapshotName& name) {
    ReportQuery query;
    query.run_name = name.run_name;
    query.tag = name.tag;
    query.filter.detection_statuses = {reports::DetectionStatus::kNew,
                                       reports::DetectionStatus::kUnresolved,
                                       reports::DetectionStatus::kReopened};
    query.filter.review_statuses = {ReviewStatus::kUnreviewed, ReviewStatus::kConfirmed};
    std::map<std::string, int64_t> found;
    const absl::StatusOr<ReportPage> page = results().ListReports(query);
    EXPECT_TRUE(page.ok()) << page.status();
    for (const auto& stored : page->reports) ++found[stored.report.report_hash];
    return found;
  };
  for (int i = 0; i < 60; ++i) {
    const int a = below(kStores);
    const int b = below(kStores);
    const SnapshotName base = {fmt::format("run {}", a % 2), fmt::format("{}", a)};
    const SnapshotName current = {fmt::format("run {}", b % 2), fmt::format("{}", b)};
    const std::map<std::string, int64_t> of_base = outstanding(base);
    const std::map<std::string, int64_t> of_current = outstanding(current);
    DifferenceCounts wanted;
    for (const auto& [hash, reports] : of_current) {
      (of_base.contains(hash) ? wanted.unresolved_reports : wanted.new_reports) += reports;
    }
    for (const auto& [hash, reports] : of_base) {
      if (!of_current.contains(hash)) wanted.resolved_reports += reports;
    }
    const absl::StatusOr<RunComparison> found = results().CompareRuns(Between(base, current));
    ASSERT_TRUE(found.ok()) << found.status();
    EXPECT_EQ(found->counts->new_reports, wanted.new_reports) << a << " and " << b;
    EXPECT_EQ(found->counts->resolved_reports, wanted.resolved_reports) << a << " and " << b;
    EXPECT_EQ(found->counts->unresolved_reports, wanted.unresolved_reports) << a << " and " << b;
  }
}

}  // namespace
}  // namespace stored::storage
