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
  // Empty matches any product.
  std::string product;
  // A glob; empty matches any run.
  std::string run_name;
  // Empty matches any state.
  std::vector<StoreState> states;
};

struct SessionPage {
  // Newest first.
  std::vector<StoreSession> sessions;
  // Empty on the last page.
  std::string next_page_token;
};

// The queue of store sessions, which also keeps the sessions that have ended. Every change is
// durable when the call returns OK. Safe for concurrent use. All calls are short: none waits for an
// ingest.
//
// Every durable change raises a session's revision by kRevisionStep. The numbers in between are for
// changes of a running store (progress) that watchers see but the queue does not keep. So the
// revisions that a watcher sees never decrease, even after a crash.
//
// One server only (see Backend): ClaimNext may keep the turns of products in memory, and Running()
// does not tell the sessions of one server from those of another.
class SessionQueue {
 public:
  static constexpr int64_t kRevisionStep = int64_t{1} << 20;

  virtual ~SessionQueue() = default;

  struct EnqueueOptions {
    // FAILED_PRECONDITION if a store into the same run is ENQUEUED or RUNNING.
    bool refuse_if_busy = false;
    // RESOURCE_EXHAUSTED, with a retry pushback (base/time/retry_pushback.h) that tells it from a
    // full disk, if this many stores are already ENQUEUED. 0 is no limit.
    int64_t max_enqueued = 0;
  };
  struct Enqueued {
    StoreSession session;
    // True if the upload_id was accepted before, with the same product, run and content: `session`
    // is that store as it is now, and the new payload is not needed.
    bool repeated = false;
  };
  // Accepts a store. REQUIRES: the payload is durable. The caller must keep it after a system error
  // too (base/files/file.h): a commit whose fsync failed is rolled back here, but a crash may bring
  // it back. NOT_FOUND if there is no such product; ALREADY_EXISTS if the upload_id was accepted
  // with another product, run or content; RESOURCE_EXHAUSTED, also with a retry pushback, if as
  // many stores into the product are ENQUEUED as its settings allow. A session that garbage
  // collection removed counts as never accepted.
  virtual absl::StatusOr<Enqueued> Enqueue(const StoreRequest& request,
                                           const SpooledPayload& payload,
                                           const EnqueueOptions& options, absl::Time now) = 0;

  // Return the session with this token, or that of this upload. NOT_FOUND if there is none.
  virtual absl::StatusOr<StoreSession> Get(const std::string& token) = 0;
  virtual absl::StatusOr<StoreSession> FindUpload(const std::string& upload_id) = 0;

  // Returns the sessions that the filter selects. `page_token` is that of the page before, empty
  // for the first page. REQUIRES: page_size >= 1. INVALID_ARGUMENT if the page token was made for
  // another filter.
  virtual absl::StatusOr<SessionPage> List(const SessionFilter& filter, int page_size,
                                           const std::string& page_token) = 0;

  struct ClaimRules {
    // Stores into these products are not claimed.
    std::set<std::string> left_out;
    // The largest number of RUNNING sessions; 0 is no limit. Beyond it, a session is still claimed
    // if its product has none RUNNING and fewer than max_running products have one: the stores of
    // one product wait for each other's write lock, and must not make a store into another product
    // wait too. So at most 2 * max_running - 1 are RUNNING.
    int max_running = 0;
  };
  // Makes the next ENQUEUED session RUNNING and raises its attempts. Returns nothing if there is no
  // session to claim. Within a product the next is the oldest one whose run has none RUNNING.
  // Products that have such sessions take turns, so that none starves another.
  virtual absl::StatusOr<std::optional<StoreSession>> ClaimNext(absl::Time now,
                                                                const ClaimRules& rules) = 0;

  // Ends a RUNNING session. Returns the ended session.
  virtual absl::StatusOr<StoreSession> Complete(const std::string& token, const StoreResult& result,
                                                absl::Time now) = 0;
  // Ends a RUNNING session as CANCELLED if the error's code is kCancelled, else as FAILED. Returns
  // the ended session.
  virtual absl::StatusOr<StoreSession> Fail(const std::string& token, const StoreError& error,
                                            absl::Time now) = 0;
  // Returns a RUNNING session to its old place in the queue, after a shutdown or a transient error.
  // kTakenBack does not count the attempt: only attempts that took the server down with them may
  // count against a store.
  enum class Attempt { kCounted, kTakenBack };
  virtual absl::StatusOr<StoreSession> Requeue(const std::string& token, Attempt attempt) = 0;

  // Makes an ENQUEUED session CANCELLED, sets cancel_requested of a RUNNING one, and leaves a
  // CANCELLED one as it is. Returns the session as it then is.
  // FAILED_PRECONDITION if it is COMPLETED or FAILED.
  virtual absl::StatusOr<StoreSession> RequestCancel(const std::string& token, absl::Time now) = 0;

  // Records that a client saw the final state. Does nothing if the state is not final, or if this
  // was recorded before. NOT_FOUND if there is no such session.
  virtual absl::Status MarkConsumed(const std::string& token) = 0;

  // Returns all RUNNING sessions, oldest first. When a server starts, an earlier server left them:
  // it died, or could not write to the queue when it stopped.
  virtual absl::StatusOr<std::vector<StoreSession>> Running() = 0;
};

}  // namespace stored::storage
