// Calls of clients while the server ingests as fast as it can. Status requests are always answered.
#include <fmt/format.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "absl/time/clock.h"
#include "stored/v1/store_service.grpc.pb.h"
#include "tests/harness/held_lock.h"
#include "tests/harness/served_test.h"
#include "tests/harness/upload_parts.h"

namespace stored::tests {
namespace {

// The goal is 50 ms; the limit is higher so that the test does not fail on a busy machine.
constexpr absl::Duration kTokenLimit = absl::Milliseconds(500);
// How long a call takes that waits for another process's lock on a database.
constexpr absl::Duration kLockTimeout = absl::Seconds(5);

class BusyServerTest : public ServedTest {
 protected:
  void SetUp() override {
    ServedTest::SetUp();
    StartServer();
    stub_ = v1::StoreService::NewStub(
        grpc::CreateChannel(address(), grpc::InsecureChannelCredentials()));
  }

  // Uploads and returns the token. Sets `*after_last_byte` to the time from the trailer to the
  // token.
  std::string Upload(const std::string& run, const std::string& payload,
                     absl::Duration* after_last_byte) {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + absl::ToChronoSeconds(kTestPatience));
    v1::UploadResponse response;
    const auto writer = stub_->Upload(&context, &response);
    EXPECT_TRUE(writer->Write(UploadHeader(run)));
    constexpr size_t kChunk = 1 << 20;
    for (size_t at = 0; at < payload.size(); at += kChunk) {
      EXPECT_TRUE(writer->Write(UploadChunk(static_cast<int64_t>(at), payload.substr(at, kChunk))));
    }
    const v1::UploadRequest trailer = UploadTrailer(payload);
    const absl::Time sent = absl::Now();
    EXPECT_TRUE(writer->Write(trailer));
    writer->WritesDone();
    const grpc::Status status = writer->Finish();
    EXPECT_TRUE(status.ok()) << status.error_message();
    *after_last_byte = absl::Now() - sent;
    return response.token();
  }

  v1::StoreStatus GetStatus(const std::string& token) {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + absl::ToChronoSeconds(kTestPatience));
    v1::GetStatusRequest request;
    request.set_token(token);
    v1::StoreStatus status;
    EXPECT_TRUE(stub_->GetStatus(&context, request, &status).ok());
    return status;
  }

  std::unique_ptr<v1::StoreService::Stub> stub_;
};

TEST_F(BusyServerTest, Token_ArrivesSoon_WhileAnotherIngestRuns) {
  absl::Duration took;
  const std::string large = Upload("large", LargeSarif(200'000), &took);
  const absl::Time begin = absl::Now();
  std::vector<absl::Duration> times;
  int while_running = 0;
  for (int i = 0; GetStatus(large).in_progress(); ++i) {
    const std::string small = Upload(fmt::format("small {}", i), SmallSarif("a.c"), &took);
    if (GetStatus(large).state() != v1::STORE_STATE_RUNNING) continue;
    ++while_running;
    times.push_back(took);
    // Different runs are stored in parallel, up to the point where they write: one database has one
    // writer.
    EXPECT_NE(small, "");
  }
  const absl::Duration ingest = absl::Now() - begin;
  EXPECT_EQ(GetStatus(large).state(), v1::STORE_STATE_COMPLETED);
  EXPECT_EQ(GetStatus(large).result().new_reports(), 200'000);
  ASSERT_GT(while_running, 0) << "the large ingest ended too soon to show anything";
  std::sort(times.begin(), times.end());
  fmt::print(
      "token after the last byte, {} uploads while an ingest ran: median {:.1f} ms, worst "
      "{:.1f} ms\n",
      times.size(), absl::ToDoubleMilliseconds(times[times.size() / 2]),
      absl::ToDoubleMilliseconds(times.back()));
  // On a slow machine the ingest is slow as well, so the limit grows with it.
  EXPECT_LT(times[times.size() / 2], std::max(kTokenLimit, ingest / 4));
}

// The server records that a client has seen the end of a store, but no client waits for that write,
// even while the disk or another program blocks the database.
TEST_F(BusyServerTest, EndsOfStores_AreTold_WhileTheQueueCannotBeWritten) {
  constexpr int kStores = 6;
  std::vector<std::string> tokens;
  tokens.reserve(kStores);
  absl::Duration ignored;
  for (int i = 0; i < kStores; ++i) {
    tokens.push_back(Upload(fmt::format("r{}", i), SmallSarif("file:///a.c"), &ignored));
  }
  const auto completed = [this] {
    grpc::ClientContext context;
    v1::ListStoresRequest request;
    request.add_states(v1::STORE_STATE_COMPLETED);
    v1::ListStoresResponse response;
    return stub_->ListStores(&context, request, &response).ok() ? response.stores_size() : -1;
  };
  const absl::Time deadline = absl::Now() + kTestPatience;
  while (completed() < kStores && absl::Now() < deadline) absl::SleepFor(absl::Milliseconds(5));
  const HeldLock held(data() + "/meta.db");
  for (const std::string& token : tokens) {
    const absl::Time asked = absl::Now();
    EXPECT_EQ(GetStatus(token).state(), v1::STORE_STATE_COMPLETED);
    EXPECT_LT(absl::Now() - asked, kLockTimeout / 2);
  }
}

}  // namespace
}  // namespace stored::tests
