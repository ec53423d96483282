// A disk whose calls fail, once or for a while, under a server that keeps running: it reports clear
// errors, acknowledges nothing that is not safe, and loses and duplicates nothing.
#include <fcntl.h>
#include <fmt/format.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "base/files/file.h"
#include "stored/v1/report_service.grpc.pb.h"
#include "stored/v1/store_service.grpc.pb.h"
#include "tests/disk/disk_fault.h"
#include "tests/harness/served_test.h"
#include "tests/harness/upload_parts.h"

namespace stored::tests {
namespace {

namespace fs = std::filesystem;

class FailingDiskTest : public ServedTest {
 protected:
  void SetUp() override {
    ServedTest::SetUp();
    const UniqueFd fd = *OpenFile(Path("fault"), O_RDWR | O_CREAT);
    ASSERT_EQ(::ftruncate(fd.get(), sizeof(DiskFault)), 0);
    void* const mapped =
        ::mmap(nullptr, sizeof(DiskFault), PROT_READ | PROT_WRITE, MAP_SHARED, fd.get(), 0);
    ASSERT_NE(mapped, MAP_FAILED);
    fault_ = static_cast<DiskFault*>(mapped);
    server_environment_ = {{"LD_PRELOAD", STORED_FAILING_DISK},
                           {"STORED_DISK_FAULT", Path("fault")},
                           // AddressSanitizer's library is loaded second then, and would refuse to
                           // start.
                           {"ASAN_OPTIONS", "verify_asan_link_order=0"}};
  }
  void TearDown() override {
    server_.reset();
    if (fault_ != nullptr) ::munmap(fault_, sizeof(DiskFault));
  }

  // Selects the calls of these kinds on paths that contain `path`. Of them, the next `well` succeed
  // and the `times` after those fail.
  void Fail(int32_t kinds, const std::string& path, int32_t times = DiskFault::kForEver,
            int32_t well = 0, int32_t error = EIO) {
    Heal();
    path.copy(fault_->path, sizeof(fault_->path) - 1);
    fault_->path[std::min(path.size(), sizeof(fault_->path) - 1)] = '\0';
    fault_->error = error;
    fault_->well = well;
    fault_->failing = times;
    fault_->kinds = kinds;
  }
  void Heal() {
    fault_->kinds = 0;
    fault_->seen = 0;
    fault_->failed = 0;
  }
  DiskFault& fault() { return *fault_; }

  std::string queue() const { return data() + "/meta.db"; }
  std::string product() const { return data() + "/products/default.db"; }

  // Makes one attempt at an upload. Sets the token if the upload is acknowledged.
  grpc::Status TryUpload(const std::string& upload_id, const std::string& payload,
                         std::string* token) {
    grpc::ClientContext context;
    Limit(context);
    v1::UploadResponse response;
    const auto writer = StoreStub()->Upload(&context, &response);
    v1::UploadRequest header = UploadHeader("run");
    header.mutable_header()->set_upload_id(upload_id);
    // The final status reports writes that failed.
    writer->Write(header);
    constexpr size_t kChunk = 1 << 20;
    for (size_t at = 0; at < payload.size(); at += kChunk) {
      writer->Write(UploadChunk(static_cast<int64_t>(at), payload.substr(at, kChunk)));
    }
    writer->Write(UploadTrailer(payload));
    writer->WritesDone();
    grpc::Status status = writer->Finish();
    *token = response.token();
    return status;
  }
  // Uploads, and expects an error that gives the reason instead of an acknowledgement.
  void ExpectRefused(const std::string& upload_id, const std::string& payload,
                     const std::string& words) {
    std::string token;
    const grpc::Status status = TryUpload(upload_id, payload, &token);
    EXPECT_EQ(status.error_code(), grpc::StatusCode::UNAVAILABLE) << status.error_message();
    EXPECT_NE(status.error_message().find(words), std::string::npos) << status.error_message();
    EXPECT_EQ(token, "");
  }
  std::string TokenOf(const std::string& upload_id) {
    grpc::ClientContext context;
    Limit(context);
    v1::GetUploadRequest request;
    request.set_upload_id(upload_id);
    v1::GetUploadResponse response;
    StoreStub()->GetUpload(&context, request, &response);
    return response.token();
  }
  grpc::Status TryListReports(const std::string& run) {
    grpc::ClientContext context;
    Limit(context);
    v1::ListReportsRequest request;
    request.set_run_name(run);
    v1::ListReportsResponse response;
    return v1::ReportService::NewStub(Channel())->ListReports(&context, request, &response);
  }

  // Returns the number of stores into the run.
  int StoresInto(const std::string& run) {
    const Ended runs = Storectl({"runs", "--run", run, "-o", "json"});
    const std::string key = "\"storeCount\":";
    const size_t at = runs.out.find(key);
    EXPECT_NE(at, std::string::npos) << runs.out << runs.err;
    return at == std::string::npos ? -1 : std::atoi(runs.out.c_str() + at + key.size());
  }

  // Kills the server with SIGKILL and starts the next one on a disk without faults.
  void Crash() {
    server().Stop(SIGKILL);
    Heal();
    StartServer();
  }

