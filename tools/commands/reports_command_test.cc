// Tests of `storectl reports`.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tools/testing/storectl_fixture.h"

namespace stored::tools {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

using ReportsCommandTest = StorectlTest;

void AddReport(v1::ListReportsResponse& response, const std::string& message) {
  v1::Report& report = *response.add_reports();
  report.set_severity(v1::SEVERITY_HIGH);
  report.set_checker_name("core.NullDereference");
  report.set_file_path("src/a.c");
  report.set_line(12);
  report.set_column(3);
  report.set_detection_status(v1::DETECTION_STATUS_NEW);
  report.set_message(message);
}

TEST_F(ReportsCommandTest, Reports_Filters_ReachTheServer) {
  server_.on_list_reports = [](const v1::ListReportsRequest& request,
                               v1::ListReportsResponse& response) {
    EXPECT_EQ(request.run_name(), "nightly");
    EXPECT_THAT(request.checker_names(), ElementsAre("core.*", "unix.*"));
    EXPECT_THAT(request.file_paths(), ElementsAre("src/*"));
    EXPECT_THAT(request.severities(), ElementsAre(v1::SEVERITY_HIGH));
    EXPECT_THAT(request.detection_statuses(), ElementsAre(v1::DETECTION_STATUS_NEW));
    EXPECT_THAT(request.review_statuses(), ElementsAre(v1::REVIEW_STATUS_FALSE_POSITIVE));
    EXPECT_TRUE(request.include_bug_path());
    AddReport(response, "null\x1b[2J");
    response.mutable_reports(0)->mutable_bug_path()->add_events()->set_message("taken");
    return grpc::Status::OK;
  };
  EXPECT_EQ(
      Run({"reports", "--checker", "core.*", "--checker", "unix.*", "--file", "src/*", "--severity",
           "high", "--status", "new", "--review", "false-positive", "--bug-path", "nightly"}),
      0)
      << err_;
  EXPECT_THAT(out_, HasSubstr("high      core.NullDereference  src/a.c:12:3  new"));
  EXPECT_THAT(out_, HasSubstr("null\\x1b[2J\n"));
  EXPECT_THAT(out_, HasSubstr("step 1"));
}

TEST_F(ReportsCommandTest, Reports_FiltersForReportsWithoutFile_ReachTheServer) {
  server_.on_list_reports = [](const v1::ListReportsRequest& request,
                               v1::ListReportsResponse& response) {
    EXPECT_THAT(request.logical_locations(), ElementsAre("pkg::*", "image"));
    EXPECT_TRUE(request.without_file());
    EXPECT_THAT(request.analyzer_names(), ElementsAre("unknown"));
    EXPECT_THAT(request.severities(), ElementsAre(v1::SEVERITY_UNSPECIFIED));
    AddReport(response, "found");
    return grpc::Status::OK;
  };
  EXPECT_EQ(Run({"reports", "nightly", "--logical-location", "pkg::*", "--logical-location",
                 "image", "--no-file", "--analyzer", "unknown", "--severity", "unspecified"}),
            0)
      << err_;
  EXPECT_EQ(err_, "");
}

TEST_F(ReportsCommandTest, Reports_Snapshot_ReachesTheServer) {
  v1::ListReportsRequest received;
  server_.on_list_reports = [&](const v1::ListReportsRequest& request,
                                v1::ListReportsResponse& response) {
    received = request;
    AddReport(response, "found");
    response.mutable_snapshot()->set_store_number(1);
    return grpc::Status::OK;
  };
  EXPECT_EQ(Run({"reports", "ns\\:app:v1:2"}), 0) << err_;
  EXPECT_EQ(received.run_name(), "ns:app");
  EXPECT_EQ(received.tag(), "v1:2");
  EXPECT_EQ(Run({"reports", "app@2023-11-14"}), 0) << err_;
  EXPECT_EQ(received.run_name(), "app");
  EXPECT_EQ(received.time().seconds(), 1'700'006'399);
  EXPECT_EQ(Run({"reports", "app"}), 0) << err_;
  EXPECT_EQ(received.snapshot_case(), v1::ListReportsRequest::SNAPSHOT_NOT_SET);
}

TEST_F(ReportsCommandTest, Reports_SnapshotOfAServerThatKeepsNoPast_Fails) {
  server_.on_list_reports = [](const v1::ListReportsRequest&, v1::ListReportsResponse& response) {
    AddReport(response, "of the newest state");
    return grpc::Status::OK;
  };
  EXPECT_EQ(Run({"reports", "app:v1"}), 3);
  EXPECT_EQ(out_, "");
  EXPECT_THAT(err_, HasSubstr("the server is older than this storectl"));
  EXPECT_EQ(Run({"reports", "app"}), 0) << err_;
}

TEST_F(ReportsCommandTest, Reports_MalformedSnapshot_SaysWhatToWrite) {
  EXPECT_EQ(Run({"reports", "me@host"}), 2);
  EXPECT_THAT(err_, HasSubstr("storectl: 'host' is not a time: write 2026-01-31"));
  EXPECT_EQ(Run({"reports", "app:"}), 2);
  EXPECT_THAT(err_, HasSubstr("storectl: 'app:' has no tag after the ':'"));
}

TEST_F(ReportsCommandTest, Reports_NothingMatches_PrintsANote) {
  server_.on_list_reports = [](const v1::ListReportsRequest&, v1::ListReportsResponse&) {
    return grpc::Status::OK;
  };
  EXPECT_EQ(Run({"reports", "nightly", "--severity", "high"}), 0);
  EXPECT_EQ(err_, "no report of run nightly matches\n");
  EXPECT_EQ(Run({"reports", "nightly", "-o", "json"}), 0);
  EXPECT_EQ(err_, "");
}

TEST_F(ReportsCommandTest, Reports_NoFile_ShowsTheLogicalLocation) {
  server_.on_list_reports = [](const v1::ListReportsRequest&, v1::ListReportsResponse& response) {
    AddReport(response, "about an image");
    response.mutable_reports(0)->set_file_path("");
    response.mutable_reports(0)->set_line(0);
    response.mutable_reports(0)->set_column(0);
    response.mutable_reports(0)->set_logical_location("image:\x1b[2J");
    AddReport(response, "in a function");
    response.mutable_reports(1)->set_logical_location("pkg::main");
    return grpc::Status::OK;
  };
  EXPECT_EQ(Run({"reports", "nightly"}), 0) << err_;
  EXPECT_THAT(out_, HasSubstr("core.NullDereference  image:\\x1b[2J  new"));
  EXPECT_THAT(out_, HasSubstr("core.NullDereference  src/a.c:12:3   new"));
  EXPECT_EQ(Run({"reports", "nightly", "-o", "json"}), 0) << err_;
  EXPECT_THAT(out_, HasSubstr("\"filePath\":\"\""));
  const auto all = OutAs<v1::ListReportsResponse>();
  ASSERT_EQ(all.reports_size(), 2);
  EXPECT_EQ(all.reports(0).logical_location(), "image:\x1b[2J");
  EXPECT_EQ(all.reports(1).logical_location(), "pkg::main");
}

TEST_F(ReportsCommandTest, Reports_BugPath_ShowsEveryPathNoteAndMacro) {
  server_.on_list_reports = [](const v1::ListReportsRequest&, v1::ListReportsResponse& response) {
    AddReport(response, "null");
    response.mutable_reports(0)->set_review_status(v1::REVIEW_STATUS_UNREVIEWED);
    v1::BugPath& path = *response.mutable_reports(0)->mutable_bug_path();
    const auto fill = [](v1::BugPathEvent& event, int line, const std::string& message) {
      if (line > 0) event.set_file_path("src/b.c");
      event.set_line(line);
      event.set_message(message);
    };
    fill(*path.add_events(), 1, "called");
    fill(*path.add_events(), 0, "in the runtime\n");
    v1::BugPathSteps& second = *path.add_further_paths();
    fill(*second.add_events(), 2, "called elsewhere");
    v1::BugPathSteps& third = *path.add_further_paths();
    fill(*third.add_events(), 3, "read");
    fill(*third.add_events(), 4, "");
    fill(*path.add_notes(), 7, "declared here");
    v1::MacroExpansion& macro = *path.add_macro_expansions();
    macro.set_file_path("src/m.h");
    macro.set_line(5);
    macro.set_column(6);
    macro.set_name("MAX");
    macro.set_expansion("((a) > (b))\x1b");
    return grpc::Status::OK;
  };
  EXPECT_EQ(Run({"reports", "nightly", "--bug-path"}), 0) << err_;
  EXPECT_EQ(out_,
            "SEVERITY  CHECKER               LOCATION      STATUS  REVIEW      MESSAGE\n"
            "high      core.NullDereference  src/a.c:12:3  new     unreviewed  null\n"
            "-           path 1 of 3         -             -       -           2 steps\n"
            "-             step 1            src/b.c:1     -       -           called\n"
            "-             step 2            -             -       -           in the runtime\\n\n"
            "-           path 2 of 3         -             -       -           1 step\n"
            "-             step 1            src/b.c:2     -       -           called elsewhere\n"
            "-           path 3 of 3         -             -       -           2 steps\n"
            "-             step 1            src/b.c:3     -       -           read\n"
            "-             step 2            src/b.c:4     -       -           -\n"
            "-           note                src/b.c:7     -       -           declared here\n"
            "-           macro               src/m.h:5:6   -       -           MAX expands to ((a) "
            "> (b))\\x1b\n");
}

TEST_F(ReportsCommandTest, Reports_StoredIntoMeanwhile_StartsAgain) {
  server_.on_list_reports = [n = 0](const v1::ListReportsRequest& request,
                                    v1::ListReportsResponse& response) mutable {
    ++n;
    if (n == 2) return grpc::Status(grpc::StatusCode::ABORTED, "the run was stored into");
    AddReport(response, "report " + std::to_string(n));
    if (request.page_token().empty()) response.set_next_page_token("2");
    return grpc::Status::OK;
  };
  EXPECT_EQ(Run({"reports", "nightly", "-o", "json"}), 0) << err_;
  const auto all = OutAs<v1::ListReportsResponse>();
  ASSERT_EQ(all.reports_size(), 2);
  EXPECT_EQ(all.reports(0).message(), "report 3");
}

TEST_F(ReportsCommandTest, Reports_StoredIntoAfterAPageWasPrinted_EndsWithThree) {
  server_.on_list_reports = [](const v1::ListReportsRequest& request,
                               v1::ListReportsResponse& response) {
    if (!request.page_token().empty()) {
      return grpc::Status(grpc::StatusCode::ABORTED, "the run was stored into");
    }
    AddReport(response, "report");
    response.set_next_page_token("2");
    return grpc::Status::OK;
  };
  EXPECT_EQ(Run({"reports", "nightly"}), 3);
  EXPECT_EQ(server_.calls("ListReports"), 2);
}

}  // namespace
}  // namespace stored::tools
