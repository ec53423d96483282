// Tests of the commands stores, products and runs.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tools/testing/storectl_fixture.h"

namespace stored::tools {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::MatchesRegex;
using ::testing::Not;

using ListsTest = StorectlTest;

TEST_F(ListsTest, Stores_FiltersAndPages_AllInOneDocument) {
  server_.on_list_stores = [](const v1::ListStoresRequest& request,
                              v1::ListStoresResponse& response) {
    EXPECT_EQ(request.run_name(), "night*");
    EXPECT_THAT(request.states(), ElementsAre(v1::STORE_STATE_RUNNING, v1::STORE_STATE_FAILED));
    response.add_stores()->set_token("t" + request.page_token());
    if (request.page_token().empty()) response.set_next_page_token("2");
    return grpc::Status::OK;
  };
  EXPECT_EQ(
      Run({"stores", "--run", "night*", "--state", "running", "--state", "FAILED", "-o", "json"}),
      0);
  const auto all = OutAs<v1::ListStoresResponse>();
  ASSERT_EQ(all.stores_size(), 2);
  EXPECT_EQ(all.stores(1).token(), "t2");
  EXPECT_EQ(all.next_page_token(), "");
}

TEST_F(ListsTest, Stores_Allocated_IsWrongUse) {
  for (const char* state : {"allocated", "ALLOCATED"}) {
    EXPECT_EQ(Run({"stores", "--state", state}), 2);
    EXPECT_THAT(err_, HasSubstr("an upload under way has no token yet"));
  }
  EXPECT_EQ(Run({"stores", "--help"}), 0);
  EXPECT_THAT(out_, HasSubstr("enqueued|running"));
  EXPECT_THAT(out_, Not(HasSubstr("allocated")));
}

TEST_F(ListsTest, ProductsAdd_ResponseIsLost_IsNotRepeated) {
  server_.on_create_product = [](const std::string&, v1::Product&) {
    return grpc::Status(grpc::StatusCode::UNAVAILABLE, "going down");
  };
  EXPECT_EQ(Run({"products", "add", "p"}), 3);
  EXPECT_EQ(server_.calls("CreateProduct"), 1);
}

TEST_F(ListsTest, Runs_Table_HasTheCounts) {
  server_.on_list_runs = [](const v1::ListRunsRequest& request, v1::ListRunsResponse& response) {
    EXPECT_EQ(request.product(), "p");
    v1::Run& run = *response.add_runs();
    run.set_name("nightly");
    run.set_open_reports(12);
    run.set_reports(34);
    run.set_store_count(5);
    run.set_analyzed_files(120);
    run.set_failed_files(2);
    run.add_analyzers("clangsa 14.0.6");
    return grpc::Status::OK;
  };
  EXPECT_EQ(Run({"runs", "--product", "p"}), 0);
  EXPECT_THAT(
      out_, MatchesRegex("(.|\n)*nightly +12 +34 +5 +2 of 120 +- +- +- +clangsa 14.0.6\n(.|\n)*"));
}

}  // namespace
}  // namespace stored::tools
