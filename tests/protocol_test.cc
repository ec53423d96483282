// The upload protocol as clients in any language see it: raw gRPC against a real server.
#include <fmt/format.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/time/clock.h"
#include "stored/v1/store_service.grpc.pb.h"
#include "tests/harness/served_test.h"
#include "tests/harness/upload_parts.h"

namespace stored::tests {
namespace {

using grpc::StatusCode;

constexpr size_t kChunkBytes = 1 << 20;

v1::UploadRequest With(v1::UploadRequest request,
                       const std::function<void(v1::UploadRequest&)>& change) {
  change(request);
  return request;
}

class ProtocolTest : public ServedTest {
 protected:
  void SetUp() override {
    ServedTest::SetUp();
    StartServer({"--max-upload-size", "1mb"});
    Connect();
  }

  void Connect() {
    stub_ = v1::StoreService::NewStub(
        grpc::CreateChannel(address(), grpc::InsecureChannelCredentials()));
  }

  static void SetDeadline(grpc::ClientContext& context) {
    context.set_deadline(std::chrono::system_clock::now() + absl::ToChronoSeconds(kTestPatience));
  }

  grpc::Status Upload(const std::vector<v1::UploadRequest>& requests,
                      v1::UploadResponse* response) {
    grpc::ClientContext context;
    SetDeadline(context);
    const auto writer = stub_->Upload(&context, response);
    for (const v1::UploadRequest& request : requests) {
      if (!writer->Write(request)) break;
    }
    writer->WritesDone();
    return writer->Finish();
  }

  // Sends the messages before the trailer, and then disconnects without a trailer.
  void UploadAndVanish(const std::vector<v1::UploadRequest>& requests) {
    grpc::ClientContext context;
    v1::UploadResponse response;
    const auto writer = stub_->Upload(&context, &response);
    for (const v1::UploadRequest& request : requests) ASSERT_TRUE(writer->Write(request));
    // Waits until the server has received everything that was written.
    v1::GetUploadResponse upload;
    const auto& header = requests.front().header();
    do {
      upload = GetUpload(header.upload_id());
    } while (upload.committed_size() < static_cast<int64_t>(requests.back().chunk().data().size()));
    context.TryCancel();
    writer->Finish();
  }

  v1::GetUploadResponse GetUpload(const std::string& upload_id) {
    grpc::ClientContext context;
    SetDeadline(context);
    v1::GetUploadRequest request;
    request.set_upload_id(upload_id);
    v1::GetUploadResponse response;
    stub_->GetUpload(&context, request, &response);
    return response;
  }

  // Watches until the end. Returns every status received.
  std::vector<v1::StoreStatus> Watch(const std::string& token) {
    grpc::ClientContext context;
    SetDeadline(context);
    v1::WatchStatusRequest request;
    request.set_token(token);
    const auto reader = stub_->WatchStatus(&context, request);
    std::vector<v1::StoreStatus> seen;
    for (v1::StoreStatus status; reader->Read(&status);) seen.push_back(status);
    EXPECT_TRUE(reader->Finish().ok());
    return seen;
  }

  int CountStores() {
    grpc::ClientContext context;
    SetDeadline(context);
    v1::ListStoresResponse response;
    EXPECT_TRUE(stub_->ListStores(&context, {}, &response).ok());
    return response.stores_size();
  }

