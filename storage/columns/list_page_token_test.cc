#include "storage/columns/list_page_token.h"

#include <gtest/gtest.h>

#include <functional>
#include <limits>
#include <utility>
#include <vector>

namespace stored::storage {
namespace {

using reports::DetectionStatus;
using reports::ReviewStatus;
using reports::Severity;

void ExpectOfAnotherList(const absl::Status& status) {
  EXPECT_EQ(status,
            absl::InvalidArgumentError("page_token is not valid for this list: send it back "
                                       "unchanged, with the same filters"));
}

ReportQuery Query() {
  ReportQuery query;
  query.run_name = "run";
  query.filter.checker_names = {"core.*"};
  query.filter.file_paths = {"src/*"};
  query.filter.without_file = true;
  query.filter.logical_locations = {"pkg::*"};
  query.filter.analyzer_names = {"clangsa"};
  query.filter.report_hashes = {"0f"};
  query.filter.severities = {Severity::kHigh};
  query.filter.detection_statuses = {DetectionStatus::kNew};
  query.filter.review_statuses = {ReviewStatus::kFalsePositive};
  return query;
}

TEST(ListPageTokenTest, NoToken_FirstPage) {
  EXPECT_EQ(*ReadSessionPageToken({}, ""), std::numeric_limits<int64_t>::max());
  EXPECT_EQ(*ReadRunPageToken("r*", ""), "");
  EXPECT_EQ(*ReadReportPageToken(Query(), 9), 0);
}

TEST(ListPageTokenTest, Bytes_StayTheSame) {
  const SessionFilter filter = {"p", "r*", {StoreState::kEnqueued, StoreState::kRunning}};
  EXPECT_EQ(MakeSessionPageToken(filter, 7), "536b684aa7dee0d90e");
  EXPECT_EQ(MakeSessionPageToken({}, 7), "4f9ef7af3984638f0e");
  EXPECT_EQ(MakeRunPageToken("r*", "run"), "2c1c96f25b98ef4e72756e");
  EXPECT_EQ(MakeReportPageToken(Query(), 9, 70), "7d31b9b7e463fd25128c01");
}

TEST(ListPageTokenTest, Sessions_ValidForTheSameFilterOnly) {
  const SessionFilter filter = {"p", "r*", {StoreState::kEnqueued, StoreState::kRunning}};
  const std::string token = MakeSessionPageToken(filter, 7);
  EXPECT_EQ(*ReadSessionPageToken(filter, token), 7);
  // States are a set.
  EXPECT_EQ(
      *ReadSessionPageToken({"p", "r*", {StoreState::kRunning, StoreState::kEnqueued}}, token), 7);
  for (const SessionFilter& other :
       std::vector<SessionFilter>{{},
                                  {"q", "r*", filter.states},
                                  {"p", "", filter.states},
                                  {"p", "r*", {}},
                                  {"p", "r*", {StoreState::kRunning}}}) {
    ExpectOfAnotherList(ReadSessionPageToken(other, token).status());
  }
}

TEST(ListPageTokenTest, Runs_ValidForTheSamePatternOnly) {
  const std::string token = MakeRunPageToken("r*", "run");
  EXPECT_EQ(*ReadRunPageToken("r*", token), "run");
  ExpectOfAnotherList(ReadRunPageToken("", token).status());
  ExpectOfAnotherList(ReadRunPageToken("r*", MakeSessionPageToken({}, 7)).status());
}

TEST(ListPageTokenTest, History_ValidForTheSameRunOnly) {
  EXPECT_EQ(*ReadHistoryPageToken("run", ""), std::numeric_limits<int64_t>::max());
  const std::string token = MakeHistoryPageToken("run", 70);
  EXPECT_EQ(*ReadHistoryPageToken("run", token), 70);
  ExpectOfAnotherList(ReadHistoryPageToken("other", token).status());
  ExpectOfAnotherList(ReadHistoryPageToken("run", MakeRunPageToken("run", "run")).status());
  ExpectOfAnotherList(ReadHistoryPageToken("run", "no token").status());
}

TEST(ListPageTokenTest, Reports_ValidForTheSameRunAndFilterOnly) {
  ReportQuery query = Query();
  const std::string token = MakeReportPageToken(query, 9, 70);
  query.page_token = token;
  // The size of pages and what they show may change.
  query.page_size = 3;
  query.with_bug_path = true;
  EXPECT_EQ(*ReadReportPageToken(query, 9), 70);
  const std::vector<std::function<void(ReportQuery&)>> changes = {
      [](ReportQuery& q) { q.run_name = "other"; },
      [](ReportQuery& q) { q.filter.checker_names.clear(); },
      [](ReportQuery& q) {
        q.filter.file_paths = {"src/*", "lib/*"};
      },
      [](ReportQuery& q) { q.filter.without_file = false; },
      [](ReportQuery& q) { std::swap(q.filter.logical_locations, q.filter.file_paths); },
      [](ReportQuery& q) { q.filter.logical_locations.clear(); },
      [](ReportQuery& q) { q.filter.analyzer_names.clear(); },
      [](ReportQuery& q) { q.filter.report_hashes = {"0"}; },
      [](ReportQuery& q) { q.filter.severities = {Severity::kLow}; },
      [](ReportQuery& q) { q.filter.detection_statuses.clear(); },
      [](ReportQuery& q) { q.filter.review_statuses.clear(); }};
  for (size_t i = 0; i < changes.size(); ++i) {
    SCOPED_TRACE(i);
    ReportQuery other = query;
    changes[i](other);
    ExpectOfAnotherList(ReadReportPageToken(other, 9).status());
  }
}

TEST(ListPageTokenTest, Reports_StoreHasFinished_Aborted) {
  ReportQuery query = Query();
  query.page_token = MakeReportPageToken(query, 9, 70);
  EXPECT_EQ(ReadReportPageToken(query, 10).status(),
            absl::AbortedError("a store into run \"run\" has finished since the previous page; "
                               "start again from the first page"));
}

}  // namespace
}  // namespace stored::storage
