#pragma once

#include <atomic>
#include <chrono>

#include "absl/time/time.h"
#include "base/mutex.h"

namespace stored::engine {

// A flag that tells running jobs that the server no longer waits for them. Safe for concurrent use.
class StopSignal {
 public:
  void Raise() {
    {
      const MutexLock lock(mutex_);
      raised_ = true;
    }
    changed_.NotifyAll();
  }

  bool raised() const { return raised_; }

  // Blocks until the signal is raised or `timeout` has passed. Returns raised().
  bool WaitFor(absl::Duration timeout) {
    const auto deadline = std::chrono::steady_clock::now() + absl::ToChronoMilliseconds(timeout);
    MutexLock lock(mutex_);
    while (!raised_) {
      if (changed_.WaitUntil(lock, deadline) == std::cv_status::timeout) break;
    }
    return raised_;
  }

 private:
  // Atomic because raised() takes no lock; changed only while the mutex is held.
  std::atomic<bool> raised_ = false;
  Mutex mutex_;
  Condition changed_;
};

}  // namespace stored::engine
