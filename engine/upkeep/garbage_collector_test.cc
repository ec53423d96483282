// The garbage collector on real storage, with a wall clock that the test moves.
#include "engine/upkeep/garbage_collector.h"

#include <gtest/gtest.h>

#include <future>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "base/files/file.h"
#include "base/mutex.h"
#include "engine/testing/held_stream.h"
#include "engine/testing/quiet_ingest.h"
#include "storage/sqlite/sqlite_backend.h"

namespace stored::engine {
namespace {

constexpr absl::Duration kDay = absl::Hours(24);

// The system's clock, except that the wall clock can be moved forward and back.
class ShiftedClock final : public Clock {
 public:
  absl::Time Now() override { return Clock::System().Now() + Ahead(); }
  absl::Duration Monotonic() override { return Clock::System().Monotonic(); }
  void Sleep(absl::Duration duration) override { Clock::System().Sleep(duration); }

  void Shift(absl::Duration by) {
    const MutexLock lock(mutex_);
    ahead_ += by;
  }

 private:
  absl::Duration Ahead() {
    const MutexLock lock(mutex_);
    return ahead_;
  }

  Mutex mutex_;
  absl::Duration ahead_ ABSL_GUARDED_BY(mutex_);
};

class GarbageCollectorTest : public testing::Test {
 protected:
  void SetUp() override {
    absl::StatusOr<TemporaryDirectory> created = TemporaryDirectory::Create("", "collector-test-");
    ASSERT_TRUE(created.ok()) << created.status();
    directory_ = std::make_unique<TemporaryDirectory>(*std::move(created));
    backend_ = *storage::sqlite::OpenSqliteBackend(directory_->path(), clock_.Now());
    spool_ = *storage::Spool::Open(directory_->path() + "/spool");
    MakeCollector({});
  }

  void MakeCollector(const GarbageOptions& options) {
    collector_ = std::make_unique<GarbageCollector>(*backend_, *spool_, clock_, options);
  }

  // Enqueues and completes a store now; returns its token.
  std::string Completed(bool consumed) {
    storage::StoreRequest request;
    request.product = "default";
    request.run_name = "run";
    storage::SessionQueue& queue = backend_->queue();
    std::string token =
        queue.Enqueue(request, {"f", 1, std::string(32, 'x')}, {}, clock_.Now())->session.token;
    EXPECT_TRUE(queue.ClaimNext(clock_.Now(), {}).ok());
    EXPECT_TRUE(queue.Complete(token, {}, clock_.Now()).ok());
    EXPECT_TRUE(!consumed || queue.MarkConsumed(token).ok());
    return token;
  }

  std::future<absl::StatusOr<GcResult>> Request(bool dry_run) {
    const auto promise = std::make_shared<std::promise<absl::StatusOr<GcResult>>>();
    collector_->Collect(
        dry_run, [promise](const absl::StatusOr<GcResult>& result) { promise->set_value(result); });
    return promise->get_future();
  }
  GcResult Collect(bool dry_run) {
    absl::StatusOr<GcResult> result = Request(dry_run).get();
    EXPECT_TRUE(result.ok()) << result.status();
    return result.ok() ? *std::move(result) : GcResult();
  }

  ShiftedClock clock_;
  std::unique_ptr<TemporaryDirectory> directory_;
  std::unique_ptr<storage::Backend> backend_;
  std::unique_ptr<storage::Spool> spool_;
  std::unique_ptr<GarbageCollector> collector_;
};

TEST_F(GarbageCollectorTest, Collect_RemovesWhatADryRunCounted) {
  collector_->Start();
  const std::string seen = Completed(true);
  const std::string unseen = Completed(false);
  ASSERT_TRUE((*spool_->OpenPartial("arriving"))->Append("hello").ok());
  EXPECT_TRUE(Collect(true).empty());
  EXPECT_TRUE(Collect(false).empty());
  clock_.Shift(8 * kDay);
  for (const bool dry_run : {true, true, false}) {
    const GcResult result = Collect(dry_run);
    EXPECT_EQ(result.garbage.consumed_stores, 1);
    EXPECT_EQ(result.garbage.unconsumed_stores, 0);
    EXPECT_EQ(result.uploads, (storage::Spool::Expired{1, 5}));
    EXPECT_EQ(backend_->queue().Get(seen).ok(), dry_run);
    EXPECT_EQ(spool_->PartialSize("arriving").ok(), dry_run);
  }
  EXPECT_TRUE(Collect(true).empty());
  EXPECT_TRUE(backend_->queue().Get(unseen).ok());
  clock_.Shift(23 * kDay);
  EXPECT_EQ(Collect(false).garbage.unconsumed_stores, 1);
}

TEST_F(GarbageCollectorTest, WallClockMovesBack_NothingIsRemovedEarly) {
  collector_->Start();
  Completed(true);
  clock_.Shift(-8 * kDay);
  EXPECT_TRUE(Collect(false).empty());
  clock_.Shift(8 * kDay);
  EXPECT_TRUE(Collect(false).empty());
}

TEST_F(GarbageCollectorTest, Interval_RemovesGarbageWithoutARequest) {
  GarbageOptions options;
  options.interval = absl::Milliseconds(10);
  options.keep_consumed = absl::ZeroDuration();
  MakeCollector(options);
  collector_->Start();
  for (int round = 0; round < 2; ++round) {
    const std::string token = Completed(true);
    const absl::Time deadline = absl::Now() + absl::Minutes(1);
    while (backend_->queue().Get(token).ok()) {
      ASSERT_LT(absl::Now(), deadline);
      std::this_thread::yield();
    }
  }
}

TEST_F(GarbageCollectorTest, Stop_AbortsWaitingAndLaterRequests) {
  std::future<absl::StatusOr<GcResult>> waiting = Request(false);
  collector_->Stop();
  EXPECT_EQ(waiting.get().status().code(), absl::StatusCode::kAborted);
  EXPECT_EQ(Request(true).get().status().code(), absl::StatusCode::kAborted);
}

// An ingest may write for minutes; neither a stop nor a dry run waits for it.
TEST_F(GarbageCollectorTest, Stop_WhileTheGcWaitsForAnIngest_ReturnsAtOnce) {
  collector_->Start();
  HeldStream stream;
  std::thread ingest(
      [&] { EXPECT_TRUE(IngestQuietly(*backend_, "t", "run", stream, clock_.Now()).ok()); });
  stream.AwaitReader();
  Collect(true);
  std::future<absl::StatusOr<GcResult>> waiting = Request(false);
  EXPECT_EQ(waiting.wait_for(std::chrono::milliseconds(50)), std::future_status::timeout);
  collector_->Stop();
  EXPECT_EQ(waiting.get().status().code(), absl::StatusCode::kAborted);
  stream.Release();
  ingest.join();
}

}  // namespace
}  // namespace stored::engine
