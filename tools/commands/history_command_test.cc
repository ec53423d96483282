// Tests of `storectl history`.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tools/testing/storectl_fixture.h"

namespace stored::tools {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::MatchesRegex;

using HistoryCommandTest = StorectlTest;

// Adds the entry of a store that found 12 reports, 3 of them for the first time.
v1::HistoryEntry& AddEntry(v1::ListRunHistoryResponse& response, int64_t store_number) {
  v1::HistoryEntry& entry = *response.add_entries();
  entry.set_store_number(store_number);
  entry.mutable_stored_at()->set_seconds(1'700'000'000);
  entry.mutable_counts()->set_open_reports(12);
  entry.mutable_counts()->set_new_reports(3);
  return entry;
}

TEST_F(HistoryCommandTest, History_Table_HasARowForEachStore) {
  server_.on_list_run_history = [](const v1::ListRunHistoryRequest& request,
                                   v1::ListRunHistoryResponse& response) {
    EXPECT_EQ(request.product(), "p");
    EXPECT_EQ(request.run_name(), "a:b");
    EXPECT_EQ(request.page_size(), 1000);
    v1::HistoryEntry& newest = AddEntry(response, 2);
    newest.set_tag("v1\x1b");
    newest.mutable_counts()->set_resolved_reports(4);
    newest.add_analyzers("clangsa 14.0.6");
    newest.add_analyzers("clang-tidy");
    AddEntry(response, 1).clear_counts();
    return grpc::Status::OK;
  };
  EXPECT_EQ(Run({"history", "a:b", "--product", "p"}), 0) << err_;
  EXPECT_THAT(out_, MatchesRegex("STORE +STORED AT +TAG +OPEN +NEW +RESOLVED +ANALYZERS\n"
                                 " +2 +2023-11-14 22:13:20 UTC +v1\\\\x1b +12 +3 +4 +"
                                 "clangsa 14.0.6, clang-tidy\n"
                                 " +1 +2023-11-14 22:13:20 UTC +- +- +- +- +-\n"));
}

TEST_F(HistoryCommandTest, History_Pages_AllInOneDocument) {
  server_.on_list_run_history = [](const v1::ListRunHistoryRequest& request,
                                   v1::ListRunHistoryResponse& response) {
    AddEntry(response, request.page_token().empty() ? 2 : 1);
    if (request.page_token().empty()) response.set_next_page_token("next");
    return grpc::Status::OK;
  };
  EXPECT_EQ(Run({"history", "nightly", "-o", "json"}), 0) << err_;
  const auto all = OutAs<v1::ListRunHistoryResponse>();
  ASSERT_EQ(all.entries_size(), 2);
  EXPECT_EQ(all.entries(0).store_number(), 2);
  EXPECT_EQ(all.entries(1).store_number(), 1);
  EXPECT_EQ(all.entries(1).counts().new_reports(), 3);
  EXPECT_EQ(all.next_page_token(), "");
}

TEST_F(HistoryCommandTest, History_NoSuchRun_SaysWhatTheServerSays) {
  server_.on_list_run_history = [](const v1::ListRunHistoryRequest&, v1::ListRunHistoryResponse&) {
    return grpc::Status(grpc::StatusCode::NOT_FOUND, "no run named \"x\"");
  };
  EXPECT_EQ(Run({"history", "x"}), 3);
  EXPECT_THAT(out_, IsEmpty());
  EXPECT_THAT(err_, AllOf(HasSubstr("history of run x"), HasSubstr("no run named \"x\"")));
}

TEST_F(HistoryCommandTest, History_NoRun_IsWrongUse) {
  EXPECT_EQ(Run({"history"}), 2);
  EXPECT_EQ(Run({"history", "--help"}), 0);
  EXPECT_THAT(out_, HasSubstr("storectl reports my-project:v1.2"));
}

}  // namespace
}  // namespace stored::tools
