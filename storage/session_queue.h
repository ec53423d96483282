#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "storage/session.h"

namespace stored::storage {

struct SessionFilter {
  // Empty is any.
  std::string product;
  // Glob; empty is any.
  std::string run_name;
  // None is any.
  std::vector<StoreState> states;
};

struct SessionPage {
  // Newest first.
  std::vector<StoreSession> sessions;
  // Empty on the last page.
  std::string next_page_token;
};

// The queue of store sessions, and those that went through it. Every change is durable when the
// call returns OK. Safe for concurrent use. All calls are short: none waits for an ingest.
//
// Revisions: a kept change raises a session's revision by kRevisionStep, so that there is room for
// the changes of a running store (progress) that are told to watchers but not kept: even after a
// crash revisions never go back.
class SessionQueue {
 public:
  static constexpr int64_t kRevisionStep = int64_t{1} << 20;

  virtual ~SessionQueue() = default;

  struct EnqueueOptions {
    // FAILED_PRECONDITION when a store into the same run is ENQUEUED or RUNNING.
    bool refuse_if_busy = false;
    // RESOURCE_EXHAUSTED with a retry pushback (base/time/retry_pushback.h), which tells it from a
    // full disk, when so many stores are ENQUEUED already. 0 is no limit.
    int64_t max_enqueued = 0;
  };
  struct Enqueued {
    StoreSession session;
    // The upload_id was accepted before, with the same product, run and content: `session` is that
    // store as it is now, and the payload given is not needed.
    bool repeated = false;
  };
  // Accepts a store. The payload must be durable already, and stay after a system error
  // (base/files/file.h): a commit whose sync failed is taken back here and may yet be found after a
  // crash. NOT_FOUND: no such product; ALREADY_EXISTS: the upload_id was accepted with another
  // product, run or content; RESOURCE_EXHAUSTED, with a retry pushback too: as many stores into the
  // product are ENQUEUED as its settings allow. What garbage collection removed was never accepted.
  virtual absl::StatusOr<Enqueued> Enqueue(const StoreRequest& request,
                                           const SpooledPayload& payload,
                                           const EnqueueOptions& options, absl::Time now) = 0;

  // NOT_FOUND when there is none.
  virtual absl::StatusOr<StoreSession> Get(const std::string& token) = 0;
  virtual absl::StatusOr<StoreSession> FindUpload(const std::string& upload_id) = 0;

  // `page_size` at least 1. INVALID_ARGUMENT for a page token not of this list.
  virtual absl::StatusOr<SessionPage> List(const SessionFilter& filter, int page_size,
                                           const std::string& page_token) = 0;

  struct ClaimRules {
    // Stores into these products are not claimed.
    std::set<std::string> left_out;
    // How many sessions may be RUNNING. A session into a product that has none RUNNING is claimed
    // beyond that, as long as fewer products than this have one: the stores of one product wait for
    // each other where they write, and a store into another product must not wait for them too. So
    // at most 2 * max_running - 1 are RUNNING. 0 is no limit.
    int max_running = 0;
  };
  // Makes the next ENQUEUED session RUNNING, its attempts raised; nothing when there is none.
  // Within a product that is the oldest whose run has none RUNNING; products with such sessions
  // take turns, so that none starves another.
  virtual absl::StatusOr<std::optional<StoreSession>> ClaimNext(absl::Time now,
                                                                const ClaimRules& rules) = 0;

  // Ends a RUNNING session; answers with it as it is then.
  virtual absl::StatusOr<StoreSession> Complete(const std::string& token, const StoreResult& result,
                                                absl::Time now) = 0;
  // CANCELLED when the error's code is kCancelled, else FAILED.
  virtual absl::StatusOr<StoreSession> Fail(const std::string& token, const StoreError& error,
                                            absl::Time now) = 0;
  // Gives a RUNNING session back to the queue, in its old place (a shutdown, a passing fault).
  // An attempt that ended for the server's sake is taken back: only those that took the server down
  // with them are to count against a store.
  enum class Attempt { kCounted, kTakenBack };
  virtual absl::StatusOr<StoreSession> Requeue(const std::string& token, Attempt attempt) = 0;

  // ENQUEUED becomes CANCELLED, RUNNING gets cancel_requested, CANCELLED stays.
  // FAILED_PRECONDITION when it COMPLETED or FAILED.
  virtual absl::StatusOr<StoreSession> RequestCancel(const std::string& token, absl::Time now) = 0;

  // Notes that a client saw the final state; nothing when it is not final, or was noted before.
  virtual absl::Status MarkConsumed(const std::string& token) = 0;

  // All RUNNING sessions, oldest first: at start, those of a server that died.
  virtual absl::StatusOr<std::vector<StoreSession>> Running() = 0;
};

}  // namespace stored::storage
