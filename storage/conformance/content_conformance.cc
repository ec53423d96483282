#include <utility>

#include "storage/conformance/conformance.h"

// The content of a report, which is that of the newest store.
namespace stored::storage {
namespace {

ReportList One(reports::Report report) {
  ReportList list = MakeReports(0);
  list.files.push_back({"src/b.c", ""});
  list.reports.push_back(std::move(report));
  return list;
}

// Returns the same report with every field changed that does not identify it.
reports::Report Changed() {
  reports::Report report = MakeReport(0);
  report.analyzer_name = "clang-tidy";
  report.category = "Another category";
  report.type = "Another type";
  report.message = "worded differently";
  report.severity = reports::Severity::kHigh;
  report.location = {1, 77, 9};
  report.logical_location = "ns::f";
  report.bug_path.events[0].ranges = {{1, 5, 6, 7, 8}};
  report.bug_path.events[0].depth = 2;
  report.bug_path.positions = {{0, 1, 2, 3, 4}};
  report.bug_path.notes = {{{1, 78, 1}, "the line moved", 0, {}}};
  report.bug_path.macro_expansions = {{{1, 77, 9}, "M", "m"}};
  report.bug_path.further_paths = {{{{1, 1, 1}, "another way", 0, {}}}};
  return report;
}

TEST_P(BackendConformance, Ingest_ContentChanged_NewestIsShown_StatusAndDetectionStay) {
  Ingest(One(MakeReport(0)));
  const int64_t id = Find(0).id;
  const StoreResult result = Ingest(One(Changed()));
  EXPECT_EQ(result.unresolved_reports, 1);
  EXPECT_EQ(result.new_reports + result.resolved_reports + result.reopened_reports, 0);
  const ReportPage page = All("run", /*with_bug_path=*/true);
  ASSERT_EQ(page.reports.size(), 1U);
  const reports::StoredReport& stored = page.reports[0];
  EXPECT_EQ(stored.id, id);
  EXPECT_EQ(stored.detection_status, reports::DetectionStatus::kUnresolved);
  EXPECT_EQ(stored.detected_at, At(1));
  EXPECT_FALSE(stored.fixed_at.has_value());
  EXPECT_EQ(stored.report.analyzer_name, "clang-tidy");
  EXPECT_EQ(stored.report.category, "Another category");
  EXPECT_EQ(stored.report.type, "Another type");
  EXPECT_EQ(stored.report.message, "worded differently");
  EXPECT_EQ(stored.report.severity, reports::Severity::kHigh);
  EXPECT_EQ(stored.report.logical_location, "ns::f");
  EXPECT_EQ(page.files[stored.report.location.file], "src/b.c");
  EXPECT_EQ(stored.report.location.line, 77U);
  EXPECT_EQ(stored.report.location.column, 9U);
  const reports::BugPath& path = stored.report.bug_path;
  ASSERT_EQ(path.events.size(), 1U);
  EXPECT_EQ(path.events[0].depth, 2);
  ASSERT_EQ(path.events[0].ranges.size(), 1U);
  EXPECT_EQ(page.files[path.events[0].ranges[0].file], "src/b.c");
  EXPECT_EQ(path.positions.size(), 1U);
  ASSERT_EQ(path.notes.size(), 1U);
  EXPECT_EQ(path.notes[0].location.line, 78U);
  ASSERT_EQ(path.macro_expansions.size(), 1U);
  ASSERT_EQ(path.further_paths.size(), 1U);
  EXPECT_EQ(page.files[path.further_paths[0][0].location.file], "src/b.c");
  EXPECT_EQ(path.further_paths[0][0].message, "another way");
}

TEST_P(BackendConformance, Ingest_ContentChangedBack_IsShownAgain) {
  Ingest(One(MakeReport(0)));
  Ingest(One(Changed()));
  Ingest(One(MakeReport(0)));
  EXPECT_EQ(Find(0).report.message, "finding 0");
  EXPECT_EQ(Find(0).report.analyzer_name, "clangsa");
  EXPECT_EQ(Find(0).report.logical_location, "");
}

TEST_P(BackendConformance, Ingest_ContentOfAReportThatComesBack_IsTheNewest) {
  Ingest(One(MakeReport(0)));
  Ingest(MakeReports(0));
  EXPECT_EQ(Find(0).report.message, "finding 0");
  Ingest(One(Changed()));
  EXPECT_EQ(Find(0).detection_status, reports::DetectionStatus::kReopened);
  EXPECT_EQ(Find(0).report.message, "worded differently");
  EXPECT_FALSE(Find(0).fixed_at.has_value());
}

TEST_P(BackendConformance, Ingest_ContentAndReviewChange_Together_AndApart) {
  reports::Report judged = Changed();
  judged.review = {reports::ReviewStatus::kFalsePositive, "no", true};
  Ingest(One(MakeReport(0)));
  Ingest(One(judged));
  EXPECT_EQ(Find(0).report.message, "worded differently");
  EXPECT_EQ(Find(0).report.review.comment, "no");
  EXPECT_EQ(Find(0).fixed_at, At(2));
  judged.message = "once more";
  Ingest(One(judged));
  EXPECT_EQ(Find(0).report.message, "once more");
  EXPECT_EQ(Find(0).fixed_at, At(2)) << "it is closed as before";
  judged.review = {};
  Ingest(One(judged));
  EXPECT_EQ(Find(0).report.review, reports::Review());
  EXPECT_FALSE(Find(0).fixed_at.has_value());
  EXPECT_EQ(Find(0).report.message, "once more");
}

TEST_P(BackendConformance, Ingest_OneOfManyChanged_OnlyThatOneIsWritten) {
  ReportList list = MakeReports(100);
  Ingest(list);
  EXPECT_EQ(std::exchange(list.times_read, 0), 1);
  Ingest(list);
  EXPECT_EQ(std::exchange(list.times_read, 0), 1) << "nothing changed";
  list.reports[50].message = "worded differently";
  const StoreResult result = Ingest(list);
  EXPECT_EQ(list.times_read, 2);
  EXPECT_EQ(result.unresolved_reports, 100);
  EXPECT_EQ(Find(50).report.message, "worded differently");
  EXPECT_EQ(Find(49).report.message, "finding 49");
}

TEST_P(BackendConformance, Ingest_DefaultSeverity_IsKeptApartFromAStatedOne) {
  reports::Report report = MakeReport(0);
  report.severity = reports::Severity::kMedium;
  report.severity_is_default = true;
  Ingest(One(report));
  EXPECT_TRUE(Find(0).report.severity_is_default);
  report.severity_is_default = false;
  Ingest(One(report));
  EXPECT_FALSE(Find(0).report.severity_is_default);
  EXPECT_EQ(Find(0).report.severity, reports::Severity::kMedium);
}

TEST_P(BackendConformance, Ingest_ReportWithoutFile_IsStoredAndFoundAgain) {
  ReportList list;
  list.files.push_back({"", ""});
  reports::Report report = MakeReport(0);
  report.location = {0, 0, 0};
  report.bug_path = {};
  report.logical_location = "image:latest";
  list.reports.push_back(report);
  Ingest(list);
  EXPECT_EQ(Ingest(list).unresolved_reports, 1);
  const ReportPage page = All();
  ASSERT_EQ(page.reports.size(), 1U);
  EXPECT_EQ(page.files[page.reports[0].report.location.file], "");
  EXPECT_EQ(page.reports[0].report.logical_location, "image:latest");
}

TEST_P(BackendConformance, Ingest_DifferentDiscriminators_AreTwoReportsOfOneHash) {
  ReportList list = MakeReports(1);
  list.reports.push_back(list.reports[0]);
  list.reports[1].discriminator = 1;
  list.reports[1].logical_location = "elsewhere";
  EXPECT_EQ(Ingest(list).new_reports, 2);
  EXPECT_EQ(All().reports.size(), 2U);
  EXPECT_EQ(Ingest(list).unresolved_reports, 2);
}

}  // namespace
}  // namespace stored::storage
