#include "storage/policy/session_transitions.h"

#include <fmt/format.h>

#include <string_view>

#include "base/status.h"
#include "storage/state_name.h"

namespace stored::storage {
namespace {

// `verb` is for the message: "complete".
absl::Status CheckState(const StoreSession& session, StoreState required, std::string_view verb) {
  if (session.state == required) return absl::OkStatus();
  return absl::FailedPreconditionError(fmt::format("cannot {} store {}: it is {}, not {}", verb,
                                                   session.token, NameOf(session.state),
                                                   NameOf(required)));
}

void Raise(StoreSession& session) { session.revision += SessionQueue::kRevisionStep; }

void End(StoreSession& session, StoreState state, absl::Time now) {
  session.state = state;
  session.finished_at = now;
  Raise(session);
}

}  // namespace

StoreSession NewSession(const StoreRequest& request, const SpooledPayload& payload,
                        absl::Time now) {
  StoreSession session;
  session.request = request;
  session.payload = payload;
  session.state = StoreState::kEnqueued;
  session.revision = SessionQueue::kRevisionStep;
  session.enqueued_at = now;
  return session;
}

absl::Status ClaimSession(StoreSession& session, absl::Time now) {
  STORED_RETURN_IF_ERROR(CheckState(session, StoreState::kEnqueued, "claim"));
  session.state = StoreState::kRunning;
  session.started_at = now;
  ++session.attempts;
  Raise(session);
  return absl::OkStatus();
}

absl::Status CompleteSession(StoreSession& session, const StoreResult& result, absl::Time now) {
  STORED_RETURN_IF_ERROR(CheckState(session, StoreState::kRunning, "complete"));
  session.result = result;
  End(session, StoreState::kCompleted, now);
  return absl::OkStatus();
}

absl::Status FailSession(StoreSession& session, const StoreError& error, absl::Time now) {
  STORED_RETURN_IF_ERROR(CheckState(session, StoreState::kRunning, "fail"));
  session.error = error;
  const bool cancelled = error.code == StoreErrorCode::kCancelled;
  End(session, cancelled ? StoreState::kCancelled : StoreState::kFailed, now);
  return absl::OkStatus();
}

absl::Status RequeueSession(StoreSession& session, SessionQueue::Attempt attempt) {
  STORED_RETURN_IF_ERROR(CheckState(session, StoreState::kRunning, "requeue"));
  session.state = StoreState::kEnqueued;
  if (attempt == SessionQueue::Attempt::kTakenBack) --session.attempts;
  session.started_at.reset();
  Raise(session);
  return absl::OkStatus();
}

bool IsCancelRequested(const StoreSession& session) {
  return session.state == StoreState::kCancelled ||
         (session.state == StoreState::kRunning && session.cancel_requested);
}

absl::Status CancelSession(StoreSession& session, absl::Time now) {
  if (session.state == StoreState::kCompleted || session.state == StoreState::kFailed) {
    return absl::FailedPreconditionError(fmt::format("cannot cancel store {}: it is already {}",
                                                     session.token, NameOf(session.state)));
  }
  session.cancel_requested = true;
  if (session.state == StoreState::kRunning || session.state == StoreState::kCancelled) {
    Raise(session);
    return absl::OkStatus();
  }
  session.error = {StoreErrorCode::kCancelled, "cancelled before it was started"};
  End(session, StoreState::kCancelled, now);
  return absl::OkStatus();
}

absl::Status FailForRemovedProduct(StoreSession& session, absl::Time now) {
  STORED_RETURN_IF_ERROR(CheckState(session, StoreState::kEnqueued, "fail"));
  session.error = {
      StoreErrorCode::kProductGone,
      fmt::format("product \"{}\" was removed while the store waited", session.request.product)};
  End(session, StoreState::kFailed, now);
  return absl::OkStatus();
}

bool IsUnconsumed(const StoreSession& session) {
  return IsFinal(session.state) && !session.consumed;
}

absl::Status ConsumeSession(StoreSession& session) {
  if (!IsFinal(session.state)) {
    return absl::FailedPreconditionError(
        fmt::format("cannot consume store {}: it is {}", session.token, NameOf(session.state)));
  }
  session.consumed = true;
  Raise(session);
  return absl::OkStatus();
}

}  // namespace stored::storage
