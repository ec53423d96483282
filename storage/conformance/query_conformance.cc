#include <fmt/format.h>

#include <utility>

#include "storage/conformance/conformance.h"

namespace stored::storage {
namespace {

constexpr int64_t kNoLimit = int64_t{1} << 40;

std::vector<std::string> HashesOf(const ReportPage& page) {
  std::vector<std::string> hashes;
  for (const StoredReport& report : page.reports) hashes.push_back(report.report.report_hash);
  return hashes;
}

reports::Report RichReport() {
  reports::Report report = MakeReport(0);
  report.location.file = 1;
  report.severity = reports::Severity::kHigh;
  report.message = std::string("bytes \xff") + '\0' + " kept";
  report.annotations = {{"testcase", "t1"}, {"timestamp", ""}};
  report.bug_path.events = {{{2, 1, 2}, "calling", 1, {{0, 1, 2, 3, 4}}},
                            {{1, 1, 5}, "here", 0, {}}};
  report.bug_path.positions = {{2, 9, 8, 7, 6}};
  report.bug_path.notes = {{{0, 3, 3}, "declared here", 0, {}}};
  report.bug_path.macro_expansions = {{{2, 4, 4}, "MAX", "((a) > (b))"}};
  report.review = {reports::ReviewStatus::kConfirmed, "see \xc3\xa4", true};
  return report;
}

// The report with every index replaced by the path it stands for.
std::string Spelled(const reports::Report& report, const std::vector<std::string>& files) {
  std::string text = files[report.location.file];
  const auto event = [&](const reports::BugPathEvent& e) {
    text += fmt::format("|{}:{}:{} {} {}", files[e.location.file], e.location.line,
                        e.location.column, e.message, e.depth);
    for (const reports::Range& r : e.ranges)
      text += fmt::format(" {}:{}", files[r.file], r.end_column);
  };
  for (const reports::BugPathEvent& e : report.bug_path.events) event(e);
  for (const reports::BugPathEvent& e : report.bug_path.notes) event(e);
  for (const reports::Range& r : report.bug_path.positions) {
    text += fmt::format("|{}:{}-{}", files[r.file], r.start_line, r.end_line);
  }
  for (const reports::MacroExpansion& m : report.bug_path.macro_expansions) {
    text += fmt::format("|{} {}={}", files[m.location.file], m.name, m.expansion);
  }
  return text;
}

TEST_P(StoreConformance, ListReports_EveryFieldComesBack) {
  ReportList list;
  list.files = {{"a.h", ""}, {"src/\xff.c", ""}, {"b.c", ""}};
  list.reports = {RichReport()};
  // So that files have other ids than places.
  IngestRequest other;
  other.run_name = "other";
  Ingest(MakeReports(1), other);
  Ingest(list);
  const ReportPage page = All("run", /*with_bug_path=*/true);
  ASSERT_EQ(page.reports.size(), 1U);
  const StoredReport& stored = page.reports[0];
  const reports::Report expected = RichReport();
  EXPECT_EQ(Spelled(stored.report, page.files), Spelled(expected, {"a.h", "src/\xff.c", "b.c"}));
  EXPECT_EQ(stored.report.report_hash, expected.report_hash);
  EXPECT_EQ(stored.report.checker_name, expected.checker_name);
  EXPECT_EQ(stored.report.analyzer_name, expected.analyzer_name);
  EXPECT_EQ(stored.report.category, expected.category);
  EXPECT_EQ(stored.report.type, expected.type);
  EXPECT_EQ(stored.report.message, expected.message);
  EXPECT_EQ(stored.report.severity, expected.severity);
  EXPECT_EQ(stored.report.location.line, expected.location.line);
  EXPECT_EQ(stored.report.location.column, expected.location.column);
  EXPECT_EQ(stored.report.annotations, expected.annotations);
  EXPECT_EQ(stored.report.review, expected.review);
  EXPECT_EQ(stored.bug_path_length, 2);
  EXPECT_EQ(stored.detected_at, At(2));
}

TEST_P(StoreConformance, ListReports_BugPathOnlyWhenAskedFor) {
  Ingest(MakeReports(1));
  EXPECT_TRUE(All("run", false).reports[0].report.bug_path.events.empty());
  EXPECT_EQ(All("run", false).reports[0].bug_path_length, 1);
  EXPECT_EQ(All("run", true).reports[0].report.bug_path.events.size(), 1U);
}

TEST_P(StoreConformance, ListReports_Pages_CoverAllInOrder) {
  Ingest(MakeReports(25));
  std::vector<std::string> seen;
  std::string token;
  int pages = 0;
  do {
    const absl::StatusOr<ReportPage> page =
        results().ListReports("run", {}, false, 10, kNoLimit, token);
    ASSERT_TRUE(page.ok()) << page.status();
    for (const std::string& hash : HashesOf(*page)) seen.push_back(hash);
    token = page->next_page_token;
    ++pages;
  } while (!token.empty());
  EXPECT_EQ(pages, 3);
  EXPECT_EQ(seen, HashesOf(All()));
  EXPECT_EQ(seen.size(), 25U);
}

TEST_P(StoreConformance, ListReports_LastPageFull_HasNoNext) {
  Ingest(MakeReports(10));
  EXPECT_EQ(results().ListReports("run", {}, false, 10, kNoLimit, "")->next_page_token, "");
  EXPECT_NE(results().ListReports("run", {}, false, 9, kNoLimit, "")->next_page_token, "");
}

TEST_P(StoreConformance, ListReports_LargeReports_EndPageEarlyButNeverEmpty) {
  ReportList list = MakeReports(3);
  for (reports::Report& report : list.reports) {
    report.bug_path.events[0].message += std::string(10'000, 'x');
  }
  Ingest(list);
  const auto sizes = [&](bool with_bug_path, int64_t max_bytes) {
    return results().ListReports("run", {}, with_bug_path, 100, max_bytes, "")->reports.size();
  };
  EXPECT_EQ(sizes(true, 25'000), 2U);
  EXPECT_EQ(sizes(true, 1), 1U);
  EXPECT_EQ(sizes(false, 25'000), 3U);
}

TEST_P(StoreConformance, ListReports_LongPathsCountTowardsThePage) {
  ReportList list = MakeReports(2);
  list.files[0].path = std::string(1000, 'p');
  for (reports::Report& report : list.reports) {
    for (int i = 0; i < 20; ++i) report.bug_path.positions.push_back({0, 1, 1, 1, 1});
  }
  Ingest(list);
  EXPECT_EQ(results().ListReports("run", {}, true, 100, 30'000, "")->reports.size(), 1U);
}

TEST_P(StoreConformance, ListReports_StoredIntoBetweenPages_Aborted) {
  Ingest(MakeReports(3));
  const std::string token =
      results().ListReports("run", {}, false, 1, kNoLimit, "")->next_page_token;
  EXPECT_TRUE(results().ListReports("run", {}, false, 1, kNoLimit, token).ok());
  IngestRequest other;
  other.run_name = "other";
  Ingest(MakeReports(3), other);
  EXPECT_TRUE(results().ListReports("run", {}, false, 1, kNoLimit, token).ok());
  Ingest(MakeReports(3));
  EXPECT_EQ(results().ListReports("run", {}, false, 1, kNoLimit, token).status().code(),
            absl::StatusCode::kAborted);
}

TEST_P(StoreConformance, ListReports_ForeignPageToken_Refused) {
  Ingest(MakeReports(3));
  const std::string token =
      results().ListReports("run", {}, false, 1, kNoLimit, "")->next_page_token;
  ReportFilter filter;
  filter.checker_names = {"core.*"};
  for (const std::string& bad : {token + "0", std::string("zz"), std::string("00")}) {
    EXPECT_EQ(results().ListReports("run", {}, false, 1, kNoLimit, bad).status().code(),
              absl::StatusCode::kInvalidArgument)
        << bad;
  }
  EXPECT_EQ(results().ListReports("run", filter, false, 1, kNoLimit, token).status().code(),
            absl::StatusCode::kInvalidArgument);
}

TEST_P(StoreConformance, ListReports_NoSuchRun_NamesIt) {
  const absl::Status status = results().ListReports("nightly", {}, false, 1, 1, "").status();
  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
  EXPECT_NE(status.message().find("nightly"), absl::string_view::npos);
}

TEST_P(StoreConformance, ListReports_GivenUp_EndsSoon) {
  Ingest(MakeReports(3000));
  ReportFilter filter;
  // Of 3,000 reports there are none.
  filter.report_hashes = {"x"};
  int asked = 0;
  filter.cancelled = [&asked] { return ++asked == 2; };
  EXPECT_EQ(results().ListReports("run", filter, false, 10, kNoLimit, "").status().code(),
            absl::StatusCode::kCancelled);
  EXPECT_EQ(asked, 2);
}

class FilterCase {
 public:
  explicit FilterCase(ProductResults& results) : results_(results) {}
  // Last hexadecimal digits of the hashes that the filter lets through.
  std::string Through(const ReportFilter& filter) {
    const absl::StatusOr<ReportPage> page =
        results_.ListReports("run", filter, false, 100, kNoLimit, "");
    if (!page.ok()) return std::string(page.status().message());
    std::string digits;
    for (const std::string& hash : HashesOf(*page)) digits += hash.back();
    return digits;
  }

 private:
  ProductResults& results_;
};

TEST_P(StoreConformance, ListReports_Filters) {
  ReportList list;
  list.files = {{"src/a.c", ""}, {"lib/b.c", ""}};
  list.reports = {MakeReport(0, 0, "core.A"), MakeReport(1, 0, "core.B"),
                  MakeReport(2, 0, "bugprone-x")};
  list.reports[1].location.file = 1;
  list.reports[1].severity = reports::Severity::kHigh;
  list.reports[2].analyzer_name = "clang-tidy";
  list.reports[2].review = {reports::ReviewStatus::kFalsePositive, "no", false};
  Ingest(list);
  list.reports.pop_back();
  list.reports.push_back(MakeReport(3, 0, "core.A"));
  Ingest(list);  // 0 and 1 unresolved, 2 resolved, 3 new

  FilterCase filters(results());
  EXPECT_EQ(filters.Through({}), "0123");
  EXPECT_EQ(filters.Through({.checker_names = {"core.*"}}), "013");
  EXPECT_EQ(filters.Through({.checker_names = {"core.B", "bug*"}}), "12");
  EXPECT_EQ(filters.Through({.file_paths = {"lib/*"}}), "1");
  EXPECT_EQ(filters.Through({.file_paths = {"*.c"}}), "0123");
  EXPECT_EQ(filters.Through({.file_paths = {"*.h"}}), "");
  EXPECT_EQ(filters.Through({.analyzer_names = {"clang-tidy"}}), "2");
  EXPECT_EQ(filters.Through({.analyzer_names = {"unknown"}}), "");
  EXPECT_EQ(filters.Through({.report_hashes = {HashOf(1), HashOf(3)}}), "13");
  EXPECT_EQ(filters.Through({.report_hashes = {HashOf(0).substr(0, 20)}}), "0123");
  EXPECT_EQ(filters.Through({.severities = {reports::Severity::kHigh}}), "1");
  EXPECT_EQ(filters.Through({.detection_statuses = {DetectionStatus::kNew}}), "3");
  EXPECT_EQ(filters.Through({.detection_statuses = {DetectionStatus::kUnresolved}}), "01");
  EXPECT_EQ(
      filters.Through({.detection_statuses = {DetectionStatus::kResolved, DetectionStatus::kNew}}),
      "23");
  EXPECT_EQ(filters.Through({.review_statuses = {reports::ReviewStatus::kFalsePositive}}), "2");
  EXPECT_EQ(filters.Through({.checker_names = {"core.*"}, .file_paths = {"src/*"}}), "03");
  EXPECT_EQ(filters.Through({.report_hashes = {HashOf(1)},
                             .detection_statuses = {DetectionStatus::kUnresolved},
                             .review_statuses = {reports::ReviewStatus::kUnreviewed}}),
            "1");
  list.reports.push_back(MakeReport(2, 0, "bugprone-x"));
  list.reports.back().analyzer_name = "clang-tidy";
  Ingest(list);  // 0, 1 and 3 unresolved, 2 reopened
  EXPECT_EQ(filters.Through({.detection_statuses = {DetectionStatus::kReopened}}), "2");
  EXPECT_EQ(filters.Through({.detection_statuses = {DetectionStatus::kNew}}), "");
  EXPECT_EQ(filters.Through({.severities = {reports::Severity::kUnspecified}}), "023");
}

TEST_P(StoreConformance, ListReports_SeverityNotStated_IsThatOfTheChecker) {
  ReportList list = MakeReports(0);
  list.reports = {MakeReport(0, 0, "core.DivideZero"),
                  MakeReport(1, 0, "clang-diagnostic-dangling-brand-new"),
                  MakeReport(2, 0, "clang-diagnostic-brand-new"), MakeReport(3, 0, "my.checker"),
                  MakeReport(4, 0, "debug.DumpCFG")};
  list.reports[1].analyzer_name = list.reports[2].analyzer_name = "clang-tidy";
  Ingest(list);
  FilterCase filters(results());
  EXPECT_EQ(filters.Through({.severities = {reports::Severity::kHigh}}), "01");
  EXPECT_EQ(filters.Through({.severities = {reports::Severity::kMedium}}), "2");
  EXPECT_EQ(filters.Through({.severities = {reports::Severity::kUnspecified}}), "34");
  EXPECT_EQ(filters.Through({.severities = {reports::Severity::kLow}}), "");
  EXPECT_EQ(filters.Through(
                {.severities = {reports::Severity::kMedium, reports::Severity::kUnspecified}}),
            "234");
  EXPECT_EQ(
      filters.Through({.checker_names = {"core.*"}, .severities = {reports::Severity::kHigh}}),
      "0");
  EXPECT_EQ(Find(0).report.severity, reports::Severity::kHigh);
  EXPECT_EQ(Find(1).report.severity, reports::Severity::kHigh);
  EXPECT_EQ(Find(2).report.severity, reports::Severity::kMedium);
  EXPECT_EQ(Find(3).report.severity, reports::Severity::kUnspecified);
}

TEST_P(StoreConformance, ListReports_FilteredBySeverity_PagesCoverAll) {
  ReportList list = MakeReports(50);
  for (size_t i = 0; i < list.reports.size(); ++i) {
    list.reports[i].checker_name = i % 3 == 0 ? "core.DivideZero" : "my.checker";
  }
  Ingest(list);
  ReportFilter filter;
  filter.severities = {reports::Severity::kHigh};
  std::string token;
  size_t seen = 0;
  do {
    const absl::StatusOr<ReportPage> page =
        results().ListReports("run", filter, false, 5, kNoLimit, token);
    ASSERT_TRUE(page.ok()) << page.status();
    for (const StoredReport& report : page->reports) {
      EXPECT_EQ(report.report.checker_name, "core.DivideZero");
    }
    seen += page->reports.size();
    token = page->next_page_token;
  } while (!token.empty());
  EXPECT_EQ(seen, 17U);
}

TEST_P(StoreConformance, ListReports_AnalyzerNotKnown_IsUnknown) {
  ReportList list = MakeReports(3);
  list.reports[0].analyzer_name = "";
  list.reports[1].analyzer_name = "unknown";
  Ingest(list);
  EXPECT_EQ(Find(0).report.analyzer_name, "unknown");
  FilterCase filters(results());
  EXPECT_EQ(filters.Through({.analyzer_names = {"unknown"}}), "01");
  EXPECT_EQ(filters.Through({.analyzer_names = {"clangsa"}}), "2");
  EXPECT_EQ(filters.Through({.analyzer_names = {"*"}}), "012");
}

TEST_P(StoreConformance, ListReports_OtherFilter_OtherPageToken) {
  Ingest(MakeReports(3));
  const std::string token =
      results().ListReports("run", {}, false, 1, kNoLimit, "")->next_page_token;
  for (const ReportFilter& filter :
       {ReportFilter{.without_file = true}, ReportFilter{.logical_locations = {"*"}},
        ReportFilter{.severities = {reports::Severity::kHigh}}}) {
    EXPECT_EQ(results().ListReports("run", filter, false, 1, kNoLimit, token).status().code(),
              absl::StatusCode::kInvalidArgument);
  }
}

reports::Report WithSeverity(reports::Report report, reports::Severity severity,
                             bool is_default = false) {
  report.severity = severity;
  report.severity_is_default = is_default;
  return report;
}

TEST_P(StoreConformance, ListReports_SeverityStatedThenOfTheCheckerThenDefault) {
  ReportList list = MakeReports(0);
  list.reports = {
      WithSeverity(MakeReport(0, 0, "core.DivideZero"), reports::Severity::kLow),
      WithSeverity(MakeReport(1, 0, "core.DivideZero"), reports::Severity::kMedium, true),
      WithSeverity(MakeReport(2, 0, "my.checker"), reports::Severity::kMedium, true),
      WithSeverity(MakeReport(3, 0, "my.checker"), reports::Severity::kCritical),
      // One checker, whatever the format says of it.
      MakeReport(4, 0, "core.DivideZero"), MakeReport(5, 0, "my.checker")};
  Ingest(list);
  FilterCase filters(results());
  EXPECT_EQ(filters.Through({.severities = {reports::Severity::kLow}}), "0");
  EXPECT_EQ(filters.Through({.severities = {reports::Severity::kHigh}}), "14");
  EXPECT_EQ(filters.Through({.severities = {reports::Severity::kMedium}}), "2");
  EXPECT_EQ(filters.Through({.severities = {reports::Severity::kCritical}}), "3");
  EXPECT_EQ(filters.Through({.severities = {reports::Severity::kUnspecified}}), "5");
  EXPECT_EQ(Find(0).report.severity, reports::Severity::kLow);
  EXPECT_EQ(Find(1).report.severity, reports::Severity::kHigh);
  EXPECT_EQ(Find(2).report.severity, reports::Severity::kMedium);
}

TEST_P(StoreConformance, ListReports_WithoutFile_FoundByWhatTheyAreAbout) {
  ReportList list;
  list.files = {{"src/a.c", ""}, {"", ""}};
  list.reports = {MakeReport(0), MakeReport(1), MakeReport(2), MakeReport(3)};
  list.reports[1].logical_location = "pkg::Class::method";
  for (const size_t i : {2, 3}) list.reports[i].location = {1, 0, 0};
  list.reports[2].logical_location = "pkg::main";
  list.reports[3].logical_location = "image:latest";
  Ingest(list);
  const ReportPage all = All();
  ASSERT_EQ(all.reports.size(), 4U);
  EXPECT_EQ(all.files[all.reports[3].report.location.file], "");
  EXPECT_EQ(all.reports[3].report.logical_location, "image:latest");
  EXPECT_EQ(all.reports[1].report.logical_location, "pkg::Class::method");

  FilterCase filters(results());
  EXPECT_EQ(filters.Through({.file_paths = {"*"}}), "01");
  EXPECT_EQ(filters.Through({.file_paths = {"*.c", ""}}), "01");
  EXPECT_EQ(filters.Through({.without_file = true}), "23");
  EXPECT_EQ(filters.Through({.file_paths = {"src/*"}, .without_file = true}), "0123");
  EXPECT_EQ(filters.Through({.file_paths = {"lib/*"}, .without_file = true}), "23");
  EXPECT_EQ(filters.Through({.logical_locations = {"pkg::*"}}), "12");
  EXPECT_EQ(filters.Through({.logical_locations = {"*"}}), "123");
  EXPECT_EQ(filters.Through({.logical_locations = {"image:*", "pkg::main"}}), "23");
  EXPECT_EQ(filters.Through({.logical_locations = {"pkg"}}), "");
  EXPECT_EQ(filters.Through({.without_file = true, .logical_locations = {"pkg::*"}}), "2");
}

TEST_P(StoreConformance, ListReports_LongLogicalLocations_GivenUp) {
  ReportList list = MakeReports(20);
  for (reports::Report& report : list.reports) report.logical_location = std::string(100'000, 'a');
  Ingest(list);
  ReportFilter filter;
  filter.logical_locations = {"*b", "*c", "*d"};
  int asked = 0;
  filter.cancelled = [&asked] { return ++asked == 2; };
  EXPECT_EQ(results().ListReports("run", filter, false, 10, kNoLimit, "").status().code(),
            absl::StatusCode::kCancelled);
  EXPECT_EQ(asked, 2);
}

TEST_P(StoreConformance, ListRuns_ByNameInPages) {
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

TEST_P(StoreConformance, ListRuns_Summary) {
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

TEST_P(StoreConformance, Analyzer_NotSaid_IsUnknownAndCanBeFilteredFor) {
  ReportList list = MakeReports(2);
  list.reports[1].analyzer_name = "";
  Ingest(list);
  EXPECT_EQ(Find(1).report.analyzer_name, "unknown");
  for (const char* pattern : {"unknown", "unk*"}) {
    const absl::StatusOr<ReportPage> page =
        results().ListReports("run", {.analyzer_names = {pattern}}, false, 10, kNoLimit, "");
    ASSERT_TRUE(page.ok()) << page.status();
    EXPECT_EQ(HashesOf(*page), std::vector<std::string>{HashOf(1)}) << pattern;
  }
}

TEST_P(StoreConformance, Report_LongNames_AreStoredWhole) {
  const std::string checker(4096, 'c');
  const std::string text(size_t{200} << 10, 't');
  ReportList list = MakeReports(1);
  list.reports[0].checker_name = checker;
  list.reports[0].category = list.reports[0].type = text;
  Ingest(list);
  const StoredReport stored = Find(0);
  EXPECT_EQ(stored.report.checker_name, checker);
  EXPECT_EQ(stored.report.category, text);
  EXPECT_EQ(stored.report.type, text);
  EXPECT_EQ(
      results().ListReports("run", {.checker_names = {checker}}, false, 10, 1, "")->reports.size(),
      1U);
}

TEST_P(StoreConformance, FilesThatWereNotAnalysed_InTheResultAndTheNewestStoreOfTheRun) {
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

// Bundles of older clients have no counts.
TEST_P(StoreConformance, FilesThatWereNotAnalysed_NotCounted_AsTheAnalysesSay) {
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
