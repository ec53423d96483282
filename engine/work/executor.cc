#include "engine/work/executor.h"

#include <spdlog/spdlog.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <memory>
#include <new>
#include <optional>
#include <string>
#include <utility>

#include "base/status.h"
#include "base/time/deadline.h"

namespace stored::engine {
namespace {

using storage::StoreSession;

// A queue from which no store can be claimed now may work later (disk full, database locked).
constexpr absl::Duration kRetryInterval = absl::Seconds(1);
// The nice value (setpriority(2)) of the worker threads and of the threads that they create: if all
// processors are busy, short RPCs run before stores that take minutes. At 5 a thread has a third of
// the scheduler's weight that it has at 0.
constexpr int kWorkerNice = 5;

}  // namespace

Executor::Executor(storage::Backend& backend, storage::Spool& spool, StatusHub& hub,
                   PollAdvice& advice, Clock& clock, const Options& options)
    : backend_(backend), clock_(clock), options_(options), job_context_{backend,  spool,
                                                                        hub,      advice,
                                                                        backoff_, stop_,
                                                                        clock,    options.limits} {}

Executor::~Executor() { Stop(absl::ZeroDuration()); }

absl::Status Executor::Start() {
  STORED_RETURN_IF_ERROR(backend_.MarkWorking());
  started_ = true;
  // One thread for each store that may be RUNNING (see SessionQueue::ClaimRules), and one for each
  // product whose checkpoint may wait for the write lock of a running store, so that a store never
  // waits for a thread because of a checkpoint.
  const int threads = (2 * options_.workers - 1) + options_.workers;
  for (int i = 0; i < threads; ++i) threads_.emplace_back([this] { Work(); });
  return absl::OkStatus();
}

void Executor::Wake() {
  {
    const MutexLock lock(mutex_);
    ++wakes_;
  }
  changed_.NotifyAll();
}

void Executor::Stop(absl::Duration drain) {
  {
    MutexLock lock(mutex_);
    stopping_ = true;
    changed_.NotifyAll();
    if (running_ > 0) {
      spdlog::info("{} stores are running: waiting for them, at most {}", running_,
                   absl::FormatDuration(drain));
    }
    const Deadline deadline = DeadlineAfter(drain);
    while (running_ > 0) {
      if (changed_.WaitUntil(lock, deadline) == std::cv_status::timeout) break;
    }
  }
  stop_.Raise();
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
  if (!std::exchange(started_, false)) return;
  const absl::Status marked = backend_.MarkStopped();
  if (marked.ok()) return;
  spdlog::warn("could not record a clean shutdown; the next start will treat this as a crash: {}",
               std::string(marked.message()));
}

void Executor::Work() {
  // On Linux this sets the nice value of the calling thread alone. Ignores an error: RPCs only
  // become slower.
  ::setpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()), kWorkerNice);
  MutexLock lock(mutex_);
  while (!stopping_) {
    const int64_t wakes = wakes_;
    lock.Unlock();
    ProductBackoff::Waiting waiting = backoff_.At(clock_.Monotonic());
    const storage::SessionQueue::ClaimRules rules = {std::move(waiting.products), options_.workers};
    absl::StatusOr<std::optional<StoreSession>> claimed =
        backend_.queue().ClaimNext(clock_.Now(), rules);
    lock.Lock();
    if (!claimed.ok()) {
      spdlog::error("the queue cannot be read, trying again: {}", claimed.status().ToString());
      AwaitStop(lock, DeadlineAfter(kRetryInterval));
      continue;
    }
    if (!claimed->has_value()) {
      AwaitWake(lock, wakes, DeadlineAfter(waiting.next));
      continue;
    }
    ++running_;
    lock.Unlock();
    StoreJob(job_context_, **claimed).Run();
    lock.Lock();
    --running_;
    ++wakes_;  // Another store into the same run may be claimed now.
    changed_.NotifyAll();
    lock.Unlock();
    Checkpoint((*claimed)->request.product);
    lock.Lock();
  }
}

void Executor::AwaitWake(MutexLock& lock, int64_t wakes, Deadline deadline) {
  while (!stopping_ && wakes_ == wakes) {
    if (changed_.WaitUntil(lock, deadline) == std::cv_status::timeout) return;
  }
}

void Executor::AwaitStop(MutexLock& lock, Deadline deadline) {
  while (!stopping_) {
    if (changed_.WaitUntil(lock, deadline) == std::cv_status::timeout) return;
  }
}

void Executor::Checkpoint(const std::string& product) {
  try {
    const auto results = backend_.Results(product);
    if (results.ok()) (*results)->Checkpoint();
  } catch (const std::bad_alloc&) {
    spdlog::warn(
        "product {}: not enough memory for a checkpoint after a store; the next one will "
        "make it",
        product);
  }
}

}  // namespace stored::engine
