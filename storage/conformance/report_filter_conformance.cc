#include <fmt/format.h>

#include <random>
#include <set>
#include <string>
#include <vector>

#include "reports/report_filter.h"
#include "storage/conformance/conformance.h"

// Report filters: every backend selects the reports for which ReportFilter::Matches returns true.
namespace stored::storage {
namespace {

using reports::DetectionStatus;
using reports::ReportFilter;
using reports::ReviewStatus;
using reports::Severity;
using reports::StoredReport;

TEST_P(BackendConformance, ListReports_Filters_SelectReports) {
  ReportList list;
  list.files = {{"src/a.c", ""}, {"lib/b.c", ""}};
  list.reports = {MakeReport(0, 0, "core.A"), MakeReport(1, 0, "core.B"),
                  MakeReport(2, 0, "bugprone-x")};
  list.reports[1].location.file = 1;
  list.reports[1].severity = Severity::kHigh;
  list.reports[2].analyzer_name = "clang-tidy";
  list.reports[2].review = {ReviewStatus::kFalsePositive, "no", false};
  Ingest(list);
  list.reports.pop_back();
  list.reports.push_back(MakeReport(3, 0, "core.A"));
  Ingest(list);  // 0 and 1 unresolved, 2 resolved, 3 new

  EXPECT_EQ(Selected({}), "0123");
  EXPECT_EQ(Selected({.checker_names = {"core.*"}}), "013");
  EXPECT_EQ(Selected({.checker_names = {"core.B", "bug*"}}), "12");
  EXPECT_EQ(Selected({.file_paths = {"lib/*"}}), "1");
  EXPECT_EQ(Selected({.file_paths = {"*.c"}}), "0123");
  EXPECT_EQ(Selected({.file_paths = {"*.h"}}), "");
  EXPECT_EQ(Selected({.analyzer_names = {"clang-tidy"}}), "2");
  EXPECT_EQ(Selected({.analyzer_names = {"unknown"}}), "");
  EXPECT_EQ(Selected({.report_hashes = {HashOf(1), HashOf(3)}}), "13");
  EXPECT_EQ(Selected({.report_hashes = {HashOf(0).substr(0, 20)}}), "0123");
  EXPECT_EQ(Selected({.severities = {Severity::kHigh}}), "1");
  EXPECT_EQ(Selected({.detection_statuses = {DetectionStatus::kNew}}), "3");
  EXPECT_EQ(Selected({.detection_statuses = {DetectionStatus::kUnresolved}}), "01");
  EXPECT_EQ(Selected({.detection_statuses = {DetectionStatus::kResolved, DetectionStatus::kNew}}),
            "23");
  EXPECT_EQ(Selected({.review_statuses = {ReviewStatus::kFalsePositive}}), "2");
  EXPECT_EQ(Selected({.checker_names = {"core.*"}, .file_paths = {"src/*"}}), "03");
  EXPECT_EQ(Selected({.report_hashes = {HashOf(1)},
                      .detection_statuses = {DetectionStatus::kUnresolved},
                      .review_statuses = {ReviewStatus::kUnreviewed}}),
            "1");
  list.reports.push_back(MakeReport(2, 0, "bugprone-x"));
  list.reports.back().analyzer_name = "clang-tidy";
  Ingest(list);  // 0, 1 and 3 unresolved, 2 reopened
  EXPECT_EQ(Selected({.detection_statuses = {DetectionStatus::kReopened}}), "2");
  EXPECT_EQ(Selected({.detection_statuses = {DetectionStatus::kNew}}), "");
  EXPECT_EQ(Selected({.severities = {Severity::kUnspecified}}), "023");
}

TEST_P(BackendConformance, ListReports_SeverityNotStated_IsThatOfTheChecker) {
  ReportList list = MakeReports(0);
  list.reports = {MakeReport(0, 0, "core.DivideZero"),
                  MakeReport(1, 0, "clang-diagnostic-dangling-brand-new"),
                  MakeReport(2, 0, "clang-diagnostic-brand-new"), MakeReport(3, 0, "my.checker"),
                  MakeReport(4, 0, "debug.DumpCFG")};
  list.reports[1].analyzer_name = list.reports[2].analyzer_name = "clang-tidy";
  Ingest(list);
  EXPECT_EQ(Selected({.severities = {Severity::kHigh}}), "01");
  EXPECT_EQ(Selected({.severities = {Severity::kMedium}}), "2");
  EXPECT_EQ(Selected({.severities = {Severity::kUnspecified}}), "34");
  EXPECT_EQ(Selected({.severities = {Severity::kLow}}), "");
  EXPECT_EQ(Selected({.severities = {Severity::kMedium, Severity::kUnspecified}}), "234");
  EXPECT_EQ(Selected({.checker_names = {"core.*"}, .severities = {Severity::kHigh}}), "0");
  EXPECT_EQ(Find(0).report.severity, Severity::kHigh);
  EXPECT_EQ(Find(1).report.severity, Severity::kHigh);
  EXPECT_EQ(Find(2).report.severity, Severity::kMedium);
  EXPECT_EQ(Find(3).report.severity, Severity::kUnspecified);
}

TEST_P(BackendConformance, ListReports_FilteredBySeverity_PagesCoverAll) {
  ReportList list = MakeReports(50);
  for (size_t i = 0; i < list.reports.size(); ++i) {
    list.reports[i].checker_name = i % 3 == 0 ? "core.DivideZero" : "my.checker";
  }
  Ingest(list);
  ReportFilter filter;
  filter.severities = {Severity::kHigh};
  std::string token;
  size_t seen = 0;
  do {
    const absl::StatusOr<ReportPage> page =
        List({.filter = filter, .page_size = 5, .page_token = token});
    ASSERT_TRUE(page.ok()) << page.status();
    for (const StoredReport& report : page->reports) {
      EXPECT_EQ(report.report.checker_name, "core.DivideZero");
    }
    seen += page->reports.size();
    token = page->next_page_token;
  } while (!token.empty());
  EXPECT_EQ(seen, 17U);
}

TEST_P(BackendConformance, ListReports_AnalyzerNotKnown_IsUnknown) {
  ReportList list = MakeReports(3);
  list.reports[0].analyzer_name = "";
  list.reports[1].analyzer_name = "unknown";
  Ingest(list);
  EXPECT_EQ(Find(0).report.analyzer_name, "unknown");
  EXPECT_EQ(Selected({.analyzer_names = {"unknown"}}), "01");
  EXPECT_EQ(Selected({.analyzer_names = {"clangsa"}}), "2");
  EXPECT_EQ(Selected({.analyzer_names = {"*"}}), "012");
}

reports::Report WithSeverity(reports::Report report, Severity severity, bool is_default = false) {
  report.severity = severity;
  report.severity_is_default = is_default;
  return report;
}

TEST_P(BackendConformance, ListReports_SeverityStatedThenOfTheCheckerThenDefault) {
  ReportList list = MakeReports(0);
  list.reports = {WithSeverity(MakeReport(0, 0, "core.DivideZero"), Severity::kLow),
                  WithSeverity(MakeReport(1, 0, "core.DivideZero"), Severity::kMedium, true),
                  WithSeverity(MakeReport(2, 0, "my.checker"), Severity::kMedium, true),
                  WithSeverity(MakeReport(3, 0, "my.checker"), Severity::kCritical),
                  // The same checkers again, without a severity from the format.
                  MakeReport(4, 0, "core.DivideZero"), MakeReport(5, 0, "my.checker")};
  Ingest(list);
  EXPECT_EQ(Selected({.severities = {Severity::kLow}}), "0");
  EXPECT_EQ(Selected({.severities = {Severity::kHigh}}), "14");
  EXPECT_EQ(Selected({.severities = {Severity::kMedium}}), "2");
  EXPECT_EQ(Selected({.severities = {Severity::kCritical}}), "3");
  EXPECT_EQ(Selected({.severities = {Severity::kUnspecified}}), "5");
  EXPECT_EQ(Find(0).report.severity, Severity::kLow);
  EXPECT_EQ(Find(1).report.severity, Severity::kHigh);
  EXPECT_EQ(Find(2).report.severity, Severity::kMedium);
}

TEST_P(BackendConformance, ListReports_WithoutFile_FoundByLogicalLocation) {
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

  EXPECT_EQ(Selected({.file_paths = {"*"}}), "01");
  EXPECT_EQ(Selected({.file_paths = {"*.c", ""}}), "01");
  EXPECT_EQ(Selected({.without_file = true}), "23");
  EXPECT_EQ(Selected({.file_paths = {"src/*"}, .without_file = true}), "0123");
  EXPECT_EQ(Selected({.file_paths = {"lib/*"}, .without_file = true}), "23");
  EXPECT_EQ(Selected({.logical_locations = {"pkg::*"}}), "12");
  EXPECT_EQ(Selected({.logical_locations = {"*"}}), "123");
  EXPECT_EQ(Selected({.logical_locations = {"image:*", "pkg::main"}}), "23");
  EXPECT_EQ(Selected({.logical_locations = {"pkg"}}), "");
  EXPECT_EQ(Selected({.without_file = true, .logical_locations = {"pkg::*"}}), "2");
}

TEST_P(BackendConformance, ListReports_LongLogicalLocations_Cancelled) {
  ReportList list = MakeReports(20);
  for (reports::Report& report : list.reports) report.logical_location = std::string(100'000, 'a');
  Ingest(list);
  int polls = 0;
  EXPECT_EQ(List({.filter = {.logical_locations = {"*b", "*c", "*d"}},
                  .cancelled = [&polls] { return ++polls == 2; }})
                .status()
                .code(),
            absl::StatusCode::kCancelled);
  EXPECT_EQ(polls, 2);
}

TEST_P(BackendConformance, ListReports_AnalyzerMissing_FoundAsUnknown) {
  ReportList list = MakeReports(2);
  list.reports[1].analyzer_name = "";
  Ingest(list);
  EXPECT_EQ(Find(1).report.analyzer_name, "unknown");
  for (const char* pattern : {"unknown", "unk*"}) {
    EXPECT_EQ(Selected({.analyzer_names = {pattern}}), "1") << pattern;
  }
}

// Makes reports and filters whose fields have random values from short lists. The values are the
// same in every run of the test.
class FilterSamples {
 public:
  static constexpr int kReports = 200;

  // Returns report number `i`. Numbers whose remainder of 5 is 2 or 4 are for reports that end
  // closed, and may have checkers that end off or unavailable.
  reports::Report MakeSample(int i) {
    const bool closed = i % 5 == 2 || i % 5 == 4;
    reports::Report report = MakeReport(i, 0, Pick(closed ? kClosedCheckers : kCheckers));
    if (i % 7 == 0) report.report_hash = fmt::format("Hash {}", i);
    report.analyzer_name = Pick(kAnalyzers);
    report.location = {static_cast<reports::FileIndex>(Number(kFiles.size())), 1, 1};
    report.severity = static_cast<Severity>(Number(6));
    report.severity_is_default = Number(3) == 0;
    report.logical_location = Pick(kLogicalLocations);
    report.review.status = static_cast<ReviewStatus>(1 + Number(4));
    return report;
  }

  ReportFilter MakeFilter() {
    ReportFilter filter;
    Choose(kCheckerPatterns, filter.checker_names);
    Choose(kAnalyzerPatterns, filter.analyzer_names);
    Choose(kFilePatterns, filter.file_paths);
    filter.without_file = Number(4) == 0;
    Choose(kLogicalLocationPatterns, filter.logical_locations);
    Choose(kHashPrefixes, filter.report_hashes);
    Choose(kSeverities, filter.severities);
    Choose(kDetectionStatuses, filter.detection_statuses);
    Choose(kReviewStatuses, filter.review_statuses);
    return filter;
  }

  static std::vector<reports::SourceFile> Files() {
    std::vector<reports::SourceFile> files;
    for (const std::string& path : kFiles) files.push_back({path, ""});
    return files;
  }

 private:
  using Strings = std::vector<std::string>;

  static inline const Strings kCheckers = {"core.DivideZero", "my.checker", "clang-diagnostic-new"};
  static inline const Strings kClosedCheckers = {"core.DivideZero", "off.checker", "gone.checker"};
  static inline const Strings kAnalyzers = {"clangsa", "clang-tidy", "", "unknown"};
  static inline const Strings kFiles = {"src/a.c", "src/sub/b.h", "lib/\xff.c", ""};
  static inline const Strings kLogicalLocations = {"", "pkg::f", "pkg::Class::f"};
  static inline const Strings kCheckerPatterns = {"core.*", "*.checker", "my.checker", "x"};
  static inline const Strings kAnalyzerPatterns = {"clang*", "unknown", "clangsa", "*"};
  static inline const Strings kFilePatterns = {"src/*", "*.c", "*", ""};
  static inline const Strings kLogicalLocationPatterns = {"pkg::*", "*", "pkg::?", "pkg"};
  static inline const Strings kHashPrefixes = {"0", HashOf(7), HashOf(0).substr(0, 30), "Hash 1"};
  static inline const std::vector<Severity> kSeverities = {
      Severity::kUnspecified, Severity::kStyle, Severity::kLow,
      Severity::kMedium,      Severity::kHigh,  Severity::kCritical};
  static inline const std::vector<DetectionStatus> kDetectionStatuses = {
      DetectionStatus::kNew,      DetectionStatus::kUnresolved, DetectionStatus::kReopened,
      DetectionStatus::kResolved, DetectionStatus::kOff,        DetectionStatus::kUnavailable};
  static inline const std::vector<ReviewStatus> kReviewStatuses = {
      ReviewStatus::kUnreviewed, ReviewStatus::kConfirmed, ReviewStatus::kFalsePositive,
      ReviewStatus::kIntentional};

  size_t Number(size_t end) { return random_() % end; }
  const std::string& Pick(const Strings& values) { return values[Number(values.size())]; }
  // Sets `list` to some of the values; leaves it empty in two of three cases.
  template <typename T>
  void Choose(const std::vector<T>& values, std::vector<T>& list) {
    if (Number(3) != 0) return;
    const size_t count = 1 + Number(values.size());
    for (size_t i = 0; i < count; ++i) list.push_back(values[Number(values.size())]);
  }

  std::mt19937 random_;
};

std::vector<int64_t> IdsOf(const ReportPage& page) {
  std::vector<int64_t> ids;
  for (const StoredReport& stored : page.reports) ids.push_back(stored.id);
  return ids;
}

// Returns the reports of `all` for which Matches() returns true.
std::vector<int64_t> Matching(const ReportPage& all, const ReportFilter& filter) {
  std::vector<int64_t> ids;
  for (const StoredReport& stored : all.reports) {
    if (filter.Matches(stored, all.files[stored.report.location.file])) ids.push_back(stored.id);
  }
  return ids;
}

TEST_P(BackendConformance, ListReports_ManyFilters_SelectTheReportsThatMatch) {
  FilterSamples samples;
  std::vector<reports::Report> reports;
  reports.reserve(FilterSamples::kReports);
  for (int i = 0; i < FilterSamples::kReports; ++i) reports.push_back(samples.MakeSample(i));
  // Ingests the reports whose numbers have one of these remainders of 5.
  const auto ingest = [&](const std::set<int>& remainders) {
    ReportList list;
    list.files = FilterSamples::Files();
    list.analyses = {MakeAnalysis({{"core.DivideZero", true}, {"off.checker", false}})};
    for (int i = 0; i < FilterSamples::kReports; ++i) {
      if (remainders.contains(i % 5)) list.reports.push_back(reports[static_cast<size_t>(i)]);
    }
    Ingest(list);
  };
  ingest({1, 2, 3, 4});
  ingest({1, 2});
  // Now 0 is new, 1 unresolved, 3 reopened, and 2 and 4 are closed.
  ingest({0, 1, 3});

  const ReportPage all = All();
  ASSERT_EQ(all.reports.size(), reports.size());
  for (const char letter : std::string("NURCOA")) {
    EXPECT_NE(Statuses().find(letter), std::string::npos) << letter;
  }
  int some = 0;
  for (int i = 0; i < 500; ++i) {
    const ReportFilter filter = samples.MakeFilter();
    const absl::StatusOr<ReportPage> page = List({.filter = filter});
    ASSERT_TRUE(page.ok()) << page.status();
    const std::vector<int64_t> expected = Matching(all, filter);
    ASSERT_EQ(IdsOf(*page), expected) << "filter " << i;
    if (!expected.empty() && expected.size() < reports.size()) ++some;
  }
  EXPECT_GT(some, 100) << "too few filters select some reports but not all";
}

}  // namespace
}  // namespace stored::storage
