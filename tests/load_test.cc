// Ten thousand watchers and two hundred pollers at once: each learns the right end of its store.
#include <fmt/format.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <fstream>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/time/clock.h"
#include "base/mutex.h"
#include "client/outcome_waiter.h"
#include "marshalling/time_marshalling.h"
#include "stored/v1/store_service.grpc.pb.h"
#include "tests/harness/served_test.h"
#include "tests/harness/upload_parts.h"

namespace stored::tests {
namespace {

using marshalling::FromProto;

constexpr int kStores = 100;
constexpr int kWatchers = 10'000;
constexpr int kPollers = 200;
// Streams share connections, as streams behind a proxy do.
constexpr int kChannels = 50;
constexpr int kBlockers = 6;
constexpr auto kDeadline = std::chrono::minutes(5);

// One stream, which records the statuses that it receives.
class Watcher final : public grpc::ClientReadReactor<v1::StoreStatus> {
 public:
  Watcher(v1::StoreService::Stub& stub, const std::string& token) {
    request_.set_token(token);
    context_.set_deadline(std::chrono::system_clock::now() + kDeadline);
    stub.async()->WatchStatus(&context_, &request_, this);
    StartRead(&next_);
    StartCall();
  }

  void OnReadDone(bool ok) override {
    if (!ok) return;
    MutexLock lock(mutex_);
    if (next_.token() != request_.token()) wrong_token_ = true;
    if (next_.revision() < status_.revision()) went_back_ = true;
    status_.Swap(&next_);
    started_ = true;
    if (!status_.in_progress()) told_end_at_ = absl::Now();
    changed_.NotifyAll();
    StartRead(&next_);
  }
  void OnDone(const grpc::Status& status) override {
    MutexLock lock(mutex_);
    ended_ = status;
    done_ = true;
    changed_.NotifyAll();
  }

  bool AwaitStart(absl::Time deadline) {
    MutexLock lock(mutex_);
    while (!started_) {
      if (changed_.WaitUntil(lock, absl::ToChronoTime(deadline)) == std::cv_status::timeout) break;
    }
    return started_;
  }
  // Returns the last status and the time when it arrived. Fails the test unless the stream ended
  // with OK.
  std::pair<v1::StoreStatus, absl::Time> AwaitEnd(absl::Time deadline) {
    MutexLock lock(mutex_);
    while (!done_) {
      if (changed_.WaitUntil(lock, absl::ToChronoTime(deadline)) == std::cv_status::timeout) break;
    }
    EXPECT_TRUE(done_);
    EXPECT_TRUE(ended_.ok()) << ended_.error_message();
    EXPECT_FALSE(wrong_token_);
    EXPECT_FALSE(went_back_);
    return {status_, told_end_at_};
  }

 private:
  grpc::ClientContext context_;
  v1::WatchStatusRequest request_;
  v1::StoreStatus next_;
  Mutex mutex_;
  Condition changed_;
  v1::StoreStatus status_ ABSL_GUARDED_BY(mutex_);
  absl::Time told_end_at_ ABSL_GUARDED_BY(mutex_);
  grpc::Status ended_ ABSL_GUARDED_BY(mutex_);
  bool wrong_token_ ABSL_GUARDED_BY(mutex_) = false;
  bool went_back_ ABSL_GUARDED_BY(mutex_) = false;
  bool started_ ABSL_GUARDED_BY(mutex_) = false;
  bool done_ ABSL_GUARDED_BY(mutex_) = false;
};

class LoadTest : public ServedTest {
 protected:
  void SetUp() override {
    ServedTest::SetUp();
    StartServer({"--workers", "1"});
    for (int i = 0; i < kChannels; ++i) {
      grpc::ChannelArguments arguments;
      arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
      stubs_.push_back(v1::StoreService::NewStub(
          grpc::CreateCustomChannel(address(), grpc::InsecureChannelCredentials(), arguments)));
    }
  }

  std::string Accept(const std::string& run, const std::string& payload) {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + kDeadline);
    v1::UploadResponse response;
    const auto writer = stubs_[0]->Upload(&context, &response);
    writer->Write(UploadHeader(run));
    constexpr size_t kChunk = 1 << 20;
    for (size_t at = 0; at < payload.size(); at += kChunk) {
      writer->Write(UploadChunk(static_cast<int64_t>(at), payload.substr(at, kChunk)));
    }
    writer->Write(UploadTrailer(payload));
    writer->WritesDone();
    const grpc::Status status = writer->Finish();
    EXPECT_TRUE(status.ok()) << status.error_message();
    return response.token();
  }

  void Cancel(const std::string& token) {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + kDeadline);
    v1::CancelStoreRequest request;
    request.set_token(token);
    v1::StoreStatus status;
    stubs_[0]->CancelStore(&context, request, &status);
  }

