// The collector on real storage, with a clock that the test turns.
#include "engine/upkeep/garbage_collector.h"

#include <gtest/gtest.h>

#include <condition_variable>
#include <future>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>

#include "base/files/file.h"
#include "engine/testing/quiet_ingest.h"
#include "storage/sqlite/sqlite_backend.h"

namespace stored::engine {
namespace {

constexpr absl::Duration kDay = absl::Hours(24);

// Its wall clock can be put forward and back.
class TurnedClock final : public Clock {
 public:
  absl::Time Now() override { return Clock::System().Now() + Ahead(); }
  absl::Duration Monotonic() override { return Clock::System().Monotonic(); }
  void Sleep(absl::Duration duration) override { Clock::System().Sleep(duration); }

  void Turn(absl::Duration by) {
    const std::lock_guard lock(mutex_);
    ahead_ += by;
  }

 private:
  absl::Duration Ahead() {
    const std::lock_guard lock(mutex_);
    return ahead_;
  }

  std::mutex mutex_;
  absl::Duration ahead_;
};

// A stream that does not end before it is told to; whoever reads it into a new run writes
// meanwhile.
class HeldStream final : public reports::ReportStream {
 public:
  std::unique_ptr<reports::Reading> Open(reports::ReportExtent /*extent*/) override {
    return std::make_unique<reports::DeferredReading>([this](reports::ReportSink& sink) {
      reading_.set_value();
      release_.get_future().wait();
      return sink.Finish({});
    });
  }
  void AwaitReader() { reading_.get_future().wait(); }
  void Release() { release_.set_value(); }

 private:
  std::promise<void> reading_;
  std::promise<void> release_;
};

class GarbageCollectorTest : public testing::Test {
 protected:
  void SetUp() override {
    absl::StatusOr<TemporaryDirectory> created = TemporaryDirectory::Create("", "collector-test-");
    ASSERT_TRUE(created.ok()) << created.status();
    directory_ = std::make_unique<TemporaryDirectory>(*std::move(created));
    store_ = *storage::sqlite::OpenSqliteBackend(directory_->path(), clock_.Now());
    spool_ = *storage::Spool::Open(directory_->path() + "/spool");
    MakeCollector({});
  }

  void MakeCollector(const GarbageOptions& options) {
    collector_ = std::make_unique<GarbageCollector>(*store_, *spool_, clock_, options);
  }

  // A store that has been completed now.
  std::string Completed(bool consumed) {
    storage::StoreRequest request;
    request.product = "default";
    request.run_name = "run";
    storage::SessionQueue& queue = store_->queue();
    std::string token =
        queue.Enqueue(request, {"f", 1, std::string(32, 'x')}, {}, clock_.Now())->session.token;
    EXPECT_TRUE(queue.ClaimNext(clock_.Now(), {}).ok());
    EXPECT_TRUE(queue.Complete(token, {}, clock_.Now()).ok());
    EXPECT_TRUE(!consumed || queue.MarkConsumed(token).ok());
    return token;
  }

  std::future<absl::StatusOr<Collection>> Ask(bool dry_run) {
    const auto answer = std::make_shared<std::promise<absl::StatusOr<Collection>>>();
    collector_->Collect(dry_run, [answer](const absl::StatusOr<Collection>& collection) {
      answer->set_value(collection);
    });
    return answer->get_future();
  }
  Collection Collect(bool dry_run) {
    absl::StatusOr<Collection> collection = Ask(dry_run).get();
    EXPECT_TRUE(collection.ok()) << collection.status();
    return collection.ok() ? *std::move(collection) : Collection();
  }

  TurnedClock clock_;
  std::unique_ptr<TemporaryDirectory> directory_;
  std::unique_ptr<storage::Backend> store_;
  std::unique_ptr<storage::Spool> spool_;
  std::unique_ptr<GarbageCollector> collector_;
};

TEST_F(GarbageCollectorTest, Collect_WhatADryRunTold_Goes) {
  collector_->Start();
  const std::string seen = Completed(true);
  const std::string unseen = Completed(false);
  ASSERT_TRUE((*spool_->OpenPartial("arriving"))->Append("hello").ok());
  EXPECT_TRUE(Collect(true).empty());
  EXPECT_TRUE(Collect(false).empty());
  clock_.Turn(8 * kDay);
  for (const bool dry_run : {true, true, false}) {
    const Collection collection = Collect(dry_run);
    EXPECT_EQ(collection.garbage.consumed_stores, 1);
    EXPECT_EQ(collection.garbage.unconsumed_stores, 0);
    EXPECT_EQ(collection.uploads, (storage::Spool::Expired{1, 5}));
    EXPECT_EQ(store_->queue().Get(seen).ok(), dry_run);
    EXPECT_EQ(spool_->PartialSize("arriving").ok(), dry_run);
  }
  EXPECT_TRUE(Collect(true).empty());
  EXPECT_TRUE(store_->queue().Get(unseen).ok());
  clock_.Turn(23 * kDay);
  EXPECT_EQ(Collect(false).garbage.unconsumed_stores, 1);
}

TEST_F(GarbageCollectorTest, WallClockGoesBack_NothingGoesEarly) {
  collector_->Start();
  Completed(true);
  clock_.Turn(-8 * kDay);
  EXPECT_TRUE(Collect(false).empty());
  clock_.Turn(8 * kDay);
  EXPECT_TRUE(Collect(false).empty());
}

TEST_F(GarbageCollectorTest, Interval_CollectsByItself) {
  GarbageOptions options;
  options.interval = absl::Milliseconds(10);
  options.keep_consumed = absl::ZeroDuration();
  MakeCollector(options);
  collector_->Start();
  for (int round = 0; round < 2; ++round) {
    const std::string token = Completed(true);
    const absl::Time deadline = absl::Now() + absl::Minutes(1);
    while (store_->queue().Get(token).ok()) {
      ASSERT_LT(absl::Now(), deadline);
      std::this_thread::yield();
    }
  }
}

TEST_F(GarbageCollectorTest, Stopped_TellsThoseWhoWait_AndThoseWhoComeLater) {
  std::future<absl::StatusOr<Collection>> waiting = Ask(false);
  collector_->Stop();
  EXPECT_EQ(waiting.get().status().code(), absl::StatusCode::kAborted);
  EXPECT_EQ(Ask(true).get().status().code(), absl::StatusCode::kAborted);
}

// An ingest may write for minutes: a stop does not wait for it, nor does a dry run.
TEST_F(GarbageCollectorTest, Stop_WhileACollectionWaitsForAnIngest_ReturnsAtOnce) {
  collector_->Start();
  HeldStream stream;
  std::thread ingest(
      [&] { EXPECT_TRUE(IngestQuietly(*store_, "t", "run", stream, clock_.Now()).ok()); });
  stream.AwaitReader();
  Collect(true);
  std::future<absl::StatusOr<Collection>> collection = Ask(false);
  EXPECT_EQ(collection.wait_for(std::chrono::milliseconds(50)), std::future_status::timeout);
  collector_->Stop();
  EXPECT_EQ(collection.get().status().code(), absl::StatusCode::kAborted);
  stream.Release();
  ingest.join();
}

}  // namespace
}  // namespace stored::engine
