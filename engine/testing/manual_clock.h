#pragma once

#include "absl/base/thread_annotations.h"
#include "absl/time/time.h"
#include "base/mutex.h"
#include "base/time/clock.h"

namespace stored::engine {

// A clock for tests that moves only when Advance() or Sleep() is called. Safe for concurrent use.
class ManualClock final : public Clock {
 public:
  absl::Time Now() override { return absl::FromUnixSeconds(1'700'000'000) + Monotonic(); }
  absl::Duration Monotonic() override {
    const MutexLock lock(mutex_);
    return monotonic_;
  }
  void Sleep(absl::Duration duration) override { Advance(duration); }

  void Advance(absl::Duration duration) {
    const MutexLock lock(mutex_);
    monotonic_ += duration;
  }

 private:
  Mutex mutex_;
  absl::Duration monotonic_ ABSL_GUARDED_BY(mutex_) = absl::Seconds(1000);
};

}  // namespace stored::engine