  // Returns the bytes of memory that the server has in use.
  int64_t ServerMemory() {
    std::ifstream status(fmt::format("/proc/{}/status", server().pid()));
    for (std::string line; std::getline(status, line);) {
      if (line.starts_with("VmRSS:")) return std::stoll(line.substr(6)) * 1024;
    }
    return 0;
  }

  int ServerThreads() {
    std::ifstream status(fmt::format("/proc/{}/status", server().pid()));
    for (std::string line; std::getline(status, line);) {
      if (line.starts_with("Threads:")) return std::stoi(line.substr(8));
    }
    return 0;
  }

  std::vector<std::unique_ptr<v1::StoreService::Stub>> stubs_;
};

TEST_F(LoadTest, WatchersAndPollers_AllGetTheRightEnd) {
  // The stores queued behind these do not start until these are cancelled.
  std::vector<std::string> blockers;
  blockers.reserve(kBlockers);
  const std::string large = LargeSarif(100'000);
  for (int i = 0; i < kBlockers; ++i) blockers.push_back(Accept("blocker", large));
  std::vector<std::string> tokens;
  tokens.reserve(kStores);
  for (int i = 0; i < kStores; ++i) {
    // Every tenth payload cannot be read, so that not all ends are alike.
    const std::string payload = i % 10 == 9 ? std::string("{\"version\": \"2.1.0\", \"runs\": 1}")
                                            : SmallSarif("a.c", fmt::format("of {}", i));
    tokens.push_back(Accept(fmt::format("run {}", i), payload));
  }
  const int64_t memory_before = ServerMemory();
  const int threads_before = ServerThreads();
  const absl::Time deadline = absl::Now() + absl::FromChrono(kDeadline);
  std::vector<std::unique_ptr<Watcher>> watchers;
  watchers.reserve(kWatchers);
  for (int i = 0; i < kWatchers; ++i) {
    watchers.push_back(std::make_unique<Watcher>(*stubs_[static_cast<size_t>(i % kChannels)],
                                                 tokens[static_cast<size_t>(i % kStores)]));
  }
  for (const auto& watcher : watchers) ASSERT_TRUE(watcher->AwaitStart(deadline));
  const int64_t memory = ServerMemory() - memory_before;
  const int threads = ServerThreads();

  std::vector<std::thread> pollers;
  pollers.reserve(kPollers);
  std::vector<absl::StatusOr<v1::StoreStatus>> polled(kPollers, absl::UnknownError(""));
  std::atomic<int> polls = 0;
  for (int i = 0; i < kPollers; ++i) {
    pollers.emplace_back([&, i] {
      client::RemoteStatusSource source(*client::Endpoint::Parse(address()));
      client::WaitOptions options;
      options.on_status = [&](const v1::StoreStatus&) { ++polls; };
      // Polls as often as the server allows.
      options.polling.longest = options.polling.shortest;
      client::OutcomeWaiter waiter(source, Clock::System(),
                                   client::TimeLimit(Clock::System(), absl::FromChrono(kDeadline)),
                                   options);
      polled[static_cast<size_t>(i)] =
          waiter.Wait(tokens[static_cast<size_t>(i % kStores)], std::nullopt);
    });
  }
  for (const std::string& blocker : blockers) Cancel(blocker);

  absl::Duration latest;
  std::vector<v1::StoreStatus> ends(kStores);
  for (int i = 0; i < kWatchers; ++i) {
    const auto [end, told_at] = watchers[static_cast<size_t>(i)]->AwaitEnd(deadline);
    const int store = i % kStores;
    EXPECT_EQ(end.state(), store % 10 == 9 ? v1::STORE_STATE_FAILED : v1::STORE_STATE_COMPLETED);
    latest = std::max(latest, told_at - FromProto(end.finished_at()));
    ends[static_cast<size_t>(store)] = end;
  }
  for (std::thread& poller : pollers) poller.join();
  for (int i = 0; i < kPollers; ++i) {
    const absl::StatusOr<v1::StoreStatus>& end = polled[static_cast<size_t>(i)];
    ASSERT_TRUE(end.ok()) << end.status();
    EXPECT_EQ(end->state(), ends[static_cast<size_t>(i % kStores)].state());
  }
  fmt::print(
      "{} watchers on {} stores over {} connections, {} pollers with {} polls: {:.1f} KB of the "
      "server's memory a watcher, {} additional threads; the last watcher learned the end after "
      "{:.0f} ms\n",
      kWatchers, kStores, kChannels, kPollers, polls.load(),
      static_cast<double>(memory) / kWatchers / 1024, threads - threads_before,
      absl::ToDoubleMilliseconds(latest));
  // Watchers need no threads; gRPC adds and removes a few of its own.
  EXPECT_LT(threads - threads_before, 50);
  // Ten times the goal, because other programs share the machine.
  EXPECT_LT(latest, absl::Seconds(5));
}

}  // namespace
}  // namespace stored::tests
