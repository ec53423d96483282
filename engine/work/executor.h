#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/time/time.h"
#include "base/mutex.h"
#include "base/time/clock.h"
#include "engine/status/poll_advice.h"
#include "engine/status/status_hub.h"
#include "engine/work/product_backoff.h"
#include "engine/work/stop_signal.h"
#include "engine/work/store_job.h"
#include "reports/limits.h"
#include "storage/backend.h"
#include "storage/spool/spool.h"

namespace stored::engine {

// Runs the stores in the queue: a fixed number of threads, each of which claims the next store
// (SessionQueue::ClaimNext) and runs a StoreJob on it. Start() and Stop() are called from one
// thread; all else is safe for concurrent use.
class Executor {
 public:
  struct Options {
    // The number of stores that are RUNNING at the same time. Beyond it, a store into a product
    // that has none RUNNING is started too while fewer than `workers` products have one
    // (SessionQueue::ClaimRules::max_running).
    int workers = 2;
    reports::Limits limits;
  };

  // All that is referred to outlives the executor.
  Executor(storage::Backend& backend, storage::Spool& spool, StatusHub& hub, PollAdvice& advice,
           Clock& clock, const Options& options);
  ~Executor();
  Executor(const Executor&) = delete;
  Executor& operator=(const Executor&) = delete;

  // Starts the threads. After an error, which means that Backend::MarkWorking() failed, none runs.
  // Recover() (recovery.h) must not be called after this.
  // REQUIRES: Start() was not called before.
  absl::Status Start();
  // Tells the threads that there may be a new store to claim.
  void Wake();
  // Claims no more stores, waits up to `drain` for the running ones, returns those that are not
  // done by then to the queue, and returns when all threads have ended.
  void Stop(absl::Duration drain);

  int workers() const { return options_.workers; }

 private:
  using Deadline = std::chrono::steady_clock::time_point;

  // The body of a thread.
  void Work();
  // Waits until `deadline`, a stop, or a wake-up after the one numbered `wakes`.
  void AwaitWake(MutexLock& lock, int64_t wakes, Deadline deadline)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Waits until `deadline` or a stop.
  void AwaitStop(MutexLock& lock, Deadline deadline) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Calls ProductResults::Checkpoint(), which the product's last ingest left for later.
  void Checkpoint(const std::string& product);

  storage::Backend& backend_;
  Clock& clock_;
  const Options options_;
  ProductBackoff backoff_;
  // Raised when Stop() no longer waits for the running stores.
  StopSignal stop_;
  const StoreJob::Context job_context_;

  Mutex mutex_;
  Condition changed_;
  // Counts the reasons to look at the queue again.
  int64_t wakes_ ABSL_GUARDED_BY(mutex_) = 0;
  int running_ ABSL_GUARDED_BY(mutex_) = 0;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;

  // Used by Start() and Stop() alone: true between them.
  bool started_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace stored::engine
