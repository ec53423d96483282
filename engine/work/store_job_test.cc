// One store on real storage, with a clock that the test moves: how each outcome is recorded.
#include "engine/work/store_job.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <optional>
#include <string>

#include "engine/testing/engine_test.h"
#include "engine/testing/manual_clock.h"

namespace stored::engine {
namespace {

using storage::PayloadFormat;
using storage::StoreErrorCode;
using storage::StoreSession;
using storage::StoreState;

constexpr char kTwoResults[] =
    R"({"version":"2.1.0","runs":[{"tool":{"driver":{"name":"t"}},"results":[{"ruleId":"r",)"
    R"("message":{"text":"m"},"locations":[{"physicalLocation":{"artifactLocation":{"uri":"a.c"},)"
    R"("region":{"startLine":1}}}]},{"ruleId":"r",)"
    R"("message":{"text":"n"},"locations":[{"physicalLocation":{"artifactLocation":{"uri":"a.c"},)"
    R"("region":{"startLine":2}}}]}]}]})";

class StoreJobTest : public EngineTest {
 protected:
  // Runs a job on the session; returns it as the queue has it then.
  StoreSession RunJob(const StoreSession& claimed) {
    const StoreJob::Context context{*backend_, *spool_, hub_, advice_, backoff_, stop_, clock_, {}};
    StoreJob(context, claimed).Run();
    return *backend_->queue().Get(claimed.token);
  }
  StoreSession AcceptAndRun(const std::string& payload) {
    Accept(payload);
    return RunJob(Claim());
  }

  // Publishes a client's wish to cancel, as the RPC does.
  void Cancel(const StoreSession& claimed) {
    hub_.Publish(*backend_->queue().RequestCancel(claimed.token, clock_.Now()));
  }

  bool ProductWaits() const { return backoff_.At(kStart).products.contains("default"); }

