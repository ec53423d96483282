#pragma once

#include <cstdint>

#include "absl/base/thread_annotations.h"
#include "absl/time/time.h"
#include "base/mutex.h"
#include "engine/status/live_status.h"

namespace stored::engine {

inline constexpr absl::Duration kMinPollInterval = absl::Milliseconds(50);
inline constexpr absl::Duration kMaxPollInterval = absl::Seconds(30);
inline constexpr absl::Duration kMinPushback = absl::Seconds(1);

// Estimates how long stores take, from the times that earlier ones took, and when clients should
// poll again. Safe for concurrent use.
class PollAdvice {
 public:
  // Records that a store with a payload of so many bytes took `took`.
  void Record(int64_t payload_bytes, absl::Duration took) ABSL_LOCKS_EXCLUDED(mutex_);

  // Estimates how long it takes until a store in progress is done, if there are `workers` workers
  // and no further uploads. `now` is by the monotonic clock, as `running_since` is.
  absl::Duration Remaining(const LiveStatus& status, int workers, absl::Duration now) const
      ABSL_LOCKS_EXCLUDED(mutex_);

  // Estimates how long it takes until a full queue has room again: the time that a store takes on
  // average.
  absl::Duration RoomAfter() const ABSL_LOCKS_EXCLUDED(mutex_);

  // Returns the time until the next poll of a store that should be done in `remaining`: half of
  // that, within [kMinPollInterval, kMaxPollInterval].
  static absl::Duration PollAfter(absl::Duration remaining);
  absl::Duration PollAfter(const LiveStatus& status, int workers, absl::Duration now) const {
    return PollAfter(Remaining(status, workers, now));
  }

 private:
  // An exponential moving average.
  struct Average {
    double value;
    int count = 1;

    void Add(double observed);
  };

  absl::Duration TimeFor(int64_t payload_bytes) const ABSL_LOCKS_EXCLUDED(mutex_);

  mutable Mutex mutex_;
  // The time of a store is estimated as a fixed part plus a part for each byte of its payload. The
  // start values are those of a small machine.
  Average fixed_seconds_ ABSL_GUARDED_BY(mutex_) = {0.03};
  Average seconds_per_byte_ ABSL_GUARDED_BY(mutex_) = {2e-7};
  // The whole time of a store, averaged over stores of all sizes.
  Average whole_seconds_ ABSL_GUARDED_BY(mutex_) = {1};
};

}  // namespace stored::engine
