// Tests of the commands about one store: wait, status and cancel.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tools/testing/storectl_fixture.h"

namespace stored::tools {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

using OutcomeTest = StorectlTest;

TEST_F(OutcomeTest, Outcome_FilesNotAnalysed_AreALineOfTheirOwn) {
  server_.on_get_status = [](const std::string& token, v1::StoreStatus& status) {
    status.set_token(token);
    status.set_run_name("nightly");
    status.set_state(v1::STORE_STATE_COMPLETED);
    status.mutable_result()->set_analyzed_files(120);
    status.mutable_result()->set_failed_files(2);
    return grpc::Status::OK;
  };
  for (const char* command : {"wait", "status"}) {
    EXPECT_EQ(Run({command, "t"}), 0) << err_;
    EXPECT_THAT(out_, HasSubstr("\n2 of 120 files were not analysed, so a finding that disappeared "
                                "may still exist\n"));
  }
  EXPECT_EQ(Run({"wait", "t", "-o", "json"}), 0);
  EXPECT_EQ(OutAs<v1::StoreStatus>().result().failed_files(), 2);
}

TEST_F(OutcomeTest, Wait_ExitCodes_FollowTheState) {
  EXPECT_EQ(Run({"wait", "t"}), 0);
  SetState(v1::STORE_STATE_FAILED);
  EXPECT_EQ(Run({"wait", "t"}), 1);
  SetState(v1::STORE_STATE_CANCELLED);
  EXPECT_EQ(Run({"wait", "t"}), 1);
  SetState(v1::STORE_STATE_RUNNING);
  EXPECT_EQ(Run({"wait", "t", "--timeout", "5s"}), 4);
  server_.on_get_status = [](const std::string&, v1::StoreStatus&) {
    return grpc::Status(grpc::StatusCode::NOT_FOUND, "no such token");
  };
  EXPECT_EQ(Run({"wait", "t"}), 3);
  EXPECT_THAT(err_, Not(HasSubstr("storectl wait")));
}

TEST_F(OutcomeTest, Wait_Watch_UsesTheStream) {
  server_.on_watch = [](const std::string&, grpc::ServerWriter<v1::StoreStatus>& writer) {
    v1::StoreStatus status;
    status.set_state(v1::STORE_STATE_COMPLETED);
    writer.Write(status);
    return grpc::Status::OK;
  };
  EXPECT_EQ(Run({"wait", "t", "--watch"}), 0);
  EXPECT_EQ(server_.calls("GetStatus"), 0);
}

TEST_F(OutcomeTest, Wait_Verbose_PrintsEveryProgress) {
  server_.on_get_status = [n = 0](const std::string&, v1::StoreStatus& status) mutable {
    ++n;
    status.set_state(n == 1   ? v1::STORE_STATE_ENQUEUED
                     : n == 2 ? v1::STORE_STATE_RUNNING
                              : v1::STORE_STATE_COMPLETED);
    status.set_queue_position(3);
    status.set_phase(v1::STORE_PHASE_COMPARING);
    status.set_phase_done(10);
    status.set_phase_total(200);
    return grpc::Status::OK;
  };
  EXPECT_EQ(Run({"wait", "t", "-v"}), 0);
  EXPECT_EQ(err_, "queued, 3 stores before it\nrunning: comparing, 10 of 200 reports\n");
}

TEST_F(OutcomeTest, Status_Json_PrintsTheStatusAndExitsByItsState) {
  SetState(v1::STORE_STATE_RUNNING);
  EXPECT_EQ(Run({"status", "t", "-o", "json"}), 0);
  EXPECT_EQ(OutAs<v1::StoreStatus>().state(), v1::STORE_STATE_RUNNING);
  SetState(v1::STORE_STATE_FAILED);
  EXPECT_EQ(Run({"status", "t", "-o", "json"}), 1);
  EXPECT_EQ(OutAs<v1::StoreStatus>().state(), v1::STORE_STATE_FAILED);
  EXPECT_EQ(server_.calls("GetStatus"), 2);
}

TEST_F(OutcomeTest, Cancel_FinishedAlready_EndsWithThree) {
  server_.on_cancel = [](const std::string&, v1::StoreStatus&) {
    return grpc::Status(grpc::StatusCode::FAILED_PRECONDITION, "it has COMPLETED already");
  };
  EXPECT_EQ(Run({"cancel", "t"}), 3);
  EXPECT_THAT(err_, HasSubstr("it has COMPLETED already"));
  server_.on_cancel = [](const std::string&, v1::StoreStatus& status) {
    status.set_state(v1::STORE_STATE_CANCELLED);
    return grpc::Status::OK;
  };
  EXPECT_EQ(Run({"cancel", "t"}), 0);
  EXPECT_EQ(out_, "CANCELLED store t\n");
}

}  // namespace
}  // namespace stored::tools
