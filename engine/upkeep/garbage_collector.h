#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "base/time/clock.h"
#include "storage/backend.h"
#include "storage/garbage.h"
#include "storage/spool/spool.h"

namespace stored::engine {

// How long what is kept for a while only is kept; of what products keep, see their settings.
struct GarbageOptions {
  // Between two collections.
  absl::Duration interval = absl::Hours(1);
  // Store sessions since their end: whose end a client has seen, and others.
  absl::Duration keep_consumed = absl::Hours(7 * 24);
  absl::Duration keep_unconsumed = absl::Hours(30 * 24);
  // Source contents that no run mentions; see storage/garbage.h.
  absl::Duration keep_unreferenced = absl::Hours(24);
  // An upload that nobody went on with.
  absl::Duration upload_expiry = absl::Hours(24);
};

// What went, or would go.
struct Collection {
  storage::Garbage garbage;
  storage::Spool::Expired uploads;

  bool empty() const { return garbage.empty() && uploads.uploads == 0; }
};

// Removes what nobody needs any more, now and then and when asked, on a thread of its own, which
// makes way for everybody else. Safe for concurrent use.
class GarbageCollector {
 public:
  // Everything given outlives the object.
  GarbageCollector(storage::Backend& store, storage::Spool& spool, Clock& clock,
                   const GarbageOptions& options);
  ~GarbageCollector();
  GarbageCollector(const GarbageCollector&) = delete;
  GarbageCollector& operator=(const GarbageCollector&) = delete;

  // The first collection follows some minutes later: a start has other things to do.
  void Start();
  // Stops a collection that is under way and returns when the thread has ended. Whoever still waits
  // is told, and so is whoever comes later.
  void Stop();

  // Called from the collector's thread. ABORTED: the collection was stopped.
  using Done = std::function<void(const absl::StatusOr<Collection>&)>;
  // Collects soon, or with `dry_run` only finds out what would go. What is asked for while nothing
  // of the kind has begun is answered by one collection.
  void Collect(bool dry_run, Done done);

 private:
  class Pace;
  struct Request {
    bool dry_run = false;
    Done done;
  };

  void Run();
  // Makes a collection and tells whoever asked for it.
  void Serve(bool dry_run, const std::vector<Request>& requests);
  absl::StatusOr<Collection> CollectNow();
  absl::StatusOr<Collection> Count();
  storage::GarbageRules Rules();

  storage::Backend& store_;
  storage::Spool& spool_;
  Clock& clock_;
  const GarbageOptions options_;

  std::mutex mutex_;
  std::condition_variable changed_;
  // Under the mutex.
  bool stopping_ = false;
  std::vector<Request> requests_;

  std::thread thread_;
};

}  // namespace stored::engine