 private:
  static void Limit(grpc::ClientContext& context) {
    context.set_deadline(std::chrono::system_clock::now() + absl::ToChronoSeconds(kTestPatience));
  }
  std::shared_ptr<grpc::Channel> Channel() {
    return grpc::CreateChannel(address(), grpc::InsecureChannelCredentials());
  }
  std::unique_ptr<v1::StoreService::Stub> StoreStub() {
    return v1::StoreService::NewStub(Channel());
  }

  DiskFault* fault_ = nullptr;
};

// Fails each sync in a server's life in turn, from its start to its stop. Clients notice only a
// delay.
TEST_F(FailingDiskTest, AnySyncFails_ServerRecovers_NothingIsLostOrDoubled) {
  const std::string first = WriteFile("first.sarif", SmallSarif("a.c"));
  const std::string second = WriteFile("second.sarif", SmallSarif("b.c"));
  const auto live = [&] {
    const std::vector<std::string> command = {BinaryPath("stored"), "--data", data(), "--listen",
                                              address()};
    fs::remove(Path("server.log"));
    server_ = std::make_unique<Child>(command, Path("server.log"), server_environment_);
    const absl::Time deadline = absl::Now() + kTestPatience;
    while (server().Output().find("listening on") == std::string::npos && absl::Now() < deadline) {
      if (server().Running()) continue;
      // The server's last line gives the reason, and the next start succeeds.
      const std::string output = server().Output();
      EXPECT_EQ(server().Stop(SIGTERM), 1) << output;
      EXPECT_NE(output.find("stored: "), std::string::npos) << output;
      EXPECT_NE(output.find("nput/output error"), std::string::npos) << output;
      StartServer();
    }
    EXPECT_EQ(Upload({first, "--name", "run"}).result().new_reports(), 1);
    EXPECT_EQ(Upload({second, "--name", "run"}).result().resolved_reports(), 1);
  };
  const auto verify = [&] {
    EXPECT_EQ(StoresInto("run"), 2);
    EXPECT_EQ(Rows("run").size(), 2u);
  };

  Fail(DiskFault::kSync, data(), 0);
  live();
  StopServer();
  const int syncs = fault().seen;
  ASSERT_GT(syncs, 10);
  int met = 0;
  for (int n = 0; n < syncs; ++n) {
    SCOPED_TRACE(fmt::format("sync {} of {} fails", n + 1, syncs));
    fs::remove_all(data());
    Fail(DiskFault::kSync, data(), 1, n);
    live();
    verify();
    // A stop or the next start may have to repair the effect of the failed sync.
    EXPECT_EQ(server().Stop(n % 2 == 0 ? SIGTERM : SIGKILL), n % 2 == 0 ? 0 : 128 + SIGKILL);
    EXPECT_LE(fault().failed, 1);
    met += fault().failed;
    Heal();
    StartServer();
    verify();
    EXPECT_TRUE(SpoolIsEmpty());
    if (HasFailure()) return;
  }
  fmt::print("{} syncs failed, one in each of {} servers\n", met, syncs);
  EXPECT_GT(met, syncs / 2);
}

// No client gets a token if the bytes, their name or their queue entry could not be synced.
TEST_F(FailingDiskTest, SyncFails_NoToken_AndTheSameUploadLaterIsStoredOnce) {
  StartServer();
  const std::string payload = SmallSarif("a.c");
  int stores = 0;
  for (const auto& [path, words] : std::vector<std::pair<std::string, std::string>>{
           {".part", "/spool/"}, {"/spool", "/spool"}, {"meta.db-wal", "meta.db"}}) {
    SCOPED_TRACE(path);
    for (const bool crashes : {false, true}) {
      const std::string upload_id = fmt::format("upload-{}", ++stores);
      Fail(DiskFault::kSync, path);
      ExpectRefused(upload_id, payload, words);
      EXPECT_EQ(TokenOf(upload_id), "");
      EXPECT_GT(fault().failed, 0);
      if (crashes) Crash();
      Heal();
      // A commit whose sync failed may be visible later. Then it is the same store.
      std::string token;
      const grpc::Status status = TryUpload(upload_id, payload, &token);
      ASSERT_TRUE(status.ok()) << status.error_message();
      EXPECT_EQ(Wait(token).state(), v1::STORE_STATE_COMPLETED);
      EXPECT_EQ(StoresInto("run"), stores);
    }
  }
  // The payload of a commit that was rolled back stays until no session can refer to it.
  Crash();
  EXPECT_TRUE(SpoolIsEmpty());
  EXPECT_EQ(StoresInto("run"), stores);
}

// After a failed sync a kernel may have dropped the pages that it could not write, and it reports
// that only once.
TEST_F(FailingDiskTest, SyncFails_DroppedBytesAreSentAgain) {
  StartServer();
  Fail(DiskFault::kSync, ".part", 1);
  fault().drops_content = 1;
  const v1::StoreStatus end = Upload({WriteFile("log.sarif", SmallSarif("a.c")), "--name", "run"});
  EXPECT_EQ(fault().failed, 1);
  EXPECT_EQ(end.state(), v1::STORE_STATE_COMPLETED) << end.ShortDebugString();
  EXPECT_EQ(StoresInto("run"), 1);
}

TEST_F(FailingDiskTest, ResultsCannotBeSynced_StoreWaits_AndIsStoredOnce) {
  StartServer();
  const std::string log = WriteFile("log.sarif", SmallSarif("a.c"));
  Upload({log, "--name", "before"});
  Fail(DiskFault::kSync, "default.db");
  const std::string token = UploadNoBlock(log, "run");
  EXPECT_NE(server().WaitForLine("tried again"), "") << server().Output();
  EXPECT_TRUE(Status(token).in_progress());
  EXPECT_EQ(Rows("before").size(), 1u);
  Heal();
  EXPECT_EQ(Wait(token).state(), v1::STORE_STATE_COMPLETED);
  EXPECT_EQ(StoresInto("run"), 1);
  Crash();
  EXPECT_EQ(StoresInto("run"), 1);
}

TEST_F(FailingDiskTest, NothingCanBeWritten_UploadsAreRefused_QueriesAnswer) {
  StartServer();
  const std::string log = WriteFile("log.sarif", SmallSarif("a.c"));
  Upload({log, "--name", "before"});
  const std::string payload = SmallSarif("b.c");
  int stores = 0;
  for (const int error : {EIO, EROFS}) {
    SCOPED_TRACE(std::strerror(error));
    const std::string upload_id = fmt::format("upload-{}", ++stores);
    Fail(DiskFault::kWrite, data(), DiskFault::kForEver, 0, error);
    ExpectRefused(upload_id, payload, error == EIO ? "nput/output error" : "ead-only file system");
    EXPECT_EQ(Rows("before").size(), 1u);
    Heal();
    std::string token;
    EXPECT_TRUE(TryUpload(upload_id, payload, &token).ok());
    EXPECT_EQ(Wait(token).state(), v1::STORE_STATE_COMPLETED);
    EXPECT_EQ(StoresInto("run"), stores);
  }
  EXPECT_TRUE(SpoolIsEmpty());
}

// As on a disk whose file system becomes read-only while a store is in progress.
TEST_F(FailingDiskTest, NothingCanBeWrittenFromNowOn_AcknowledgedStoreWaits) {
  StartServer();
  Fail(DiskFault::kWrite, "default.db", DiskFault::kForEver, 0, EROFS);
  const std::string token = UploadNoBlock(WriteFile("log.sarif", LargeSarif(5'000)), "run");
  EXPECT_NE(server().WaitForLine("tried again"), "") << server().Output();
  Fail(DiskFault::kWrite, data(), DiskFault::kForEver, 0, EROFS);
  EXPECT_TRUE(Status(token).in_progress());
  Heal();
  EXPECT_EQ(Wait(token).result().new_reports(), 5'000);
  EXPECT_EQ(StoresInto("run"), 1);
}

TEST_F(FailingDiskTest, ResultsCannotBeRead_IsReported_OthersAreServed) {
  StartServer();
  const std::string log = WriteFile("log.sarif", LargeSarif(2'000));
  Upload({log, "--name", "run"});
  ASSERT_EQ(Storectl({"products", "add", "other"}).exit_code, 0);
  StopServer();  // The server's memory holds no pages of the database then.
  StartServer();
  Fail(DiskFault::kRead, "default.db");
  const grpc::Status refused = TryListReports("run");
  EXPECT_EQ(refused.error_code(), grpc::StatusCode::UNAVAILABLE) << refused.error_message();
  EXPECT_NE(refused.error_message().find("default.db"), std::string::npos)
      << refused.error_message();
  std::string waiting;
  ASSERT_TRUE(TryUpload("upload-1", LargeSarif(2'000), &waiting).ok());
  EXPECT_NE(server().WaitForLine("tried again"), "") << server().Output();
  EXPECT_EQ(Upload({log, "--name", "run", "--product", "other"}).result().new_reports(), 2'000);
  Heal();
  EXPECT_EQ(Wait(waiting).result().unresolved_reports(), 2'000);
  EXPECT_EQ(Rows("run").size(), 2'000u);
}

// The early start of write-back is a hint: it shortens the wait after a client's last byte, and its
// failure changes nothing.
TEST_F(FailingDiskTest, WriteBackStartsWhileAnUploadArrives_OrFails) {
  StartServer();
  const std::string payload = LargeSarif(100'000);
  ASSERT_GT(payload.size(), size_t{16} << 20);
  for (const int32_t times : {0, DiskFault::kForEver}) {
    Fail(DiskFault::kBegin, ".part", times);
    std::string token;
    const grpc::Status status = TryUpload(fmt::format("upload-{}", times), payload, &token);
    ASSERT_TRUE(status.ok()) << status.error_message();
    EXPECT_EQ(fault().seen, static_cast<int32_t>(payload.size() >> 23));
    EXPECT_EQ(Wait(token).state(), v1::STORE_STATE_COMPLETED);
  }
}

}  // namespace
}  // namespace stored::tests