  const std::string sarif_ = SmallSarif("file:///src/a.c");
  std::unique_ptr<v1::StoreService::Stub> stub_;
};

TEST_F(ProtocolTest, Upload_InChunks_ReturnsATokenAndARevisionThatOnlyGrows) {
  v1::UploadResponse response;
  const grpc::Status status = Upload({UploadHeader(), UploadChunk(0, sarif_.substr(0, 10)),
                                      UploadChunk(10, sarif_.substr(10)), UploadTrailer(sarif_)},
                                     &response);
  ASSERT_TRUE(status.ok()) << status.error_message();
  EXPECT_EQ(response.token().size(), 32u);
  EXPECT_TRUE(response.status().in_progress());
  EXPECT_TRUE(response.status().has_poll_after());
  const std::vector<v1::StoreStatus> seen = Watch(response.token());
  ASSERT_FALSE(seen.empty());
  EXPECT_EQ(seen.back().state(), v1::STORE_STATE_COMPLETED);
  EXPECT_EQ(seen.back().result().new_reports(), 1);
  for (size_t i = 1; i < seen.size(); ++i) EXPECT_GT(seen[i].revision(), seen[i - 1].revision());
}

TEST_F(ProtocolTest, MalformedUploads_AreRefusedWithoutAToken) {
  const v1::UploadRequest whole = UploadChunk(0, sarif_);
  struct Case {
    const char* name;
    std::vector<v1::UploadRequest> requests;
    StatusCode code;
    const char* says;
  };
  const std::string not_json = "this is not JSON";
  const std::vector<Case> cases = {
      {"no header", {whole, UploadTrailer(sarif_)}, StatusCode::INVALID_ARGUMENT, "header"},
      {"two headers",
       {UploadHeader(), UploadHeader(), whole, UploadTrailer(sarif_)},
       StatusCode::INVALID_ARGUMENT,
       "twice"},
      {"no trailer", {UploadHeader(), whole}, StatusCode::INVALID_ARGUMENT, "trailer"},
      {"empty message",
       {UploadHeader(), v1::UploadRequest()},
       StatusCode::INVALID_ARGUMENT,
       "neither"},
      {"gap",
       {UploadHeader(), UploadChunk(5, sarif_), UploadTrailer(sarif_)},
       StatusCode::INVALID_ARGUMENT,
       "offset"},
      {"overlap",
       {UploadHeader(), UploadChunk(0, sarif_), UploadChunk(0, sarif_), UploadTrailer(sarif_)},
       StatusCode::INVALID_ARGUMENT,
       "offset"},
      {"chunk damaged",
       {UploadHeader(), With(whole, [](v1::UploadRequest& r) { r.mutable_chunk()->set_crc32c(1); }),
        UploadTrailer(sarif_)},
       StatusCode::DATA_LOSS,
       "CRC-32C"},
      {"size",
       {UploadHeader(), whole, UploadTrailer(sarif_ + "x")},
       StatusCode::DATA_LOSS,
       "bytes"},
      {"digest",
       {UploadHeader(), whole,
        With(UploadTrailer(sarif_),
             [](v1::UploadRequest& r) { r.mutable_trailer()->set_sha256(std::string(64, 'a')); })},
       StatusCode::DATA_LOSS,
       "SHA-256"},
      {"digest malformed",
       {UploadHeader(), whole,
        With(UploadTrailer(sarif_),
             [](v1::UploadRequest& r) { r.mutable_trailer()->set_sha256("xyz"); })},
       StatusCode::INVALID_ARGUMENT,
       "sha256"},
      {"empty payload", {UploadHeader(), UploadTrailer("")}, StatusCode::INVALID_ARGUMENT, "empty"},
      {"magic",
       {UploadHeader(), UploadChunk(0, not_json), UploadTrailer(not_json)},
       StatusCode::INVALID_ARGUMENT,
       "SARIF"},
      {"bundle magic",
       {With(UploadHeader(),
             [](v1::UploadRequest& r) {
               r.mutable_header()->set_format(v1::PAYLOAD_FORMAT_BUNDLE);
             }),
        whole, UploadTrailer(sarif_)},
       StatusCode::INVALID_ARGUMENT,
       "bundle"},
      {"archive magic",
       {With(UploadHeader(),
             [](v1::UploadRequest& r) {
               r.mutable_header()->set_format(v1::PAYLOAD_FORMAT_ARCHIVE);
             }),
        whole, UploadTrailer(sarif_)},
       StatusCode::INVALID_ARGUMENT,
       "archive"},
      {"no format",
       {With(UploadHeader(),
             [](v1::UploadRequest& r) {
               r.mutable_header()->set_format(v1::PAYLOAD_FORMAT_UNSPECIFIED);
             })},
       StatusCode::INVALID_ARGUMENT,
       "format"},
      {"no run name", {UploadHeader("")}, StatusCode::INVALID_ARGUMENT, "run_name"},
      {"control character", {UploadHeader("a\nb")}, StatusCode::INVALID_ARGUMENT, "run_name"},
      {"unknown product",
       {With(UploadHeader(),
             [](v1::UploadRequest& r) { r.mutable_header()->set_product("nope"); })},
       StatusCode::NOT_FOUND,
       "nope"},
      {"path as product",
       {With(UploadHeader(),
             [](v1::UploadRequest& r) { r.mutable_header()->set_product("../x"); })},
       StatusCode::INVALID_ARGUMENT,
       "product"},
      {"path as upload id",
       {With(UploadHeader(),
             [](v1::UploadRequest& r) { r.mutable_header()->set_upload_id("../../../x"); })},
       StatusCode::INVALID_ARGUMENT,
       "upload_id"},
      {"too large by its own word",
       {With(UploadHeader(),
             [](v1::UploadRequest& r) { r.mutable_header()->set_expected_size(2 << 20); })},
       StatusCode::RESOURCE_EXHAUSTED,
       "1048576"},
      {"too large in fact",
       {UploadHeader(), UploadChunk(0, std::string(1 << 20, ' ')), UploadChunk(1 << 20, "x")},
       StatusCode::RESOURCE_EXHAUSTED,
       "1048576"},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    v1::UploadResponse response;
    const grpc::Status status = Upload(c.requests, &response);
    EXPECT_EQ(status.error_code(), c.code) << status.error_message();
    EXPECT_NE(status.error_message().find(c.says), std::string::npos) << status.error_message();
    EXPECT_EQ(response.token(), "");
  }
  EXPECT_EQ(CountStores(), 0);
  // The server finishes a call a moment after its client.
  const absl::Time deadline = absl::Now() + kTestPatience;
  while (!std::filesystem::is_empty(data() + "/spool") && absl::Now() < deadline) {
    absl::SleepFor(absl::Milliseconds(5));
  }
  EXPECT_TRUE(std::filesystem::is_empty(data() + "/spool"));
  v1::UploadResponse response;
  EXPECT_TRUE(Upload({UploadHeader(), whole, UploadTrailer(sarif_)}, &response).ok());
}

TEST_F(ProtocolTest, BadContentFoundByUnpacking_FailsTheStore_NothingStored) {
  const std::string payload = R"({"version":"2.1.0","runs":[{]})";
  v1::UploadResponse response;
  ASSERT_TRUE(
      Upload({UploadHeader(), UploadChunk(0, payload), UploadTrailer(payload)}, &response).ok());
  const v1::StoreStatus end = Watch(response.token()).back();
  EXPECT_EQ(end.state(), v1::STORE_STATE_FAILED);
  EXPECT_EQ(end.error().code(), v1::STORE_ERROR_CODE_BAD_INPUT);
  EXPECT_NE(end.error().message(), "");
  EXPECT_EQ(Storectl({"wait", response.token()}).exit_code, 1);
  EXPECT_EQ(Storectl({"runs", "-o", "json"}).out.find("\"name\""), std::string::npos);
}

TEST_F(ProtocolTest, SameUploadAgain_SameToken_StoredOnce) {
  const v1::UploadRequest header = With(UploadHeader(), [](v1::UploadRequest& r) {
    r.mutable_header()->set_upload_id("upload-0001");
  });
  v1::UploadResponse first;
  ASSERT_TRUE(Upload({header, UploadChunk(0, sarif_), UploadTrailer(sarif_)}, &first).ok());
  Watch(first.token());
  v1::UploadResponse again;
  ASSERT_TRUE(Upload({header, UploadChunk(0, sarif_), UploadTrailer(sarif_)}, &again).ok());
  EXPECT_EQ(again.token(), first.token());
  EXPECT_EQ(again.status().state(), v1::STORE_STATE_COMPLETED);
  EXPECT_EQ(GetUpload("upload-0001").token(), first.token());
  EXPECT_EQ(CountStores(), 1);

  const std::string other = SmallSarif("file:///src/other.c");
  v1::UploadResponse refused;
  EXPECT_EQ(Upload({header, UploadChunk(0, other), UploadTrailer(other)}, &refused).error_code(),
            StatusCode::ALREADY_EXISTS);
}

TEST_F(ProtocolTest, BrokenUpload_ResumesAtTheCommittedOffset_AlsoAfterARestart) {
  const v1::UploadRequest header = With(UploadHeader(), [](v1::UploadRequest& r) {
    r.mutable_header()->set_upload_id("upload-0002");
  });
  UploadAndVanish({header, UploadChunk(0, sarif_.substr(0, 50))});
  EXPECT_EQ(GetUpload("upload-0002").committed_size(), 50);
  EXPECT_EQ(GetUpload("upload-0002").token(), "");
  stub_.reset();
  StopServer();
  StartServer();
  Connect();
  EXPECT_EQ(GetUpload("upload-0002").committed_size(), 50);
  v1::UploadResponse response;
  const grpc::Status status =
      Upload({header, UploadChunk(50, sarif_.substr(50)), UploadTrailer(sarif_)}, &response);
  ASSERT_TRUE(status.ok()) << status.error_message();
  EXPECT_EQ(Watch(response.token()).back().state(), v1::STORE_STATE_COMPLETED);
}

// The same rows result, whether storectl or the server parses the input.
TEST_F(ProtocolTest, PayloadsThatTheServerParses_YieldTheSameRowsAsStorectl) {
  const std::string source = WriteFile("src/a.c", "int main(void) { return 0; }\n");
  const std::string plist = SmallPlist(source, "dividing by zero");
  WriteFile("reports/a.plist", plist);
  Storectl(
      {"upload", Path("reports"), "--name", "plist by storectl", "--source-root", Path("src")});
  const std::string log = WriteFile("log.sarif", sarif_);
  Storectl({"upload", log, "--name", "sarif by storectl"});
  // Packed as by CodeChecker's client: reports/ and, below root/, the sources by their paths.
  const std::string zip = Path("upload.zip");
  const Ended packed = RunProgram({"python3", "-c",
                                   "import sys, zipfile\n"
                                   "with zipfile.ZipFile(sys.argv[1], 'w') as out:\n"
                                   "    out.write(sys.argv[2], 'reports/1/a.plist')\n"
                                   "    out.write(sys.argv[3], 'root' + sys.argv[3])\n"
                                   "    out.writestr('content_hashes.json', '{}')\n",
                                   zip, Path("reports/a.plist"), source});
  ASSERT_EQ(packed.exit_code, 0) << packed.err;

  struct Case {
    v1::PayloadFormat format;
    std::string payload;
    std::string same_as;
  };
  for (const Case& c :
       {Case{v1::PAYLOAD_FORMAT_PLIST, plist, "plist by storectl"},
        Case{v1::PAYLOAD_FORMAT_SARIF, sarif_, "sarif by storectl"},
        Case{v1::PAYLOAD_FORMAT_ARCHIVE, *ReadFile(zip, 1 << 20), "plist by storectl"}}) {
    SCOPED_TRACE(v1::PayloadFormat_Name(c.format));
    const std::string run = v1::PayloadFormat_Name(c.format);
    v1::UploadResponse response;
    const grpc::Status status =
        Upload({With(UploadHeader(run),
                     [&](v1::UploadRequest& r) { r.mutable_header()->set_format(c.format); }),
                UploadChunk(0, c.payload), UploadTrailer(c.payload)},
               &response);
    ASSERT_TRUE(status.ok()) << status.error_message();
    const v1::StoreStatus end = Watch(response.token()).back();
    EXPECT_EQ(end.state(), v1::STORE_STATE_COMPLETED) << end.error().message();
    // The server reads sources only from the payload.
    const auto& warnings = end.result().warnings();
    const bool source_missing =
        std::any_of(warnings.begin(), warnings.end(), [](const std::string& warning) {
          return warning.find("source files were not found") != std::string::npos;
        });
    EXPECT_EQ(source_missing, c.format != v1::PAYLOAD_FORMAT_ARCHIVE) << end.ShortDebugString();
    ASSERT_EQ(Rows(c.same_as).size(), 1u);
    EXPECT_EQ(Rows(run), Rows(c.same_as));
  }
}

TEST_F(ProtocolTest, BlockingStore_ReturnsTheFinalStatus) {
  grpc::ClientContext context;
  SetDeadline(context);
  v1::StoreStatus status;
  const auto writer = stub_->Store(&context, &status);
  for (const v1::UploadRequest& request :
       {UploadHeader(), UploadChunk(0, sarif_), UploadTrailer(sarif_)}) {
    ASSERT_TRUE(writer->Write(request));
  }
  writer->WritesDone();
  ASSERT_TRUE(writer->Finish().ok());
  EXPECT_EQ(status.state(), v1::STORE_STATE_COMPLETED);
  EXPECT_EQ(status.result().new_reports(), 1);
}

TEST_F(ProtocolTest, FindMissingSources_NamesThoseTheServerLacks_Once) {
  v1::FindMissingSourcesRequest request;
  const std::string digest = Sha256::Of("some source").Hex();
  request.add_sha256(digest);
  request.add_sha256(digest);
  v1::FindMissingSourcesResponse response;
  grpc::ClientContext context;
  ASSERT_TRUE(stub_->FindMissingSources(&context, request, &response).ok());
  ASSERT_EQ(response.sha256_size(), 1);
  EXPECT_EQ(response.sha256(0), digest);
}

// A store is cancelled before the server has read all of a log that takes it many seconds.
TEST_F(ProtocolTest, CancelWhileTheServerReadsALargeLog_EndsSoon) {
  StopServer();
  StartServer();
  const std::string log = LargeSarif(1'000'000);
  std::vector<v1::UploadRequest> requests = {UploadHeader()};
  for (size_t offset = 0; offset < log.size(); offset += kChunkBytes) {
    requests.push_back(UploadChunk(static_cast<int64_t>(offset), log.substr(offset, kChunkBytes)));
  }
  requests.push_back(UploadTrailer(log));
  v1::UploadResponse response;
  ASSERT_TRUE(Upload(requests, &response).ok());
  while (Status(response.token()).state() == v1::STORE_STATE_ENQUEUED) {
  }
  absl::SleepFor(absl::Milliseconds(500));  // In the middle of reading the log.
  ASSERT_EQ(Status(response.token()).state(), v1::STORE_STATE_RUNNING);
  const absl::Time asked = absl::Now();
  v1::CancelStoreRequest cancel;
  cancel.set_token(response.token());
  grpc::ClientContext context;
  v1::StoreStatus status;
  ASSERT_TRUE(stub_->CancelStore(&context, cancel, &status).ok());
  // Polls often, unlike storectl, which polls so large a store rarely.
  while (Status(response.token()).in_progress()) {
  }
  const absl::Duration took = absl::Now() - asked;
  EXPECT_EQ(Status(response.token()).state(), v1::STORE_STATE_CANCELLED);
  fmt::print("cancelled in {} ms\n", absl::ToInt64Milliseconds(took));
  EXPECT_LT(took, absl::Seconds(5));
  EXPECT_TRUE(SpoolIsEmpty());
}

// An upload that stalls after its header does not keep other uploads out.
TEST_F(ProtocolTest, QuietUpload_GivesItsPlaceToAnother) {
  StopServer();
  StartServer({"--max-uploads", "1", "--quiet-upload-timeout", "1s"});
  grpc::ClientContext quiet_context;
  SetDeadline(quiet_context);
  v1::UploadResponse quiet_response;
  const auto quiet = stub_->Upload(&quiet_context, &quiet_response);
  v1::UploadRequest header;
  header.mutable_header()->set_product("default");
  header.mutable_header()->set_run_name("quiet");
  header.mutable_header()->set_format(v1::PAYLOAD_FORMAT_SARIF);
  header.mutable_header()->set_upload_id("00000000-0000-4000-8000-000000000001");
  ASSERT_TRUE(quiet->Write(header));
  // The server tells storectl to retry until there is room.
  EXPECT_EQ(ServedTest::Upload({WriteFile("log.sarif", sarif_), "--name", "other"}).state(),
            v1::STORE_STATE_COMPLETED);
  const grpc::Status ended = quiet->Finish();
  EXPECT_EQ(ended.error_code(), StatusCode::UNAVAILABLE);
  EXPECT_NE(ended.error_message().find("--quiet-upload-timeout"), std::string::npos)
      << ended.error_message();
}

TEST_F(ProtocolTest, UnknownToken_IsNotFound_ForEveryCall) {
  v1::GetStatusRequest get;
  get.set_token(std::string(32, '0'));
  v1::StoreStatus status;
  grpc::ClientContext get_context;
  EXPECT_EQ(stub_->GetStatus(&get_context, get, &status).error_code(), StatusCode::NOT_FOUND);
  v1::CancelStoreRequest cancel;
  cancel.set_token(get.token());
  grpc::ClientContext cancel_context;
  EXPECT_EQ(stub_->CancelStore(&cancel_context, cancel, &status).error_code(),
            StatusCode::NOT_FOUND);
  v1::WatchStatusRequest watch;
  watch.set_token(get.token());
  grpc::ClientContext watch_context;
  SetDeadline(watch_context);
  const auto reader = stub_->WatchStatus(&watch_context, watch);
  EXPECT_FALSE(reader->Read(&status));
  EXPECT_EQ(reader->Finish().error_code(), StatusCode::NOT_FOUND);
}

}  // namespace
}  // namespace stored::tests
