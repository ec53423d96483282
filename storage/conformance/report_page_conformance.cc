#include <fmt/format.h>

#include <utility>

#include "storage/conformance/conformance.h"

// Pages of reports: the fields of a report, the order, where a page ends, page tokens.
namespace stored::storage {
namespace {

std::vector<std::string> HashesOf(const ReportPage& page) {
  std::vector<std::string> hashes;
  for (const reports::StoredReport& report : page.reports)
    hashes.push_back(report.report.report_hash);
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

// Returns the report's places as text, with paths in place of file indices.
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

TEST_P(BackendConformance, ListReports_EveryFieldComesBack) {
  ReportList list;
  list.files = {{"a.h", ""}, {"src/\xff.c", ""}, {"b.c", ""}};
  list.reports = {RichReport()};
  // Gives the files of the next ingest ids that differ from their indices.
  IngestRequest other;
  other.run_name = "other";
  Ingest(MakeReports(1), other);
  Ingest(list);
  const ReportPage page = All("run", /*with_bug_path=*/true);
  ASSERT_EQ(page.reports.size(), 1U);
  const reports::StoredReport& stored = page.reports[0];
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

TEST_P(BackendConformance, ListReports_BugPathOnlyWhenAskedFor) {
  Ingest(MakeReports(1));
  EXPECT_TRUE(All("run", false).reports[0].report.bug_path.events.empty());
  EXPECT_EQ(All("run", false).reports[0].bug_path_length, 1);
  EXPECT_EQ(All("run", true).reports[0].report.bug_path.events.size(), 1U);
}

TEST_P(BackendConformance, ListReports_Pages_CoverAllInOrder) {
  Ingest(MakeReports(25));
  std::vector<std::string> seen;
  std::string token;
  int pages = 0;
  do {
    const absl::StatusOr<ReportPage> page = List({.page_size = 10, .page_token = token});
    ASSERT_TRUE(page.ok()) << page.status();
    for (const std::string& hash : HashesOf(*page)) seen.push_back(hash);
    token = page->next_page_token;
    ++pages;
  } while (!token.empty());
  EXPECT_EQ(pages, 3);
  EXPECT_EQ(seen, HashesOf(All()));
  EXPECT_EQ(seen.size(), 25U);
}

TEST_P(BackendConformance, ListReports_LastPageFull_HasNoNext) {
  Ingest(MakeReports(10));
  EXPECT_EQ(List({.page_size = 10})->next_page_token, "");
  EXPECT_NE(List({.page_size = 9})->next_page_token, "");
}

TEST_P(BackendConformance, ListReports_LargeReports_EndPageEarlyButNeverEmpty) {
  ReportList list = MakeReports(3);
  for (reports::Report& report : list.reports) {
    report.bug_path.events[0].message += std::string(10'000, 'x');
  }
  Ingest(list);
  const auto sizes = [&](bool with_bug_path, int64_t max_bytes) {
    return List({.with_bug_path = with_bug_path, .page_size = 100, .max_page_bytes = max_bytes})
        ->reports.size();
  };
  EXPECT_EQ(sizes(true, 25'000), 2U);
  EXPECT_EQ(sizes(true, 1), 1U);
  EXPECT_EQ(sizes(false, 25'000), 3U);
}

TEST_P(BackendConformance, ListReports_LongPathsCountTowardsThePage) {
  ReportList list = MakeReports(2);
  list.files[0].path = std::string(1000, 'p');
  for (reports::Report& report : list.reports) {
    for (int i = 0; i < 20; ++i) report.bug_path.positions.push_back({0, 1, 1, 1, 1});
  }
  Ingest(list);
  EXPECT_EQ(
      List({.with_bug_path = true, .page_size = 100, .max_page_bytes = 30'000})->reports.size(),
      1U);
}

TEST_P(BackendConformance, ListReports_StoredIntoBetweenPages_Aborted) {
  Ingest(MakeReports(3));
  const std::string token = List({.page_size = 1})->next_page_token;
  EXPECT_TRUE(List({.page_size = 1, .page_token = token}).ok());
  IngestRequest other;
  other.run_name = "other";
  Ingest(MakeReports(3), other);
  EXPECT_TRUE(List({.page_size = 1, .page_token = token}).ok());
  Ingest(MakeReports(3));
  EXPECT_EQ(List({.page_size = 1, .page_token = token}).status().code(),
            absl::StatusCode::kAborted);
}

TEST_P(BackendConformance, ListReports_ForeignPageToken_Refused) {
  Ingest(MakeReports(3));
  const std::string token = List({.page_size = 1})->next_page_token;
  const reports::ReportFilter filter = {.checker_names = {"core.*"}};
  for (const std::string& bad : {token + "0", std::string("zz"), std::string("00")}) {
    EXPECT_EQ(List({.page_size = 1, .page_token = bad}).status().code(),
              absl::StatusCode::kInvalidArgument)
        << bad;
  }
  EXPECT_EQ(List({.filter = filter, .page_size = 1, .page_token = token}).status().code(),
            absl::StatusCode::kInvalidArgument);
}

TEST_P(BackendConformance, ListReports_NoSuchRun_NamesIt) {
  const absl::Status status = List({.run_name = "nightly"}).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
  EXPECT_NE(status.message().find("nightly"), absl::string_view::npos);
}

TEST_P(BackendConformance, ListReports_Cancelled_EndsSoon) {
  Ingest(MakeReports(3000));
  // Matches none of the 3,000 reports.
  const reports::ReportFilter none = {.report_hashes = {"x"}};
  int polls = 0;
  const auto cancelled = [&polls] { return ++polls == 2; };
  EXPECT_EQ(List({.filter = none, .cancelled = cancelled}).status().code(),
            absl::StatusCode::kCancelled);
  EXPECT_EQ(polls, 2);
}

TEST_P(BackendConformance, ListReports_OtherFilter_OtherPageToken) {
  Ingest(MakeReports(3));
  const std::string token = List({.page_size = 1})->next_page_token;
  using reports::ReportFilter;
  for (const ReportFilter& filter :
       {ReportFilter{.without_file = true}, ReportFilter{.logical_locations = {"*"}},
        ReportFilter{.severities = {reports::Severity::kHigh}}}) {
    EXPECT_EQ(List({.filter = filter, .page_size = 1, .page_token = token}).status().code(),
              absl::StatusCode::kInvalidArgument);
  }
}

TEST_P(BackendConformance, ListReports_LongNames_AreStoredWhole) {
  const std::string checker(4096, 'c');
  const std::string text(size_t{200} << 10, 't');
  ReportList list = MakeReports(1);
  list.reports[0].checker_name = checker;
  list.reports[0].category = list.reports[0].type = text;
  Ingest(list);
  const reports::StoredReport stored = Find(0);
  EXPECT_EQ(stored.report.checker_name, checker);
  EXPECT_EQ(stored.report.category, text);
  EXPECT_EQ(stored.report.type, text);
  EXPECT_EQ(List({.filter = {.checker_names = {checker}}, .max_page_bytes = 1})->reports.size(),
            1U);
}

}  // namespace
}  // namespace stored::storage
