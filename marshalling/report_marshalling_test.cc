#include "marshalling/report_marshalling.h"

#include <gtest/gtest.h>

#include <string>

namespace stored::marshalling {
namespace {

storage::EntrySummary Entry() {
  storage::EntrySummary entry;
  entry.store_number = 7;
  entry.stored_at = absl::FromUnixSeconds(1'700'000'000);
  entry.tag = "v1\xff";
  entry.description = "text";
  entry.analyzers = {"clangsa 14.0.6", "tidy\xff"};
  entry.analyzed_files = 120;
  entry.failed_files = 2;
  entry.counts = {1, 20, 300, 4, 5, 6};
  return entry;
}

TEST(ReportMarshallingTest, HistoryEntry_EveryFieldArrives) {
  const v1::HistoryEntry out = ToProto(Entry());
  EXPECT_EQ(out.store_number(), 7);
  EXPECT_EQ(out.stored_at().seconds(), 1'700'000'000);
  EXPECT_EQ(out.tag(), "v1\xef\xbf\xbd");
  EXPECT_EQ(out.description(), "text");
  ASSERT_EQ(out.analyzers_size(), 2);
  EXPECT_EQ(out.analyzers(0), "clangsa 14.0.6");
  EXPECT_EQ(out.analyzers(1), "tidy\xef\xbf\xbd");
  EXPECT_EQ(out.analyzed_files(), 120);
  EXPECT_EQ(out.failed_files(), 2);
  EXPECT_EQ(out.counts().open_reports(), 321);
  EXPECT_EQ(out.counts().new_reports(), 1);
  EXPECT_EQ(out.counts().unresolved_reports(), 20);
  EXPECT_EQ(out.counts().reopened_reports(), 300);
  EXPECT_EQ(out.counts().resolved_reports(), 4);
  EXPECT_EQ(out.counts().off_reports(), 5);
  EXPECT_EQ(out.counts().unavailable_reports(), 6);
}

TEST(ReportMarshallingTest, HistoryEntry_CountsNotKnown_NotSet) {
  storage::EntrySummary entry = Entry();
  entry.counts.reset();
  EXPECT_FALSE(ToProto(entry).has_counts());
  // Known counts of an empty store are set.
  entry.counts = storage::StoreCounts();
  EXPECT_TRUE(ToProto(entry).has_counts());
}

TEST(ReportMarshallingTest, HistoryPage_KeepsTheOrderAndTheToken) {
  storage::HistoryPage page;
  page.entries = {Entry(), Entry()};
  page.entries[1].store_number = 6;
  page.next_page_token = "next";
  const v1::ListRunHistoryResponse out = ToProto(page);
  ASSERT_EQ(out.entries_size(), 2);
  EXPECT_EQ(out.entries(0).store_number(), 7);
  EXPECT_EQ(out.entries(1).store_number(), 6);
  EXPECT_EQ(out.next_page_token(), "next");
}

v1::CompareRunsRequest Comparison() {
  v1::CompareRunsRequest request;
  request.mutable_base()->set_run_name("main");
  request.mutable_base()->set_tag("v1");
  request.mutable_current()->set_run_name("branch");
  request.mutable_current()->mutable_time()->set_seconds(-1);
  request.mutable_current()->mutable_time()->set_nanos(999'999'999);
  request.set_difference(v1::DIFFERENCE_RESOLVED);
  request.mutable_filter()->add_checker_names("core.*");
  return request;
}

TEST(CompareRunsTest, Request_IsTranslated) {
  const absl::StatusOr<storage::ComparisonQuery> query = FromProto(Comparison());
  ASSERT_TRUE(query.ok()) << query.status();
  EXPECT_EQ(query->base.run_name, "main");
  EXPECT_EQ(query->base.tag, "v1");
  EXPECT_EQ(query->base.time, std::nullopt);
  EXPECT_EQ(query->current.time, absl::UnixEpoch() - absl::Nanoseconds(1));
  EXPECT_EQ(query->listed, storage::Difference::kResolved);
  EXPECT_EQ(query->filter.checker_names, std::vector<std::string>{"core.*"});
}

TEST(CompareRunsTest, MalformedSides_AreNamed) {
  const auto error = [](const v1::CompareRunsRequest& request) {
    return std::string(FromProto(request).status().message());
  };
  v1::CompareRunsRequest request = Comparison();
  request.clear_current();
  EXPECT_EQ(error(request).find("current: run_name is empty"), 0U) << error(request);
  request = Comparison();
  request.mutable_base()->set_tag("");
  EXPECT_EQ(error(request), "base: tag is empty: name a tag, or leave it out");
  request.mutable_base()->set_tag(std::string(257, 'x'));
  EXPECT_EQ(error(request), "base: tag is 257 bytes long; the limit is 256");
  request = Comparison();
  request.mutable_current()->mutable_time()->set_nanos(-1);
  EXPECT_EQ(error(request), "current: time.nanos is not 0 to 999,999,999");
  request.mutable_current()->mutable_time()->set_seconds(int64_t{1} << 60);
  EXPECT_EQ(error(request), "current: time is not in the years 1 to 9999");
}

}  // namespace
}  // namespace stored::marshalling
