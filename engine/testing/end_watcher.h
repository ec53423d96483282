#pragma once

#include <chrono>
#include <memory>

#include "absl/base/thread_annotations.h"
#include "base/mutex.h"
#include "engine/status/status_hub.h"

namespace stored::engine {

// Remembers the last state of a store that it watches, and waits for the store's end. Safe for
// concurrent use.
class EndWatcher final : public StatusWatcher {
 public:
  void OnStatus(const std::shared_ptr<const LiveStatus>& status) override {
    const MutexLock lock(mutex_);
    last_ = status;
    changed_.NotifyAll();
  }
  void OnClosed() override {}

  // Returns null if no state was published yet.
  std::shared_ptr<const LiveStatus> last() const {
    const MutexLock lock(mutex_);
    return last_;
  }
  // Returns the final state, or after a minute the last one that was published, which may be null.
  std::shared_ptr<const LiveStatus> Wait() {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::minutes(1);
    MutexLock lock(mutex_);
    while (last_ == nullptr || !storage::IsFinal(last_->session.state)) {
      if (changed_.WaitUntil(lock, deadline) == std::cv_status::timeout) break;
    }
    return last_;
  }

 private:
  mutable Mutex mutex_;
  Condition changed_;
  std::shared_ptr<const LiveStatus> last_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace stored::engine
