#pragma once

#include <functional>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "base/mutex.h"
#include "base/time/clock.h"
#include "storage/backend.h"
#include "storage/garbage.h"
#include "storage/spool/spool.h"

namespace stored::engine {

// How often garbage is removed, and how long things are kept before they are garbage. Products have
// settings of their own for what they keep (product_settings.h).
struct GarbageOptions {
  // Between the end of one run of the gc and the start of the next.
  absl::Duration interval = absl::Hours(1);
  // Store sessions, from their end: those whose end a client has seen, and others.
  absl::Duration keep_consumed = absl::Hours(7 * 24);
  absl::Duration keep_unconsumed = absl::Hours(30 * 24);
  // Source contents to which no run refers; see storage/garbage.h.
  absl::Duration keep_unreferenced = absl::Hours(24);
  // Unfinished uploads, from the arrival of their last byte.
  absl::Duration upload_expiry = absl::Hours(24);
};

// Counts of what the gc removed, or with dry_run would remove.
struct GcResult {
  storage::Garbage garbage;
  storage::Spool::Expired uploads;

  bool empty() const { return garbage.empty() && uploads.uploads == 0; }
};

// Removes garbage, at intervals and on request, on a thread of its own that rests often so that
// stores and queries go first. Safe for concurrent use.
class GarbageCollector {
 public:
  // All that is referred to outlives the object.
  GarbageCollector(storage::Backend& backend, storage::Spool& spool, Clock& clock,
                   const GarbageOptions& options);
  ~GarbageCollector();
  GarbageCollector(const GarbageCollector&) = delete;
  GarbageCollector& operator=(const GarbageCollector&) = delete;

  // Starts the thread. It first removes garbage after five minutes, or after `interval` if that is
  // shorter, so that a server which has just started serves clients first.
  void Start();
  // Stops the gc before its next transaction and returns when the thread has ended. Callers that
  // wait for a result, and those of later calls, get ABORTED.
  void Stop();

  // Gets the result of a request. Called from the collector's thread, from Stop(), or from
  // Collect() after Stop(). ABORTED if the gc was stopped.
  using Done = std::function<void(const absl::StatusOr<GcResult>&)>;
  // Removes garbage soon, or with `dry_run` only counts it. Requests of the same kind that arrive
  // before the gc gets to them share one run and its result.
  void Collect(bool dry_run, Done done);

 private:
  class Pace;
  struct Request {
    bool dry_run = false;
    Done done;
  };

  // The body of the thread.
  void Run();
  // Removes or counts garbage, and passes the result to the requests.
  void Serve(bool dry_run, const std::vector<Request>& requests);
  absl::StatusOr<GcResult> Remove();
  absl::StatusOr<GcResult> Count();
  storage::GarbageRules Rules();

  storage::Backend& backend_;
  storage::Spool& spool_;
  Clock& clock_;
  const GarbageOptions options_;

  Mutex mutex_;
  Condition changed_;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::vector<Request> requests_ ABSL_GUARDED_BY(mutex_);

  std::thread thread_;
};

}  // namespace stored::engine
