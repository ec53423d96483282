// How the server reads an upload's stream, message by message, while the storage is slow.
//
// Client and server are in one process, and the connection between them buffers no message: a
// client's write ends when the server reads it.
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <chrono>
#include <future>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/files/file.h"
#include "base/mutex.h"
#include "engine/products.h"
#include "engine/status/poll_advice.h"
#include "engine/stores.h"
#include "services/store_service.h"
#include "storage/sqlite/sqlite_backend.h"
#include "stored/v1/store_service.grpc.pb.h"
#include "tests/harness/upload_parts.h"

namespace stored::services {
namespace {

using tests::UploadChunk;
using tests::UploadHeader;
using tests::UploadTrailer;

constexpr auto kLimit = std::chrono::minutes(1);

// A backend whose calls for a product's settings, which every header needs, block until the gate
// opens.
class GatedBackend final : public storage::Backend {
 public:
  explicit GatedBackend(std::unique_ptr<storage::Backend> real) : real_(std::move(real)) {}

  void Close() {
    const MutexLock lock(mutex_);
    open_ = false;
  }
  void Open() {
    const MutexLock lock(mutex_);
    open_ = true;
    changed_.NotifyAll();
  }
  // Returns true if a thread arrives at the gate in time.
  bool AwaitArrival() {
    const auto deadline = std::chrono::steady_clock::now() + kLimit;
    MutexLock lock(mutex_);
    while (waiting_ == 0) {
      if (changed_.WaitUntil(lock, deadline) == std::cv_status::timeout) return waiting_ > 0;
    }
    return true;
  }

  absl::StatusOr<storage::ProductSettings> Settings(const std::string& product) override {
    {
      MutexLock lock(mutex_);
      ++waiting_;
      changed_.NotifyAll();
      while (!open_) changed_.Wait(lock);
      --waiting_;
    }
    return real_->Settings(product);
  }

  storage::SessionQueue& queue() override { return real_->queue(); }
  absl::Status MarkWorking() override { return real_->MarkWorking(); }
  absl::Status MarkStopped() override { return real_->MarkStopped(); }
  bool stopped_cleanly() const override { return real_->stopped_cleanly(); }
  const std::vector<std::string>& start_warnings() const override {
    return real_->start_warnings();
  }
  absl::StatusOr<std::vector<storage::ProductSummary>> ListProducts() override {
    return real_->ListProducts();
  }
  absl::StatusOr<storage::ProductSummary> CreateProduct(const std::string& name,
                                                        const storage::ProductSettings& settings,
                                                        absl::Time now) override {
    return real_->CreateProduct(name, settings, now);
  }
  absl::StatusOr<storage::ProductSummary> UpdateProduct(
      const std::string& name, const storage::ProductSettingsChange& change) override {
    return real_->UpdateProduct(name, change);
  }
  absl::Status DeleteProduct(const std::string& name, absl::Time now) override {
    return real_->DeleteProduct(name, now);
  }
  absl::StatusOr<std::shared_ptr<storage::ProductResults>> Results(
      const std::string& product) override {
    return real_->Results(product);
  }
  absl::Status RemoveRun(const std::string& product, const std::string& run_name) override {
    return real_->RemoveRun(product, run_name);
  }
  absl::Status CollectGarbage(const storage::GarbageRules& rules, storage::GcPace& pace,
                              storage::Garbage& removed) override {
    return real_->CollectGarbage(rules, pace, removed);
  }
  absl::StatusOr<storage::Garbage> CountGarbage(const storage::GarbageRules& rules,
                                                storage::GcPace& pace) override {
    return real_->CountGarbage(rules, pace);
  }
  absl::Status Backup(const std::string& work_directory, storage::BackupTarget& target) override {
    return real_->Backup(work_directory, target);
  }

 private:
  const std::unique_ptr<storage::Backend> real_;
  Mutex mutex_;
  Condition changed_;
  bool open_ ABSL_GUARDED_BY(mutex_) = true;
  int waiting_ ABSL_GUARDED_BY(mutex_) = 0;
};

// The client's side of one call of Upload.
class UploadCall {
 public:
  explicit UploadCall(v1::StoreService::Stub& stub) {
    context_.set_deadline(std::chrono::system_clock::now() + 2 * kLimit);
    writer_ = stub.Upload(&context_, &response_);
  }

  // The future is ready when the server has read the message.
  std::future<bool> Write(const v1::UploadRequest& request) {
    return std::async(std::launch::async, [this, request] { return writer_->Write(request); });
  }
  grpc::Status Finish() {
    writer_->WritesDone();
    return writer_->Finish();
  }
  const std::string& token() const { return response_.token(); }

