#pragma once

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "storage/session.h"
#include "storage/session_queue.h"

// The life of a store session: which state may follow which, and what changes with it. Every
// backend applies these functions to a session that it has read, and writes the session back in the
// same transaction.
//
//   ENQUEUED -> RUNNING      claimed by a worker
//   ENQUEUED -> CANCELLED    cancelled before it was started
//   ENQUEUED -> FAILED       its product was removed
//   RUNNING  -> COMPLETED, FAILED, CANCELLED   ended by its worker
//   RUNNING  -> ENQUEUED     requeued: a shutdown, or a passing fault
//
// A function that changes a session raises its revision by SessionQueue::kRevisionStep. If the
// state does not allow the change, it returns FAILED_PRECONDITION and leaves the session as it was.
namespace stored::storage {

// Returns an ENQUEUED session for a request that is accepted now. The backend sets its token and
// sequence.
StoreSession NewSession(const StoreRequest& request, const SpooledPayload& payload, absl::Time now);

// Makes an ENQUEUED session RUNNING, as SessionQueue::ClaimNext does. claim_order.h decides which
// session that is.
absl::Status ClaimSession(StoreSession& session, absl::Time now);

// End a RUNNING session or requeue it, as SessionQueue::Complete, Fail and Requeue do.
absl::Status CompleteSession(StoreSession& session, const StoreResult& result, absl::Time now);
absl::Status FailSession(StoreSession& session, const StoreError& error, absl::Time now);
absl::Status RequeueSession(StoreSession& session, SessionQueue::Attempt attempt);

// Returns whether the session is CANCELLED, or RUNNING with a request to cancel it: then the
// backend need not call CancelSession().
bool IsCancelRequested(const StoreSession& session);
// Cancels an ENQUEUED session, or asks the worker of a RUNNING one to cancel it, as
// SessionQueue::RequestCancel does. Changes only the revision of a session that is already
// CANCELLED.
absl::Status CancelSession(StoreSession& session, absl::Time now);

// Fails an ENQUEUED session because its product is being removed.
absl::Status FailForRemovedProduct(StoreSession& session, absl::Time now);

// Returns whether the session is final and no client has seen that yet.
bool IsUnconsumed(const StoreSession& session);
// Records that a client has seen the final state. Returns FAILED_PRECONDITION if it is not final.
absl::Status ConsumeSession(StoreSession& session);

}  // namespace stored::storage
