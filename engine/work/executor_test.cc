// The claim loop on real storage: which stores are claimed, and what a stop does.
#include "engine/work/executor.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <thread>

#include "engine/testing/engine_test.h"
#include "engine/testing/held_stream.h"
#include "engine/testing/quiet_ingest.h"

namespace stored::engine {
namespace {

using storage::StoreErrorCode;
using storage::StoreSession;
using storage::StoreState;

using ExecutorTest = EngineTest;

TEST_F(ExecutorTest, GoodStore_Completes_AndLeavesNothingInTheSpool) {
  const StoreSession accepted = Accept(kOneResult);
  EXPECT_EQ(SpooledFiles(), 1u);
  const StoreSession end = RunToEnd(accepted);
  EXPECT_EQ(end.state, StoreState::kCompleted);
  EXPECT_EQ(end.result->new_reports, 1);
  EXPECT_EQ(end.attempts, 1);
  EXPECT_EQ(SpooledFiles(), 0u);
  EXPECT_EQ(backend_->queue().Get(accepted.token)->state, StoreState::kCompleted);
}

TEST_F(ExecutorTest, Wake_StoreAcceptedWhileAllThreadsWait_IsClaimed) {
  const StoreSession first = Accept(kOneResult);
  const auto first_end = std::make_shared<EndWatcher>();
  ASSERT_TRUE(hub_.AddWatcher(first.token, first_end));
  ASSERT_TRUE(executor_->Start().ok());
  EXPECT_EQ(first_end->Wait()->session.state, StoreState::kCompleted);

  const StoreSession second = Accept(kOneResult, "other run");
  const auto second_end = std::make_shared<EndWatcher>();
  ASSERT_TRUE(hub_.AddWatcher(second.token, second_end));
  executor_->Wake();
  EXPECT_EQ(second_end->Wait()->session.state, StoreState::kCompleted);
  executor_->Stop(absl::Minutes(1));
}

// The product had room for one more run when each store was accepted.
TEST_F(ExecutorTest, TwoNewRunsWhereOneFits_TheSecondFails) {
  storage::ProductSettingsChange change;
  change.max_runs = 1;
  ASSERT_TRUE(backend_->UpdateProduct("default", change).ok());
  const StoreSession first = Accept(kOneResult, "first");
  const StoreSession second = Accept(kOneResult, "second");
  const StoreSession end = RunToEnd(second);
  const StoreSession other = *backend_->queue().Get(first.token);
  EXPECT_EQ((end.state == StoreState::kCompleted) + (other.state == StoreState::kCompleted), 1);
  const StoreSession& failed = end.state == StoreState::kFailed ? end : other;
  EXPECT_EQ(failed.error.code, StoreErrorCode::kLimitExceeded) << failed.error.message;
  EXPECT_NE(failed.error.message.find("--max-runs"), std::string::npos);
  EXPECT_EQ((*backend_->Results("default"))->ListRuns("", 10, "")->runs.size(), 1U);
}

TEST_F(ExecutorTest, CancelledInTheQueue_IsNeverRun) {
  const StoreSession accepted = Accept(kOneResult);
  const StoreSession cancelled = *backend_->queue().RequestCancel(accepted.token, absl::Now());
  hub_.Publish(cancelled);
  const StoreSession other = Accept(kOneResult, "other run");
  EXPECT_EQ(RunToEnd(other).state, StoreState::kCompleted);
  EXPECT_EQ(backend_->queue().Get(accepted.token)->state, StoreState::kCancelled);
  EXPECT_EQ(backend_->queue().Get(accepted.token)->attempts, 0);
}

TEST_F(ExecutorTest, CancelRequestedWhileRunning_LeavesNothingBehind) {
  const StoreSession accepted = Accept(kOneResult);
  // Stands for a request right after the claim: the job finds it when it first polls.
  const auto watcher = std::make_shared<EndWatcher>();
  ASSERT_TRUE(hub_.AddWatcher(accepted.token, watcher));
  StoreSession asked = accepted;
  asked.revision += 10 * storage::SessionQueue::kRevisionStep;
  asked.state = StoreState::kRunning;
  asked.cancel_requested = true;
  hub_.Publish(asked);
  ASSERT_TRUE(executor_->Start().ok());
  const absl::Time deadline = absl::Now() + absl::Minutes(1);
  while (!storage::IsFinal(backend_->queue().Get(accepted.token)->state)) {
    ASSERT_LT(absl::Now(), deadline);
    std::this_thread::yield();
  }
  executor_->Stop(absl::Minutes(1));
  EXPECT_EQ(backend_->queue().Get(accepted.token)->state, StoreState::kCancelled);
  EXPECT_TRUE((*backend_->Results("default"))->ListRuns("", 10, "")->runs.empty());
}

TEST_F(ExecutorTest, Stop_WhenTheDrainIsOver_GivesRunningStoresBackToTheQueue) {
  HeldStream held;
  std::thread ingest(
      [&] { EXPECT_TRUE(IngestQuietly(*backend_, "t", "held", held, absl::Now()).ok()); });
  held.AwaitReader();
  const StoreSession accepted = Accept(kOneResult);
  ASSERT_TRUE(executor_->Start().ok());
  const absl::Time deadline = absl::Now() + absl::Minutes(1);
  while (backend_->queue().Get(accepted.token)->state == StoreState::kEnqueued &&
         absl::Now() < deadline) {
    std::this_thread::yield();
  }
  EXPECT_EQ(backend_->queue().Get(accepted.token)->state, StoreState::kRunning);
  // In a thread of its own, because the checkpoint after the store waits for the write lock.
  std::thread stop([&] { executor_->Stop(absl::ZeroDuration()); });
  while (backend_->queue().Get(accepted.token)->state == StoreState::kRunning &&
         absl::Now() < deadline) {
    std::this_thread::yield();
  }
  held.Release();
  stop.join();
  ingest.join();
  const StoreSession waiting = *backend_->queue().Get(accepted.token);
  EXPECT_EQ(waiting.state, StoreState::kEnqueued);
  EXPECT_EQ(waiting.attempts, 0);
  EXPECT_EQ(SpooledFiles(), 1u);
}

TEST_F(ExecutorTest, Stop_IsRecordedWhereWorkersRan_AndOnlyThere) {
  executor_->Stop(absl::ZeroDuration());
  Reopen();
  EXPECT_FALSE(backend_->stopped_cleanly());
  ASSERT_TRUE(executor_->Start().ok());
  executor_->Stop(absl::ZeroDuration());
  Reopen();
  EXPECT_TRUE(backend_->stopped_cleanly());
  // The first server does not start an executor; the second dies.
  Reopen();
  EXPECT_TRUE(backend_->stopped_cleanly());
  ASSERT_TRUE(backend_->MarkWorking().ok());
  Reopen();
  EXPECT_FALSE(backend_->stopped_cleanly());
}

}  // namespace
}  // namespace stored::engine
