// Tests of `storectl diff`.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tools/testing/storectl_fixture.h"

namespace stored::tools {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class DiffCommandTest : public StorectlTest {
 protected:
  DiffCommandTest() {
    server_.on_compare_runs = [this](const v1::CompareRunsRequest& request,
                                     v1::CompareRunsResponse& response) {
      received_ = request;
      const bool first = request.page_token().empty();
      v1::Report& report = *response.add_reports();
      report.set_checker_name("core.DivideZero");
      report.set_message(first ? "one" : "two");
      response.mutable_base()->set_store_number(3);
      response.mutable_base()->set_tag("v1");
      response.mutable_current()->set_store_number(7);
      if (!first) return grpc::Status::OK;
      response.mutable_counts()->set_new_reports(2);
      response.mutable_counts()->set_unresolved_reports(40);
      response.set_next_page_token("more");
      return grpc::Status::OK;
    };
  }

  v1::CompareRunsRequest received_;
};

TEST_F(DiffCommandTest, Diff_ListsAllPages_AndSaysTheCounts) {
  EXPECT_EQ(Run({"diff", "main:v1", "branch"}), 0) << err_;
  EXPECT_THAT(out_, HasSubstr("one"));
  EXPECT_THAT(out_, HasSubstr("two"));
  EXPECT_THAT(err_, HasSubstr("2 new, 0 resolved, 40 unresolved: run branch, store 7 of "));
  EXPECT_THAT(err_, HasSubstr(" beside run main, store 3 of "));
  EXPECT_THAT(err_, HasSubstr(" (tag v1)"));
}

TEST_F(DiffCommandTest, Diff_SidesAndFilters_ReachTheServer) {
  EXPECT_EQ(Run({"diff", "main:v1", "app@2023-11-14", "--severity", "high", "--checker", "core.*",
                 "--resolved", "--bug-path", "--product", "p"}),
            0)
      << err_;
  EXPECT_EQ(received_.product(), "p");
  EXPECT_EQ(received_.base().run_name(), "main");
  EXPECT_EQ(received_.base().tag(), "v1");
  EXPECT_EQ(received_.current().run_name(), "app");
  EXPECT_EQ(received_.current().time().seconds(), 1'700'006'399);
  EXPECT_EQ(received_.difference(), v1::DIFFERENCE_RESOLVED);
  EXPECT_THAT(received_.filter().severities(), ElementsAre(v1::SEVERITY_HIGH));
  EXPECT_THAT(received_.filter().checker_names(), ElementsAre("core.*"));
  EXPECT_TRUE(received_.include_bug_path());
}

TEST_F(DiffCommandTest, Diff_Json_HasTheCountsBesideAllReports) {
  EXPECT_EQ(Run({"diff", "a", "b", "-o", "json"}), 0) << err_;
  v1::CompareRunsResponse response;
  ASSERT_TRUE(google::protobuf::util::JsonStringToMessage(out_, &response).ok()) << out_;
  EXPECT_EQ(response.reports_size(), 2);
  EXPECT_EQ(response.counts().new_reports(), 2);
  EXPECT_EQ(response.base().tag(), "v1");
  EXPECT_EQ(response.current().store_number(), 7);
  EXPECT_EQ(err_, "");
}

TEST_F(DiffCommandTest, Diff_WrongArguments_SayWhy) {
  EXPECT_EQ(Run({"diff", "a", "b", "--resolved", "--unresolved"}), 2);
  EXPECT_THAT(err_, HasSubstr("--resolved and --unresolved exclude each other"));
  EXPECT_EQ(Run({"diff", "a", "b@never"}), 2);
  EXPECT_THAT(err_, HasSubstr("'never' is not a time"));
  EXPECT_EQ(Run({"diff", "a"}), 2);
}

TEST_F(DiffCommandTest, Diff_SnapshotOfAnOlderVersion_Warns) {
  server_.on_compare_runs = [](const v1::CompareRunsRequest&, v1::CompareRunsResponse& response) {
    response.mutable_base()->set_store_number(3);
    response.mutable_base()->set_incomplete(true);
    response.mutable_counts();
    return grpc::Status::OK;
  };
  EXPECT_EQ(Run({"diff", "a:v1", "a"}), 0) << err_;
  EXPECT_THAT(err_, HasSubstr("warning: run a, store 3 of "));
  EXPECT_THAT(err_, HasSubstr("is from before the server kept the past"));
}

}  // namespace
}  // namespace stored::tools
