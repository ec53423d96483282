// A data directory that the previous version wrote, opened by this one: nothing is lost, and
// results that were stored then and are stored again are neither new nor resolved.
#include <fmt/format.h>
#include <google/protobuf/struct.pb.h>
#include <google/protobuf/util/json_util.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "stored/v1/store_service.grpc.pb.h"
#include "tests/harness/served_test.h"
#include "tests/harness/upload_parts.h"

namespace stored::tests {
namespace {

// See README.md in the fixture's directory.
std::string Fixture(const std::string& name) {
  return SourcePath("tests/older_versions/schema_2/" + name);
}

constexpr char kUnfinished[] = "33333333-3333-4333-8333-333333333333";
constexpr int64_t kUnfinishedBytes = 1500;

class OlderVersionTest : public ServedTest {
 protected:
  void SetUp() override {
    ServedTest::SetUp();
    std::filesystem::create_directory(data());
    // Sets the times of the files to the present; otherwise the upload that was cut short would
    // have expired.
    const Ended unpacked = RunProgram({"tar", "--extract", "--zstd", "--touch", "--file",
                                       Fixture("data.tar.zst"), "--directory", data()});
    ASSERT_EQ(unpacked.exit_code, 0) << unpacked.err;
    StartServer();
  }

  // Returns the reports of a run as that version returned them.
  static std::vector<v1::Report> Expected(const std::string& run) {
    const absl::StatusOr<std::string> text = ReadFile(Fixture("expected.json"), 1 << 20);
    EXPECT_TRUE(text.ok()) << text.status();
    google::protobuf::Struct all;
    EXPECT_TRUE(google::protobuf::util::JsonStringToMessage(*text, &all).ok());
    std::string json;
    EXPECT_TRUE(google::protobuf::util::MessageToJsonString(all.fields().at(run), &json).ok());
    v1::ListReportsResponse list;
    EXPECT_TRUE(google::protobuf::util::JsonStringToMessage(json, &list).ok()) << json;
    return {list.reports().begin(), list.reports().end()};
  }

  void ExpectAsItWas(const std::string& run, const std::vector<std::string>& more = {}) {
    const std::vector<v1::Report> was = Expected(run);
    std::vector<v1::Report> is = Reports(run, more);
    ASSERT_EQ(is.size(), was.size());
    for (size_t i = 0; i < is.size(); ++i) {
      // Two differences are intended. If no format stated a severity, it now follows from the
      // checker, for old reports too; and an unknown analyzer now has a name.
      if (was[i].severity() == v1::SEVERITY_UNSPECIFIED) is[i].clear_severity();
      if (was[i].analyzer_name().empty()) is[i].clear_analyzer_name();
      EXPECT_EQ(is[i].DebugString(), was[i].DebugString());
    }
  }

  // Stores one of the fixture's inputs again, in the same way as it was stored then. Takes it from
  // a copy, because Bazel gives tests links to the sources, which storectl does not follow out of
  // the report directory.
  v1::StoreResult StoreAgain(const std::string& input, const std::string& run,
                             const std::vector<std::string>& more = {}) {
    const std::string inputs = Path("inputs");
    if (!std::filesystem::exists(inputs)) {
      std::filesystem::copy(Fixture("inputs"), inputs, std::filesystem::copy_options::recursive);
    }
    std::vector<std::string> arguments = {
        inputs + "/" + input, "--name", run, "--trim-path-prefix", inputs, "--source-root", inputs};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return Upload(arguments).result();
  }
};

TEST_F(OlderVersionTest, Runs_AreServedUnchanged) {
  ExpectAsItWas("app");
  ExpectAsItWas("scan");
  ExpectAsItWas("boot", {"--product", "firmware"});
}

TEST_F(OlderVersionTest, InputsStoredAgain_NothingIsNewOrResolved) {
  const std::map<std::string, v1::StoreResult> results = {
      {"app", StoreAgain("app/3", "app")},
      {"scan", StoreAgain("scan.sarif", "scan")},
      {"boot", StoreAgain("boot", "boot", {"--product", "firmware"})}};
  for (const auto& [run, result] : results) {
    EXPECT_EQ(result.new_reports(), 0) << run;
    EXPECT_EQ(result.resolved_reports(), 0) << run;
    EXPECT_EQ(result.reopened_reports(), 0) << run;
    EXPECT_EQ(result.unresolved_reports(), run == "boot" ? 1 : 3) << run;
  }
  // The table has no further row: the identities are the same.
  const std::vector<v1::Report> was = Expected("app");
  const std::vector<v1::Report> is = Reports("app");
  ASSERT_EQ(is.size(), was.size());
  for (size_t i = 0; i < is.size(); ++i) {
    EXPECT_EQ(is[i].report_id(), was[i].report_id());
    EXPECT_EQ(is[i].report_hash(), was[i].report_hash());
    EXPECT_EQ(is[i].detected_at().seconds(), was[i].detected_at().seconds());
  }
}

TEST_F(OlderVersionTest, WaitingStores_AreCompleted) {
  const std::map<std::string, std::string> waiting = {
      {"8bc8b5da3d92b937da48659a33b15162", "waiting"},
      {"2ed1d4dc0ac2d90e5f562223a19600b5", "typed"},
      {"a0eb10267ecbab028ee5c449ed122139", "boot-again"}};
  for (const auto& [token, run] : waiting) {
    const v1::StoreStatus status = Wait(token);
    EXPECT_EQ(status.state(), v1::STORE_STATE_COMPLETED) << status.DebugString();
    EXPECT_EQ(status.run_name(), run);
    EXPECT_EQ(status.result().new_reports(), 1) << run;
  }
  EXPECT_EQ(Reports("waiting").at(0).message(), "waited");
  EXPECT_EQ(Reports("typed").at(0).file_path(), "w.c") << "the prefix that was asked for then";
}

TEST_F(OlderVersionTest, EndedStores_KeepTheirOutcome) {
  const v1::StoreStatus status = Status("91e535a4826fd0175762e167362a7132");
  EXPECT_EQ(status.state(), v1::STORE_STATE_COMPLETED);
  EXPECT_EQ(status.result().new_reports(), 5);
  EXPECT_EQ(status.tag(), "v1");
}

TEST_F(OlderVersionTest, UnfinishedUpload_IsResumed) {
  const absl::StatusOr<std::string> log = ReadFile(Fixture("inputs/unfinished.sarif"), 1 << 20);
  ASSERT_TRUE(log.ok()) << log.status();
  const auto stub =
      v1::StoreService::NewStub(grpc::CreateChannel(address(), grpc::InsecureChannelCredentials()));
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(20));
  v1::GetUploadRequest request;
  request.set_upload_id(kUnfinished);
  v1::GetUploadResponse upload;
  ASSERT_TRUE(stub->GetUpload(&context, request, &upload).ok());
  ASSERT_EQ(upload.committed_size(), kUnfinishedBytes);

  grpc::ClientContext rest_context;
  rest_context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(20));
  v1::UploadRequest header = UploadHeader("unfinished");
  header.mutable_header()->set_upload_id(kUnfinished);
  v1::UploadResponse response;
  const auto writer = stub->Upload(&rest_context, &response);
  writer->Write(header);
  writer->Write(UploadChunk(kUnfinishedBytes, log->substr(kUnfinishedBytes)));
  writer->Write(UploadTrailer(*log));
  writer->WritesDone();
  const grpc::Status status = writer->Finish();
  ASSERT_TRUE(status.ok()) << status.error_message();
  EXPECT_EQ(Wait(response.token()).result().new_reports(), 20);
}

}  // namespace
}  // namespace stored::tests
