#include "storage/policy/session_transitions.h"

#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <string>

#include "storage/state_name.h"
#include "storage/testing/test_times.h"

namespace stored::storage {
namespace {

constexpr int64_t kStep = SessionQueue::kRevisionStep;

StoreSession InState(StoreState state) {
  StoreSession session;
  session.token = "0123";
  session.state = state;
  session.revision = 7 * kStep;
  session.request.product = "p";
  return session;
}

// Every change that a session may undergo, by name.
std::map<std::string, std::function<absl::Status(StoreSession&)>> Transitions() {
  return {
      {"claim", [](StoreSession& s) { return ClaimSession(s, At(1)); }},
      {"complete", [](StoreSession& s) { return CompleteSession(s, {}, At(1)); }},
      {"fail",
       [](StoreSession& s) {
         return FailSession(s, {StoreErrorCode::kServer, ""}, At(1));
       }},
      {"requeue",
       [](StoreSession& s) { return RequeueSession(s, SessionQueue::Attempt::kCounted); }},
      {"cancel", [](StoreSession& s) { return CancelSession(s, At(1)); }},
      {"product removed", [](StoreSession& s) { return FailForRemovedProduct(s, At(1)); }},
      {"consume", [](StoreSession& s) { return ConsumeSession(s); }},
  };
}

TEST(SessionTransitionsTest, EveryStateAndChange_AllowedOrRefusedWithoutAChange) {
  const std::map<std::string, std::map<StoreState, StoreState>> allowed = {
      {"claim", {{StoreState::kEnqueued, StoreState::kRunning}}},
      {"complete", {{StoreState::kRunning, StoreState::kCompleted}}},
      {"fail", {{StoreState::kRunning, StoreState::kFailed}}},
      {"requeue", {{StoreState::kRunning, StoreState::kEnqueued}}},
      {"cancel",
       {{StoreState::kEnqueued, StoreState::kCancelled},
        {StoreState::kRunning, StoreState::kRunning},
        {StoreState::kCancelled, StoreState::kCancelled}}},
      {"product removed", {{StoreState::kEnqueued, StoreState::kFailed}}},
      {"consume",
       {{StoreState::kCompleted, StoreState::kCompleted},
        {StoreState::kFailed, StoreState::kFailed},
        {StoreState::kCancelled, StoreState::kCancelled}}},
  };
  for (const auto& [name, change] : Transitions()) {
    for (const StoreState from :
         {StoreState::kEnqueued, StoreState::kRunning, StoreState::kCompleted, StoreState::kFailed,
          StoreState::kCancelled}) {
      SCOPED_TRACE(name + " " + std::string(NameOf(from)));
      StoreSession session = InState(from);
      const absl::Status status = change(session);
      const auto to = allowed.at(name).find(from);
      if (to == allowed.at(name).end()) {
        EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition) << status;
        EXPECT_NE(status.message().find("0123"), absl::string_view::npos) << status;
        EXPECT_NE(status.message().find(std::string(NameOf(from))), absl::string_view::npos)
            << status;
        EXPECT_EQ(session.state, from);
        EXPECT_EQ(session.revision, 7 * kStep);
        EXPECT_FALSE(session.finished_at.has_value());
      } else {
        EXPECT_TRUE(status.ok()) << status;
        EXPECT_EQ(session.state, to->second);
        EXPECT_EQ(session.revision, 8 * kStep);
        EXPECT_EQ(session.finished_at.has_value(), from != to->second && IsFinal(session.state));
      }
    }
  }
}

TEST(SessionTransitionsTest, NewSession_IsEnqueuedWithItsRequest) {
  StoreRequest request;
  request.run_name = "run";
  const StoreSession session = NewSession(request, {"file", 5, "digest"}, At(3));
  EXPECT_EQ(session.state, StoreState::kEnqueued);
  EXPECT_EQ(session.revision, kStep);
  EXPECT_EQ(session.request, request);
  EXPECT_EQ(session.payload.file, "file");
  EXPECT_EQ(session.enqueued_at, At(3));
  EXPECT_EQ(session.attempts, 0);
}

TEST(SessionTransitionsTest, Claim_CountsTheAttempt) {
  StoreSession session = InState(StoreState::kEnqueued);
  session.attempts = 2;
  ASSERT_TRUE(ClaimSession(session, At(1)).ok());
  EXPECT_EQ(session.attempts, 3);
  EXPECT_EQ(session.started_at, At(1));
}

TEST(SessionTransitionsTest, Fail_CancelledByItsCode_KeepsTheError) {
  StoreSession session = InState(StoreState::kRunning);
  ASSERT_TRUE(FailSession(session, {StoreErrorCode::kCancelled, "asked"}, At(1)).ok());
  EXPECT_EQ(session.state, StoreState::kCancelled);
  EXPECT_EQ(session.error.message, "asked");
}

TEST(SessionTransitionsTest, Requeue_CountsTheAttemptOrTakesItBack) {
  for (const bool counted : {true, false}) {
    StoreSession session = InState(StoreState::kEnqueued);
    ASSERT_TRUE(ClaimSession(session, At(1)).ok());
    ASSERT_TRUE(RequeueSession(session, counted ? SessionQueue::Attempt::kCounted
                                                : SessionQueue::Attempt::kTakenBack)
                    .ok());
    EXPECT_EQ(session.attempts, counted ? 1 : 0);
    EXPECT_FALSE(session.started_at.has_value());
  }
}

TEST(SessionTransitionsTest, Cancel_Enqueued_Ends_Running_IsOnlyAsked) {
  StoreSession waiting = InState(StoreState::kEnqueued);
  EXPECT_FALSE(IsCancelRequested(waiting));
  ASSERT_TRUE(CancelSession(waiting, At(1)).ok());
  EXPECT_EQ(waiting.error.code, StoreErrorCode::kCancelled);
  EXPECT_EQ(waiting.finished_at, At(1));
  EXPECT_TRUE(IsCancelRequested(waiting));

  StoreSession running = InState(StoreState::kRunning);
  EXPECT_FALSE(IsCancelRequested(running));
  ASSERT_TRUE(CancelSession(running, At(1)).ok());
  EXPECT_TRUE(running.cancel_requested);
  EXPECT_TRUE(IsCancelRequested(running));
  // The worker may complete it all the same.
  EXPECT_TRUE(CompleteSession(running, {}, At(2)).ok());
  EXPECT_FALSE(IsCancelRequested(running));
}

TEST(SessionTransitionsTest, FailForRemovedProduct_NamesTheProduct) {
  StoreSession session = InState(StoreState::kEnqueued);
  ASSERT_TRUE(FailForRemovedProduct(session, At(1)).ok());
  EXPECT_EQ(session.error.code, StoreErrorCode::kProductGone);
  EXPECT_EQ(session.error.message, "product \"p\" was removed while the store waited");
}

TEST(SessionTransitionsTest, IsUnconsumed_OnlyFinalAndNotSeen) {
  EXPECT_FALSE(IsUnconsumed(InState(StoreState::kRunning)));
  StoreSession session = InState(StoreState::kFailed);
  EXPECT_TRUE(IsUnconsumed(session));
  ASSERT_TRUE(ConsumeSession(session).ok());
  EXPECT_TRUE(session.consumed);
  EXPECT_FALSE(IsUnconsumed(session));
}

}  // namespace
}  // namespace stored::storage