 private:
  grpc::ClientContext context_;
  v1::UploadResponse response_;
  std::unique_ptr<grpc::ClientWriter<v1::UploadRequest>> writer_;
};

class UploadStreamTest : public testing::Test {
 protected:
  void SetUp() override {
    backend_ = std::make_unique<GatedBackend>(
        *storage::sqlite::OpenSqliteBackend(directory_.path(), Clock::System().Now()));
    spool_ = *storage::Spool::Open(directory_.path() + "/spool");
    executor_ = std::make_unique<engine::Executor>(*backend_, *spool_, hub_, advice_,
                                                   Clock::System(), engine::Executor::Options{});
    engine::UploadLimits limits;
    limits.max_uploads = 1;
    limits.quiet_upload_timeout = absl::ZeroDuration();
    stores_ =
        std::make_unique<engine::Stores>(engine::Stores::Parts{*backend_, *spool_, hub_, advice_,
                                                               *executor_, work_, Clock::System()},
                                         limits);
    products_ = std::make_unique<engine::Products>(*backend_, *spool_, hub_, Clock::System());
    context_.reset(new ServiceContext{*backend_, *spool_, *stores_, *products_, Clock::System(),
                                      work_, work_, uploads_, work_, work_});
    service_ = NewStoreService(*context_);
    grpc::ServerBuilder builder;
    builder.RegisterService(service_.get());
    server_ = builder.BuildAndStart();
    stub_ = v1::StoreService::NewStub(server_->InProcessChannel(grpc::ChannelArguments()));
  }
  void TearDown() override {
    backend_->Open();
    server_->Shutdown();
    server_->Wait();
    stub_.reset();
    server_.reset();
  }

  static bool Done(const std::future<bool>& write) {
    return write.wait_for(kLimit) == std::future_status::ready;
  }

  // Waits until the threads for uploads have run all tasks so far, except for the one blocked at
  // the gate. One of the two threads is free.
  void AwaitUploadThreads() {
    std::promise<void> ran;
    uploads_.Post([&ran] { ran.set_value(); });
    ran.get_future().wait();
  }

  const std::string payload_ = R"({"version":"2.1.0","runs":[]})";
  const TemporaryDirectory directory_ = *TemporaryDirectory::Create("", "upload-stream-test-");
  std::unique_ptr<GatedBackend> backend_;
  std::unique_ptr<storage::Spool> spool_;
  engine::StatusHub hub_;
  engine::PollAdvice advice_;
  std::unique_ptr<engine::Executor> executor_;
  std::unique_ptr<engine::Stores> stores_;
  std::unique_ptr<engine::Products> products_;
  std::unique_ptr<ServiceContext> context_;
  std::unique_ptr<grpc::Service> service_;
  engine::WorkThreads work_{1};
  engine::WorkThreads uploads_{2};
  std::unique_ptr<grpc::Server> server_;
  std::unique_ptr<v1::StoreService::Stub> stub_;
};

TEST_F(UploadStreamTest, NextMessage_IsReadWhileOneIsHandled_AndHandledAfterIt) {
  backend_->Close();
  UploadCall call(*stub_);
  std::future<bool> header = call.Write(UploadHeader());
  ASSERT_TRUE(backend_->AwaitArrival());
  ASSERT_TRUE(Done(header));
  std::future<bool> chunk = call.Write(UploadChunk(0, payload_));
  if (!Done(chunk)) {
    backend_->Open();
    FAIL() << "the client waits while the server handles the header";
  }
  // If the server handled the chunk now, it would do so before the header, and fail.
  for (int i = 0; i < 100; ++i) AwaitUploadThreads();
  // The server reads one message ahead and no more, so that waiting messages take no memory.
  std::future<bool> trailer = call.Write(UploadTrailer(payload_));
  EXPECT_NE(trailer.wait_for(std::chrono::milliseconds(100)), std::future_status::ready);
  backend_->Open();
  ASSERT_TRUE(Done(trailer));
  const grpc::Status status = call.Finish();
  EXPECT_TRUE(status.ok()) << status.error_message();
  EXPECT_EQ(call.token().size(), 32u);
}

// An upload does not count as quiet while the server handles one of its messages, however long that
// takes.
TEST_F(UploadStreamTest, Upload_WhoseMessageIsBeingHandled_IsNotQuiet) {
  backend_->Close();
  UploadCall call(*stub_);
  std::future<bool> header = call.Write(UploadHeader());
  ASSERT_TRUE(backend_->AwaitArrival());
  UploadCall other(*stub_);
  ASSERT_TRUE(Done(other.Write(UploadHeader("other"))));
  const grpc::Status refused = other.Finish();
  EXPECT_EQ(refused.error_code(), grpc::StatusCode::UNAVAILABLE) << refused.error_message();
  EXPECT_NE(refused.error_message().find("--max-uploads"), std::string::npos);
  backend_->Open();
  ASSERT_TRUE(Done(header));
  ASSERT_TRUE(Done(call.Write(UploadChunk(0, payload_))));
  ASSERT_TRUE(Done(call.Write(UploadTrailer(payload_))));
  const grpc::Status status = call.Finish();
  EXPECT_TRUE(status.ok()) << status.error_message();
}

}  // namespace
}  // namespace stored::services
