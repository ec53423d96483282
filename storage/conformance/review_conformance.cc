#include <utility>

#include "storage/conformance/conformance.h"

// Reviews that arrive with a report.
namespace stored::storage {
namespace {

using reports::ReviewStatus;

reports::Report Judged(reports::Report report, ReviewStatus status, const std::string& comment) {
  report.review = {status, comment, true};
  return report;
}

ReportList One(reports::Report report) {
  ReportList list = MakeReports(0);
  list.reports.push_back(std::move(report));
  return list;
}

TEST_P(BackendConformance, Ingest_ClosingReview_FixedSinceTheFirstReview) {
  Ingest(One(MakeReport(0)));
  EXPECT_FALSE(Find(0).fixed_at.has_value());
  Ingest(One(Judged(MakeReport(0), ReviewStatus::kFalsePositive, "no")));
  EXPECT_EQ(Find(0).fixed_at, At(2));
  EXPECT_EQ(Find(0).report.review.status, ReviewStatus::kFalsePositive);
  EXPECT_EQ(Find(0).report.review.comment, "no");
  EXPECT_EQ(Statuses(), "U");
  Ingest(One(Judged(MakeReport(0), ReviewStatus::kIntentional, "meant")));
  EXPECT_EQ(Find(0).fixed_at, At(2));
  EXPECT_EQ(Find(0).report.review.comment, "meant");
  Ingest(One(Judged(MakeReport(0), ReviewStatus::kConfirmed, "a bug")));
  EXPECT_FALSE(Find(0).fixed_at.has_value());
  EXPECT_EQ(Find(0).report.review.status, ReviewStatus::kConfirmed);
  Ingest(One(MakeReport(0)));
  EXPECT_EQ(Find(0).report.review, reports::Review());
}

TEST_P(BackendConformance, Ingest_Review_OfAnotherPlaceOrComment_IsTheNewest) {
  reports::Report report = Judged(MakeReport(0), ReviewStatus::kFalsePositive, "no");
  Ingest(One(report));
  // The same review, now from a review_status.yaml instead of the source.
  report.review.in_source = false;
  Ingest(One(report));
  EXPECT_EQ(Find(0).report.review, report.review);
  report.review.comment = "never";
  Ingest(One(report));
  EXPECT_EQ(Find(0).report.review, report.review);
  EXPECT_EQ(Find(0).fixed_at, At(1));
  EXPECT_EQ(Statuses(), "U");
  Ingest(One(MakeReport(0)));
  EXPECT_EQ(Find(0).report.review, reports::Review());
  EXPECT_FALSE(Find(0).fixed_at.has_value());
  EXPECT_EQ(Statuses(), "U");
}

TEST_P(BackendConformance, Ingest_ClosingReview_OfNewReplacedAndGoneReports) {
  Ingest(One(Judged(MakeReport(0), ReviewStatus::kIntentional, "meant")));
  EXPECT_EQ(Find(0).fixed_at, At(1));
  Ingest(One(Judged(MakeReport(0, /*path=*/5), ReviewStatus::kIntentional, "meant")));
  EXPECT_EQ(Find(0).report.bug_path.events[0].message, "step 5");
  EXPECT_EQ(Find(0).fixed_at, At(1));
  Ingest(MakeReports(0));
  EXPECT_EQ(Find(0).fixed_at, At(1));
  Ingest(One(Judged(MakeReport(0, /*path=*/5), ReviewStatus::kIntentional, "meant")));
  EXPECT_EQ(Find(0).detection_status, reports::DetectionStatus::kReopened);
  EXPECT_EQ(Find(0).fixed_at, At(1));
  Ingest(MakeReports(0));
  Ingest(One(MakeReport(0, /*path=*/5)));
  EXPECT_FALSE(Find(0).fixed_at.has_value());
}

}  // namespace
}  // namespace stored::storage
