#pragma once

#include <functional>
#include <vector>

#include "base/time/clock.h"

namespace stored::client {

// A clock for tests: time passes only in Sleep(), which returns at once, and in Advance(). Not safe
// for concurrent use.
class FakeClock final : public Clock {
 public:
  absl::Time Now() override { return absl::UnixEpoch() + monotonic_; }
  absl::Duration Monotonic() override { return monotonic_; }
  void Sleep(absl::Duration duration) override {
    sleeps_.push_back(duration);
    monotonic_ += duration;
    if (on_sleep) on_sleep();
  }

  void Advance(absl::Duration duration) { monotonic_ += duration; }
  const std::vector<absl::Duration>& sleeps() const { return sleeps_; }

  // Called at the end of every Sleep().
  std::function<void()> on_sleep;

 private:
  absl::Duration monotonic_ = absl::Seconds(1000);
  std::vector<absl::Duration> sleeps_;
};

}  // namespace stored::client
