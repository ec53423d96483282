#include <fmt/format.h>

#include <filesystem>
#include <map>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "storage/conformance/conformance.h"

// Snapshots: what a run had after an earlier store. The past does not change.
namespace stored::storage {
namespace {

constexpr absl::Duration kDay = absl::Hours(24);

std::string Micros(std::optional<absl::Time> time) {
  return time.has_value() ? fmt::format("{}", absl::ToUnixMicros(*time)) : "-";
}

// Returns all that a page shows of a report, in one line.
std::string Line(const reports::StoredReport& stored, const std::vector<std::string>& files) {
  const reports::Report& report = stored.report;
  std::string path;
  for (const reports::BugPathEvent& event : report.bug_path.events) {
    path +=
        fmt::format(" {}:{}:{}", files.at(event.location.file), event.location.line, event.message);
  }
  std::string annotations;
  for (const reports::Annotation& annotation : report.annotations) {
    annotations += fmt::format(" {}={}", annotation.key, annotation.value);
  }
  return fmt::format(
      "{} {} {} {} {}:{}:{} severity {} {} {} {} review {} {} {} status {} {} {} {} |{} |{}\n",
      stored.id, report.report_hash, report.checker_name, report.analyzer_name,
      files.at(report.location.file), report.location.line, report.location.column,
      static_cast<int>(report.severity), report.category, report.type, report.message,
      static_cast<int>(report.review.status), report.review.comment, report.review.in_source,
      static_cast<int>(stored.detection_status), Micros(stored.detected_at),
      Micros(stored.fixed_at), stored.bug_path_length, path,
      annotations + " " + report.logical_location);
}

// Returns the answer to a query as text: all pages, or the error.
std::string Answer(ProductResults& results, ReportQuery query) {
  query.with_bug_path = true;
  query.page_size = 7;
  std::string text;
  do {
    const absl::StatusOr<ReportPage> page = results.ListReports(query);
    if (!page.ok()) return std::string(page.status().message());
    for (const reports::StoredReport& stored : page->reports) text += Line(stored, page->files);
    query.page_token = page->next_page_token;
  } while (!query.page_token.empty());
  return text;
}

// Returns the statuses in a snapshot as BackendConformance::Statuses does, sorted by id.
std::string StatusesAt(ProductResults& results, const ReportQuery& query) {
  const absl::StatusOr<ReportPage> page = results.ListReports(query);
  if (!page.ok()) return std::string(page.status().message());
  std::string statuses;
  for (const reports::StoredReport& report : page->reports) {
    statuses += std::string_view("?NURCOA")[static_cast<size_t>(report.detection_status)];
  }
  return statuses;
}

ReportQuery AtTag(const std::string& tag) { return {.run_name = "run", .tag = tag}; }
ReportQuery AtTime(absl::Time time) { return {.run_name = "run", .time = time}; }

TEST_P(BackendConformance, Snapshot_ReportsCameWentAndCameBack_StatusesOfThen) {
  Ingest(MakeReportsOf({0, 1}), {.tag = "1"});
  Ingest(MakeReportsOf({0, 2}), {.tag = "2"});
  Ingest(MakeReportsOf({0, 1, 2}), {.tag = "3"});
  Ingest(MakeReportsOf({1}), {.tag = "4"});
  Ingest(MakeReportsOf({0, 1}), {.tag = "5"});
  EXPECT_EQ(StatusesAt(results(), AtTag("1")), "NN");
  EXPECT_EQ(StatusesAt(results(), AtTag("2")), "UCN");
  EXPECT_EQ(StatusesAt(results(), AtTag("3")), "URU");
  EXPECT_EQ(StatusesAt(results(), AtTag("4")), "CUC");
  EXPECT_EQ(StatusesAt(results(), AtTag("5")), "RUC");
  for (int i = 1; i <= 5; ++i) {
    const ReportQuery at = AtTime(At(i) + absl::Milliseconds(999));
    EXPECT_EQ(Answer(results(), at), Answer(results(), AtTag(std::to_string(i)))) << i;
  }
}

TEST_P(BackendConformance, Snapshot_OffThenResolvedThenBack_StatusesOfThen) {
  ReportList off = MakeReports(0);
  off.analyses = {MakeAnalysis({{"core.NullDereference", false}})};
  Ingest(MakeReportsOf({0}), {.tag = "1"});
  Ingest(off, {.tag = "2"});
  Ingest(MakeReportsOf({}), {.tag = "3"});
  Ingest(off, {.tag = "4"});
  Ingest(MakeReportsOf({0}), {.tag = "5"});
  EXPECT_EQ(StatusesAt(results(), AtTag("1")), "N");
  EXPECT_EQ(StatusesAt(results(), AtTag("2")), "O");
  EXPECT_EQ(StatusesAt(results(), AtTag("3")), "C");
  EXPECT_EQ(StatusesAt(results(), AtTag("4")), "O");
  EXPECT_EQ(StatusesAt(results(), AtTag("5")), "U") << "an off report that is found again";
}

TEST_P(BackendConformance, Snapshot_ReportMovedAndReworded_KeepsWhatItWas) {
  ReportList list = MakeReportsOf({0});
  Ingest(list, {.tag = "1"});
  list.reports[0].location.line = 70;
  list.reports[0].severity = reports::Severity::kHigh;
  list.reports[0].bug_path.events[0].ranges.clear();
  list.files[0].path = "src/a.c";
  Ingest(list, {.tag = "2"});
  list.reports[0].review = {reports::ReviewStatus::kFalsePositive, "no", true};
  Ingest(list, {.tag = "3"});
  const auto only = [&](const std::string& tag) {
    const absl::StatusOr<ReportPage> page = results().ListReports(AtTag(tag));
    EXPECT_TRUE(page.ok() && page->reports.size() == 1) << page.status();
    return page->reports.at(0);
  };
  EXPECT_EQ(only("1").report.location.line, 1U);
  EXPECT_EQ(only("1").fixed_at, std::nullopt);
  EXPECT_EQ(only("2").report.location.line, 70U);
  EXPECT_EQ(only("2").report.severity, reports::Severity::kHigh);
  EXPECT_EQ(only("2").report.review.status, reports::ReviewStatus::kUnreviewed);
  EXPECT_EQ(only("3").report.review.comment, "no");
  EXPECT_EQ(only("3").fixed_at, At(3));
}

TEST_P(BackendConformance, Snapshot_ReportReplacedByAnotherPath_BothAreInTheirTime) {
  ReportList list = MakeReportsOf({});
  list.reports = {MakeReport(0, 1)};
  Ingest(list, {.tag = "1"});
  list.reports = {MakeReport(0, 2), MakeReport(0, 3)};
  Ingest(list, {.tag = "2"});
  EXPECT_EQ(StatusesAt(results(), AtTag("1")), "N");
  EXPECT_EQ(StatusesAt(results(), AtTag("2")), "UU");
  EXPECT_NE(Answer(results(), AtTag("1")).find("step 1"), std::string::npos);
}

TEST_P(BackendConformance, Snapshot_Filters_GoByWhatHeldThen) {
  Ingest(MakeReportsOf({0, 1}), {.tag = "1"});
  Ingest(MakeReportsOf({1, 2}), {.tag = "2"});
  Ingest(MakeReportsOf({0, 1, 2}), {.tag = "3"});
  ReportQuery query = AtTag("2");
  query.filter.detection_statuses = {reports::DetectionStatus::kResolved};
  EXPECT_EQ(StatusesAt(results(), query), "C");
  query.tag = "3";
  EXPECT_EQ(StatusesAt(results(), query), "");
  query.filter = {.report_hashes = {HashOf(0)}};
  EXPECT_EQ(StatusesAt(results(), query), "R");
  query.filter = {.file_paths = {"nowhere"}};
  EXPECT_EQ(StatusesAt(results(), query), "");
}

TEST_P(BackendConformance, Snapshot_SaysWhichStoreItIs) {
  Ingest(MakeReportsOf({0}), {.tag = "a"});
  Ingest(MakeReportsOf({0}));
  Ingest(MakeReportsOf({0}), {.run_name = "other"});
  const Snapshot first = results().ListReports(AtTag("a"))->snapshot;
  EXPECT_EQ(first.store_number, 1);
  EXPECT_EQ(first.stored_at, At(1));
  EXPECT_EQ(first.tag, "a");
  EXPECT_FALSE(first.newest);
  const Snapshot newest = results().ListReports({.run_name = "run"})->snapshot;
  EXPECT_EQ(newest.store_number, 2);
  EXPECT_EQ(newest.tag, "");
  EXPECT_TRUE(newest.newest);
  EXPECT_TRUE(results().ListReports(AtTime(At(3)))->snapshot.newest);
}

TEST_P(BackendConformance, Snapshot_UnknownTagOrTimeBeforeTheFirstStore_NotFound) {
  Ingest(MakeReportsOf({0}), {.tag = "a"});
  Ingest(MakeReportsOf({0}), {.tag = "b"});
  Ingest(MakeReportsOf({0}), {.run_name = "other", .tag = "c"});
  const absl::Status tag = results().ListReports(AtTag("c")).status();
  EXPECT_EQ(tag.code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(tag.message(), "run \"run\" has no tag \"c\" (its newest tags are \"b\", \"a\")");
  const absl::Status time = results().ListReports(AtTime(At(0))).status();
  EXPECT_EQ(time.code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(time.message(),
            "run \"run\" has no store at or before 2023-11-14T22:13:20Z; its first is of "
            "2023-11-14T22:13:21Z");
}

TEST_P(BackendConformance, Snapshot_TagMovesWithTheNewestStoreOfThatTag) {
  Ingest(MakeReportsOf({0}), {.tag = "nightly"});
  Ingest(MakeReportsOf({0, 1}), {.tag = "nightly"});
  EXPECT_EQ(StatusesAt(results(), AtTag("nightly")), "UN");
}

TEST_P(BackendConformance, Snapshot_PagesGoOnWhileStoresAreIngested) {
  Ingest(MakeReports(5), {.tag = "a"});
  ReportQuery query = AtTag("a");
  query.page_size = 2;
  std::string statuses;
  do {
    const absl::StatusOr<ReportPage> page = results().ListReports(query);
    ASSERT_TRUE(page.ok()) << page.status();
    for (const reports::StoredReport& stored : page->reports) {
      EXPECT_EQ(stored.detection_status, reports::DetectionStatus::kNew);
      statuses += 'N';
    }
    query.page_token = page->next_page_token;
    Ingest(MakeReportsOf({1, static_cast<int>(statuses.size())}));
  } while (!query.page_token.empty());
  EXPECT_EQ(statuses, "NNNNN");
  // The newest state has changed, and the tag can move.
  query = AtTag("a");
  query.page_size = 2;
  query.page_token = results().ListReports(query)->next_page_token;
  Ingest(MakeReports(5), {.tag = "a"});
  EXPECT_EQ(results().ListReports(query).status().code(), absl::StatusCode::kAborted);
}

TEST_P(BackendConformance, Snapshot_Force_BeginsAnew) {
  Ingest(MakeReportsOf({0, 1}), {.tag = "a"});
  Ingest(MakeReportsOf({0}));
  Ingest(MakeReportsOf({2}), {.force = true});
  EXPECT_EQ(results().ListReports(AtTag("a")).status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(StatusesAt(results(), AtTime(At(3))), "N");
  EXPECT_EQ(results().ListReports(AtTime(At(2))).status().code(), absl::StatusCode::kNotFound);
}

TEST_P(BackendConformance, Snapshot_HistoryWasRemoved_SaysSo) {
  Ingest(MakeReportsOf({0}));
  for (int i = 2; i <= 6; ++i) Ingest(MakeReportsOf({0}), {.tag = i == 4 ? "four" : ""});
  SetRetention({}, absl::Seconds(100));
  GcAt(At(0) + 9 * kDay);  // 1, 4 and 6 remain.
  for (const int i : {2, 3, 5}) {
    const absl::Status status = results().ListReports(AtTime(At(i))).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition) << i;
  }
  EXPECT_EQ(results().ListReports(AtTime(At(2))).status().message(),
            "run \"run\": stores of the time before 2023-11-14T22:13:24Z were removed from its "
            "history, so its state at 2023-11-14T22:13:22Z is not known; name a tag, or the time "
            "of a store that `storectl history` lists");
  EXPECT_EQ(StatusesAt(results(), AtTag("four")), "U");
  EXPECT_EQ(StatusesAt(results(), AtTime(At(6))), "U");
}

TEST_P(BackendConformance, Snapshot_ClosedReportRemoved_StaysWhereItWasOpen) {
  Ingest(MakeReportsOf({0, 1}), {.tag = "1"});
  Ingest(MakeReportsOf({0}), {.tag = "2"});
  Ingest(MakeReportsOf({0, 1}), {.tag = "3"});
  Ingest(MakeReportsOf({0}), {.tag = "4"});
  const std::string before = Answer(results(), AtTag("1"));
  const std::string reopened = Answer(results(), AtTag("3"));
  SetRetention(absl::Seconds(100), {});
  EXPECT_EQ(GcAt(At(0) + 9 * kDay).products.at(0).reports, 1);
  EXPECT_EQ(Answer(results(), AtTag("1")), before);
  EXPECT_EQ(Answer(results(), AtTag("3")), reopened);
  EXPECT_EQ(StatusesAt(results(), AtTag("4")), "U");
  EXPECT_EQ(Statuses(), "U");
  Ingest(MakeReportsOf({0, 1}));
  EXPECT_EQ(Statuses(), "UN");
  EXPECT_EQ(Answer(results(), AtTag("1")), before);
}

// Random stores of an analysis whose findings come, go, move, change and are reviewed, and whose
// checkers are switched off and on.
class RandomAnalysis {
 public:
  explicit RandomAnalysis(uint32_t seed) : random_(seed) {}

  int Below(int n) { return std::uniform_int_distribution<int>(0, n - 1)(random_); }

  ReportList Next() {
    ReportList list = MakeReports(0);
    list.files = {{"src/a.c", ""}, {"src/b.c", ""}};
    std::vector<reports::CheckerState> checkers;
    for (int checker = 0; checker < kCheckers; ++checker) {
      const int state = Below(12);
      // Off, not listed (unavailable), or on.
      if (state != 1) checkers.push_back({Checker(checker), state != 0});
      off_[checker] = state < 2;
    }
    list.analyses = {MakeAnalysis(checkers)};
    for (int hash = 0; hash < kHashes; ++hash) {
      Change(hash);
      if (!present_[hash] || off_[hash % kCheckers]) continue;
      for (int path = 0; path < paths_[hash]; ++path) list.reports.push_back(Report(hash, path));
    }
    return list;
  }

 private:
  static constexpr int kHashes = 24;
  static constexpr int kCheckers = 4;

  static std::string Checker(int i) { return fmt::format("core.Checker{}", i); }

  void Change(int hash) {
    if (Below(5) == 0) present_[hash] = !present_[hash];
    if (Below(9) == 0) lines_[hash] = static_cast<uint32_t>(1 + Below(100));
    if (Below(15) == 0) paths_[hash] = 1 + Below(3);
    if (Below(15) == 0) variants_[hash] = Below(3);
    if (Below(12) == 0) reviews_[hash] = Below(5);
  }

  reports::Report Report(int hash, int path) {
    reports::Report report =
        MakeReport(hash, 10 * variants_[hash] + path, Checker(hash % kCheckers));
    report.location.file = lines_[hash] % 2;
    report.location.line = lines_[hash];
    report.message = fmt::format("message {}", lines_[hash] % 5);
    if (reviews_[hash] > 0) {
      report.review = {static_cast<reports::ReviewStatus>(reviews_[hash]),
                       fmt::format("review {}", reviews_[hash]), true};
    }
    return report;
  }

  std::mt19937 random_;
  std::map<int, bool> present_;
  std::map<int, bool> off_;
  std::map<int, uint32_t> lines_;
  std::map<int, int> variants_;
  std::map<int, int> reviews_;
  std::map<int, int> paths_ = [] {
    std::map<int, int> paths;
    for (int hash = 0; hash < kHashes; ++hash) paths[hash] = 1;
    return paths;
  }();
};

TEST_P(BackendConformance, Snapshot_RandomStores_EveryAnswerStaysTheSame) {
  constexpr int kStores = 200;
  RandomAnalysis analysis(20260131);
  // The newest state of the run after each store.
  std::map<int, std::string> answers;
  for (int i = 1; i <= kStores; ++i) {
    IngestRequest request;
    // Some tags move.
    if (i % 3 == 0) request.tag = fmt::format("tag {}", i);
    Ingest(analysis.Next(), request);
    answers[i] = Answer(results(), {.run_name = "run"});
  }
  const auto expect_all = [&](ProductResults& results, int stride) {
    for (int i = stride; i <= kStores; i += stride) {
      if (stride == 1) {
        EXPECT_EQ(Answer(results, AtTime(At(i))), answers[i]) << "store " << i;
      }
      if (i % 3 == 0) {
        EXPECT_EQ(Answer(results, AtTag(fmt::format("tag {}", i))), answers[i]) << "store " << i;
      }
    }
  };
  expect_all(results(), 1);
  Reopen();
  expect_all(results(), 1);

  const TemporaryDirectory work = *TemporaryDirectory::Create("", "backup-");
  const TemporaryDirectory copied = *TemporaryDirectory::Create("", "backup-");
  BackupCopies copies(copied.path());
  ASSERT_TRUE(backend().Backup(work.path(), copies).ok());
  const std::unique_ptr<Backend> copy = *GetParam().open(copied.path(), At(0));
  expect_all(**copy->Results(kDefaultProduct), 1);

  // Garbage collection removes most entries without a tag; the others' answers stay.
  SetRetention({}, absl::Seconds(50));
  EXPECT_GT(GcAt(At(kStores)).products.at(0).history_entries, 0);
  expect_all(results(), 3);
  EXPECT_GT(GcAt(At(0) + 9 * kDay).products.at(0).history_entries, 0);
  expect_all(results(), 3);
  EXPECT_EQ(Answer(results(), {.run_name = "run"}), answers[kStores]);
}

}  // namespace
}  // namespace stored::storage
