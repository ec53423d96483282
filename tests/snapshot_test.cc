// The past of a run through the programs: `storectl reports RUN:TAG` and RUN@TIME,
// and `storectl history`.
#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <vector>

#include "stored/v1/report_service.grpc.pb.h"
#include "tests/harness/served_test.h"

namespace stored::tests {
namespace {

using ::testing::ContainsRegex;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class SnapshotTest : public ServedTest {
 protected:
  // Stores a log whose only finding is in this file.
  void Store(const std::string& file, const std::vector<std::string>& more) {
    std::vector<std::string> arguments = {WriteFile("a.sarif", SmallSarif(file)), "--name", "a:b"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    EXPECT_EQ(Upload(std::move(arguments)).state(), v1::STORE_STATE_COMPLETED);
  }

  // Returns "FILE STATUS" for each report of a snapshot.
  std::vector<std::string> Found(const std::string& snapshot) {
    std::vector<std::string> found;
    for (const v1::Report& report : Reports(snapshot)) {
      found.push_back(report.file_path() + " " +
                      v1::DetectionStatus_Name(report.detection_status()));
    }
    return found;
  }
};

TEST_F(SnapshotTest, TagsAndTimes_ShowTheRunAsItWas_AlsoAfterARestart) {
  StartServer();
  Store("one.c", {"--tag", "v1"});
  Store("two.c", {"--tag", "v2"});
  Store("one.c", {});
  for (int i = 0; i < 2; ++i) {
    EXPECT_THAT(Found("a\\:b:v1"), ElementsAre("one.c DETECTION_STATUS_NEW"));
    EXPECT_THAT(Found("a\\:b:v2"),
                ElementsAre("one.c DETECTION_STATUS_RESOLVED", "two.c DETECTION_STATUS_NEW"));
    EXPECT_THAT(Found("a\\:b"),
                ElementsAre("one.c DETECTION_STATUS_REOPENED", "two.c DETECTION_STATUS_RESOLVED"));
    EXPECT_THAT(Found("a\\:b@9999-12-31"),
                ElementsAre("one.c DETECTION_STATUS_REOPENED", "two.c DETECTION_STATUS_RESOLVED"));
    const Ended history = Storectl({"history", "a:b"});
    EXPECT_THAT(history.out, ContainsRegex(" 3 +[^\n]* UTC +- +1 +0 +1 [^\n]*\n"
                                           " +2 +[^\n]* UTC +v2 +1 +1 +1 "))
        << history.err;
    StopServer();
    StartServer();
  }
}

TEST_F(SnapshotTest, Diff_OfTagsOfARun_AndOfTwoRuns) {
  StartServer();
  Store("one.c", {"--tag", "v1"});
  Store("two.c", {"--tag", "v2"});
  Upload({WriteFile("b.sarif", SmallSarif("three.c")), "--name", "branch"});
  const Ended found = Storectl({"diff", "a\\:b:v1", "a\\:b:v2"});
  EXPECT_EQ(found.exit_code, 0) << found.err;
  EXPECT_THAT(found.out, HasSubstr("two.c"));
  EXPECT_THAT(found.err, HasSubstr("1 new, 1 resolved, 0 unresolved: run a:b, store 2 of "));
  const Ended resolved = Storectl({"diff", "a\\:b:v1", "a\\:b:v2", "--resolved"});
  EXPECT_THAT(resolved.out, HasSubstr("one.c"));
  const Ended runs = Storectl({"-o", "json", "diff", "a\\:b", "branch"});
  EXPECT_EQ(runs.exit_code, 0) << runs.err;
  EXPECT_THAT(runs.out, HasSubstr("three.c"));
  EXPECT_THAT(runs.out, HasSubstr("\"counts\":{\"newReports\":\"1\""));
  const Ended unknown = Storectl({"diff", "a\\:b:v9", "branch"});
  EXPECT_EQ(unknown.exit_code, 3);
  EXPECT_THAT(unknown.err, HasSubstr("has no tag \"v9\""));
}

TEST_F(SnapshotTest, UnknownTagOrTime_NamesWhatIsThere) {
  StartServer();
  Store("one.c", {"--tag", "v1"});
  const Ended tag = Storectl({"reports", "a\\:b:v3"});
  EXPECT_EQ(tag.exit_code, 3);
  EXPECT_THAT(tag.err, HasSubstr("run \"a:b\" has no tag \"v3\" (its newest tags are \"v1\")"));
  const Ended time = Storectl({"reports", "a\\:b@2001-01-01"});
  EXPECT_EQ(time.exit_code, 3);
  EXPECT_THAT(time.err, HasSubstr("has no store at or before 2001-01-01T23:59:59Z; its first is"));
  const Ended run = Storectl({"reports", "a:b"});
  EXPECT_EQ(run.exit_code, 3);
  EXPECT_THAT(run.err, HasSubstr("no run named \"a\""));
  EXPECT_EQ(Storectl({"reports", "a\\:b@yesterday"}).exit_code, 2);
  EXPECT_THAT(tag.out, IsEmpty());
  const Ended history = Storectl({"history", "a"});
  EXPECT_EQ(history.exit_code, 3);
  EXPECT_THAT(history.err, HasSubstr("no run named \"a\""));
}

TEST_F(SnapshotTest, HistoryByItsRpc_PagesAndErrors) {
  StartServer();
  for (int i = 0; i < 3; ++i) Store("one.c", {});
  const auto stub = v1::ReportService::NewStub(
      grpc::CreateChannel(address(), grpc::InsecureChannelCredentials()));
  v1::ListRunHistoryRequest request;
  v1::ListRunHistoryResponse response;
  const auto call = [&] {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(60));
    return stub->ListRunHistory(&context, request, &response).error_code();
  };
  request.set_run_name("a:b");
  request.set_page_size(2);
  ASSERT_EQ(call(), grpc::StatusCode::OK);
  ASSERT_EQ(response.entries_size(), 2);
  EXPECT_EQ(response.entries(0).store_number(), 3);
  EXPECT_EQ(response.entries(0).counts().unresolved_reports(), 1);
  request.set_page_token(response.next_page_token());
  ASSERT_EQ(call(), grpc::StatusCode::OK);
  ASSERT_EQ(response.entries_size(), 1);
  EXPECT_EQ(response.entries(0).counts().new_reports(), 1);
  EXPECT_EQ(response.next_page_token(), "");
  request.set_run_name("other");
  EXPECT_EQ(call(), grpc::StatusCode::INVALID_ARGUMENT) << "the token of another run";
  request.clear_page_token();
  EXPECT_EQ(call(), grpc::StatusCode::NOT_FOUND);
  request.set_run_name("a:b");
  request.set_product("none");
  EXPECT_EQ(call(), grpc::StatusCode::NOT_FOUND);
  request.clear_product();
  request.set_page_size(1001);
  EXPECT_EQ(call(), grpc::StatusCode::INVALID_ARGUMENT);
}

}  // namespace
}  // namespace stored::tests