  ManualClock clock_;
  const absl::Duration kStart = clock_.Monotonic();
  ProductBackoff backoff_;
  StopSignal stop_;
};

TEST_F(StoreJobTest, GoodPayload_Completes_AndTheHubAndTheSpoolForgetIt) {
  const StoreSession end = AcceptAndRun(kOneResult);
  EXPECT_EQ(end.state, StoreState::kCompleted);
  EXPECT_EQ(end.result->new_reports, 1);
  EXPECT_EQ(end.finished_at, clock_.Now());
  EXPECT_EQ((*backend_->Results("default"))->ListRuns("", 10, "")->runs.at(0).stored_at,
            clock_.Now());
  EXPECT_EQ(hub_.Find(end.token), nullptr);
  EXPECT_EQ(SpooledFiles(), 0u);
}

TEST_F(StoreJobTest, BadPayload_Fails_WithTheSendersFault) {
  const StoreSession end = AcceptAndRun("{\"version\": \"2.1.0\", \"runs\": 7}");
  EXPECT_EQ(end.state, StoreState::kFailed);
  EXPECT_EQ(end.error.code, StoreErrorCode::kBadInput) << end.error.message;
  EXPECT_EQ(SpooledFiles(), 0u);
}

// Exceeding a limit is the client's fault, although storage returns the error.
TEST_F(StoreJobTest, LimitOfTheProduct_Fails_AsThat) {
  storage::ProductSettingsChange change;
  change.max_reports_per_store = 1;
  ASSERT_TRUE(backend_->UpdateProduct("default", change).ok());
  const StoreSession end = AcceptAndRun(kTwoResults);
  EXPECT_EQ(end.state, StoreState::kFailed);
  EXPECT_EQ(end.error.code, StoreErrorCode::kLimitExceeded) << end.error.message;
  EXPECT_NE(end.error.message.find("--max-reports-per-store"), std::string::npos);
  EXPECT_TRUE((*backend_->Results("default"))->ListRuns("", 10, "")->runs.empty());
}

TEST_F(StoreJobTest, LifetimeOfTheHeader_BecomesTheRuns) {
  Accept(kOneResult, "run", PayloadFormat::kSarif, absl::Hours(5));
  EXPECT_EQ(RunJob(Claim()).state, StoreState::kCompleted);
  EXPECT_EQ((*backend_->Results("default"))->ListRuns("", 10, "")->runs.at(0).expire_after,
            absl::Hours(5));
}

TEST_F(StoreJobTest, PayloadThatIsGone_Fails_WithTheServersFault) {
  const StoreSession accepted = Accept(kOneResult);
  ASSERT_TRUE(spool_->Remove(accepted.payload.file).ok());
  EXPECT_EQ(RunJob(Claim()).error.code, StoreErrorCode::kServer);
}

TEST_F(StoreJobTest, PayloadThatWasCutShort_Fails_WithTheServersFault) {
  StoreSession claimed = (Accept(kOneResult), Claim());
  ++claimed.payload.size;
  const StoreSession end = RunJob(claimed);
  EXPECT_EQ(end.error.code, StoreErrorCode::kServer);
  EXPECT_NE(end.error.message.find("upload again"), std::string::npos) << end.error.message;
}

// A backup that was taken while the store was RUNNING may be in this state.
TEST_F(StoreJobTest, StoreWhoseResultsAreThere_CompletesWithoutItsPayload) {
  const StoreSession accepted = Accept(kOneResult);
  IngestNothing(accepted);
  ASSERT_TRUE(spool_->Remove(accepted.payload.file).ok());
  EXPECT_EQ(RunJob(Claim()).state, StoreState::kCompleted);
}

TEST_F(StoreJobTest, ProductThatIsGone_Fails_AsThat) {
  StoreSession claimed = (Accept(kOneResult), Claim());
  claimed.request.product = "gone";
  EXPECT_EQ(RunJob(claimed).error.code, StoreErrorCode::kProductGone);
}

TEST_F(StoreJobTest, PassingTrouble_PutsTheStoreOff_UntilAStoreEnds) {
  Accept(kOneResult);
  files_.size_error = ErrnoStatus(EIO, "payload");
  const StoreSession waiting = RunJob(Claim());
  EXPECT_EQ(waiting.state, StoreState::kEnqueued);
  EXPECT_EQ(waiting.attempts, 0);
  EXPECT_EQ(hub_.Find(waiting.token)->session.state, StoreState::kEnqueued);
  EXPECT_EQ(SpooledFiles(), 1u);
  EXPECT_TRUE(ProductWaits());

  files_.size_error = absl::OkStatus();
  EXPECT_EQ(RunJob(Claim()).state, StoreState::kCompleted);
  EXPECT_FALSE(ProductWaits());
}

TEST_F(StoreJobTest, CancelRequested_IsRecordedAsThat) {
  const StoreSession claimed = (Accept(kOneResult), Claim());
  Cancel(claimed);
  const StoreSession end = RunJob(claimed);
  EXPECT_EQ(end.state, StoreState::kCancelled);
  EXPECT_EQ(end.error.code, StoreErrorCode::kCancelled);
  EXPECT_EQ(SpooledFiles(), 0u);
}

TEST_F(StoreJobTest, CancelRequestedDuringTrouble_EndsTheStore) {
  const StoreSession claimed = (Accept(kOneResult), Claim());
  Cancel(claimed);
  files_.size_error = ErrnoStatus(EIO, "payload");
  EXPECT_EQ(RunJob(claimed).state, StoreState::kCancelled);
}

TEST_F(StoreJobTest, Stop_GivesTheStoreBack_AndTakesTheAttemptBack) {
  Accept(kOneResult);
  stop_.Raise();
  const StoreSession waiting = RunJob(Claim());
  EXPECT_EQ(waiting.state, StoreState::kEnqueued);
  EXPECT_EQ(waiting.attempts, 0);
  EXPECT_FALSE(ProductWaits());
  EXPECT_EQ(SpooledFiles(), 1u);
}

// Only a bug leads to this, but a job must not retry for ever.
TEST_F(StoreJobTest, EndThatCannotBeRecordedEver_IsGivenUp) {
  const StoreSession claimed = (Accept(kOneResult), Claim());
  ASSERT_TRUE(backend_->queue().Fail(claimed.token, CancelledByClient(), clock_.Now()).ok());
  EXPECT_EQ(RunJob(claimed).state, StoreState::kCancelled);
}

}  // namespace
}  // namespace stored::engine
