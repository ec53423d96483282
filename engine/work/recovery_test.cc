// Recovery on real storage: the stores and files that an earlier server left behind.
#include "engine/work/recovery.h"

#include <gtest/gtest.h>

#include <string>

#include "engine/testing/engine_test.h"
#include "engine/testing/manual_clock.h"

namespace stored::engine {
namespace {

using storage::StoreErrorCode;
using storage::StoreSession;
using storage::StoreState;

class RecoveryTest : public EngineTest {
 protected:
  absl::Status RecoverAll() { return Recover(*backend_, *spool_, hub_, clock_); }

  ManualClock clock_;
};

TEST_F(RecoveryTest, StoreThatWasRunning_RunsAgain) {
  const StoreSession accepted = Accept(kOneResult);
  Claim();
  ASSERT_TRUE(RecoverAll().ok());
  const StoreSession end = RunToEnd(accepted);
  EXPECT_EQ(end.state, StoreState::kCompleted);
  EXPECT_EQ(end.attempts, 2);
}

TEST_F(RecoveryTest, StoreThatWasCommitted_IsCompletedAndNotRunAgain) {
  const StoreSession accepted = Accept(kOneResult);
  const StoreSession end = RunToEnd(accepted);
  // As if the server had died between the product's commit and the queue's: another session of
  // the same content is RUNNING in the queue while its token is in the product's database.
  const StoreSession second = Accept(kOneResult);
  Claim();
  IngestNothing(second);

  ASSERT_TRUE(RecoverAll().ok());
  const StoreSession recovered = *backend_->queue().Get(second.token);
  EXPECT_EQ(recovered.state, StoreState::kCompleted);
  EXPECT_EQ(recovered.attempts, 1);
  EXPECT_EQ(recovered.result->resolved_reports, 1);
  EXPECT_EQ(recovered.finished_at, clock_.Now());
  EXPECT_EQ(end.state, StoreState::kCompleted);
}

TEST_F(RecoveryTest, StoreThatAClientCancelled_IsCancelled) {
  const StoreSession accepted = Accept(kOneResult);
  Claim();
  ASSERT_TRUE(backend_->queue().RequestCancel(accepted.token, absl::Now()).ok());
  ASSERT_TRUE(RecoverAll().ok());
  const StoreSession end = *backend_->queue().Get(accepted.token);
  EXPECT_EQ(end.state, StoreState::kCancelled);
  EXPECT_EQ(end.error.code, StoreErrorCode::kCancelled);
  EXPECT_EQ(SpooledFiles(), 0u);
}

TEST_F(RecoveryTest, TooManyAttempts_FailsWithTheReason) {
  const StoreSession accepted = Accept(kOneResult);
  for (int attempt = 0; attempt < 3; ++attempt) {
    ASSERT_TRUE((*backend_->queue().ClaimNext(absl::Now(), {})).has_value()) << attempt;
    ASSERT_TRUE(RecoverAll().ok());
  }
  const StoreSession end = *backend_->queue().Get(accepted.token);
  EXPECT_EQ(end.state, StoreState::kFailed);
  EXPECT_EQ(end.error.code, StoreErrorCode::kCrashed);
}

TEST_F(RecoveryTest, MaxAttempts_IsAnOption) {
  const StoreSession accepted = Accept(kOneResult);
  Claim();
  ASSERT_TRUE(Recover(*backend_, *spool_, hub_, clock_, {.max_attempts = 1}).ok());
  EXPECT_EQ(backend_->queue().Get(accepted.token)->state, StoreState::kFailed);
}

// A server that stops leaves a RUNNING store if the disk is full and the queue cannot be written.
TEST_F(RecoveryTest, ServersThatStopped_DoNotCountAsAttempts) {
  const StoreSession accepted = Accept(kOneResult);
  for (int stop = 0; stop < 5; ++stop) {
    ASSERT_TRUE(backend_->MarkWorking().ok());
    ASSERT_TRUE((*backend_->queue().ClaimNext(absl::Now(), {})).has_value()) << stop;
    ASSERT_TRUE(backend_->MarkStopped().ok());
    Reopen();
    ASSERT_TRUE(RecoverAll().ok());
  }
  const StoreSession end = RunToEnd(accepted);
  EXPECT_EQ(end.state, StoreState::kCompleted);
  EXPECT_EQ(end.attempts, 1);
}

TEST_F(RecoveryTest, HubKnowsWaitingStores_AlsoWithoutTheirPayload) {
  const StoreSession kept = Accept(kOneResult, "kept");
  const StoreSession lost = Accept(kOneResult, "lost");
  ASSERT_TRUE(spool_->Remove(lost.payload.file).ok());
  StatusHub hub;
  ASSERT_TRUE(Recover(*backend_, *spool_, hub, clock_).ok());
  ASSERT_NE(hub.Find(kept.token), nullptr);
  EXPECT_EQ(hub.Find(kept.token)->session.state, StoreState::kEnqueued);
  EXPECT_NE(hub.Find(lost.token), nullptr);
}

TEST_F(RecoveryTest, Spool_KeepsPayloadsAndUploadsInProgress_LosesTheRest) {
  const StoreSession waiting = Accept(kOneResult, "waiting");
  const StoreSession ended = Accept(kOneResult, "ended");
  ASSERT_TRUE(backend_->queue().RequestCancel(ended.token, absl::Now()).ok());
  ASSERT_TRUE((*spool_->OpenPartial("resumable"))->Append("x").ok());
  ASSERT_TRUE((*spool_->OpenPartial(""))->Append("x").ok());
  ASSERT_TRUE(CreateDirectories(spool_->directory() + "/work-of-a-worker").ok());
  EXPECT_EQ(SpooledFiles(), 5u);
  ASSERT_TRUE(RecoverAll().ok());
  EXPECT_EQ(SpooledFiles(), 2u);
  EXPECT_TRUE(spool_->PayloadSize(waiting.payload.file).ok());
  EXPECT_TRUE(spool_->PartialSize("resumable").ok());
}

}  // namespace
}  // namespace stored::engine
