#include "reports/report_filter.h"

#include <gtest/gtest.h>

namespace stored::reports {
namespace {

constexpr char kPath[] = "src/lib/a.c";

StoredReport SampleToFilter() {
  StoredReport stored;
  stored.report.report_hash = "0123abcd";
  stored.report.checker_name = "core.DivideZero";
  stored.report.analyzer_name = "clangsa";
  stored.report.severity = Severity::kHigh;
  stored.report.logical_location = "pkg::Class::method";
  stored.report.review.status = ReviewStatus::kConfirmed;
  stored.detection_status = DetectionStatus::kReopened;
  return stored;
}

bool Matches(const ReportFilter& filter, std::string_view path = kPath) {
  return filter.Matches(SampleToFilter(), path);
}

TEST(ReportFilterTest, Empty_MatchesEveryReport) {
  EXPECT_TRUE(Matches({}));
  EXPECT_TRUE(ReportFilter().Matches({}, ""));
}

TEST(ReportFilterTest, CheckerAndAnalyzer_AreGlobs) {
  EXPECT_TRUE(Matches({.checker_names = {"core.*"}}));
  EXPECT_TRUE(Matches({.checker_names = {"alpha.*", "*Zero"}}));
  EXPECT_FALSE(Matches({.checker_names = {"core"}})) << "a glob matches the whole name";
  EXPECT_TRUE(Matches({.analyzer_names = {"clang?a"}}));
  EXPECT_FALSE(Matches({.analyzer_names = {"clang-tidy"}}));
  EXPECT_FALSE(Matches({.checker_names = {"core.*"}, .analyzer_names = {"clang-tidy"}}));
}

TEST(ReportFilterTest, UnknownAnalyzer_IsFoundByThatName) {
  StoredReport stored = SampleToFilter();
  stored.report.analyzer_name = kUnknownAnalyzer;
  EXPECT_TRUE(ReportFilter{.analyzer_names = {"unknown"}}.Matches(stored, kPath));
  EXPECT_FALSE(ReportFilter{.analyzer_names = {"clangsa"}}.Matches(stored, kPath));
}

TEST(ReportFilterTest, Files_GlobsCrossSlashes_ReportsWithoutFileMatchNone) {
  EXPECT_TRUE(Matches({.file_paths = {"src/*"}}));
  EXPECT_TRUE(Matches({.file_paths = {"*.h", "*.c"}}));
  EXPECT_FALSE(Matches({.file_paths = {"lib/*"}}));
  EXPECT_FALSE(Matches({.file_paths = {"*"}}, ""));
  EXPECT_FALSE(Matches({.file_paths = {""}}, ""));
}

TEST(ReportFilterTest, WithoutFile_AloneAndBesidesPaths) {
  EXPECT_TRUE(Matches({.without_file = true}, ""));
  EXPECT_FALSE(Matches({.without_file = true}));
  EXPECT_TRUE(Matches({.file_paths = {"src/*"}, .without_file = true}));
  EXPECT_TRUE(Matches({.file_paths = {"src/*"}, .without_file = true}, ""));
  EXPECT_FALSE(Matches({.file_paths = {"lib/*"}, .without_file = true}));
}

TEST(ReportFilterTest, LogicalLocation_IsAGlob_NoneMatchesNone) {
  EXPECT_TRUE(Matches({.logical_locations = {"pkg::*"}}));
  EXPECT_FALSE(Matches({.logical_locations = {"pkg"}}));
  StoredReport stored = SampleToFilter();
  stored.report.logical_location.clear();
  EXPECT_FALSE(ReportFilter{.logical_locations = {"*"}}.Matches(stored, kPath));
  EXPECT_FALSE(ReportFilter{.logical_locations = {""}}.Matches(stored, kPath));
}

TEST(ReportFilterTest, ReportHash_IsAPrefix) {
  EXPECT_TRUE(Matches({.report_hashes = {"0123"}}));
  EXPECT_TRUE(Matches({.report_hashes = {"0123abcd"}}));
  EXPECT_TRUE(Matches({.report_hashes = {"ffff", ""}}));
  EXPECT_FALSE(Matches({.report_hashes = {"0123abcd0"}}));
  EXPECT_FALSE(Matches({.report_hashes = {"123"}}));
  EXPECT_FALSE(Matches({.report_hashes = {"*"}})) << "not a glob";
}

TEST(ReportFilterTest, SeverityAndStatuses_OneOfTheList) {
  EXPECT_TRUE(Matches({.severities = {Severity::kLow, Severity::kHigh}}));
  EXPECT_FALSE(Matches({.severities = {Severity::kLow}}));
  EXPECT_TRUE(Matches({.detection_statuses = {DetectionStatus::kReopened}}));
  EXPECT_FALSE(Matches({.detection_statuses = {DetectionStatus::kNew, DetectionStatus::kOff}}));
  EXPECT_TRUE(Matches({.review_statuses = {ReviewStatus::kConfirmed}}));
  EXPECT_FALSE(Matches({.review_statuses = {ReviewStatus::kIntentional}}));
}

TEST(ReportFilterTest, EveryListMustMatch) {
  ReportFilter filter = {.checker_names = {"core.*"},
                         .file_paths = {"src/*"},
                         .logical_locations = {"pkg::*"},
                         .analyzer_names = {"clangsa"},
                         .report_hashes = {"01"},
                         .severities = {Severity::kHigh},
                         .detection_statuses = {DetectionStatus::kReopened},
                         .review_statuses = {ReviewStatus::kConfirmed}};
  EXPECT_TRUE(Matches(filter));
  filter.report_hashes = {"02"};
  EXPECT_FALSE(Matches(filter));
}

}  // namespace
}  // namespace stored::reports
