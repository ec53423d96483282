#pragma once

#include <cstdint>
#include <mutex>

#include "absl/time/time.h"
#include "engine/status/status_hub.h"

namespace stored::engine {

inline constexpr absl::Duration kMinPollInterval = absl::Milliseconds(50);
inline constexpr absl::Duration kMaxPollInterval = absl::Seconds(30);
inline constexpr absl::Duration kMinPushback = absl::Seconds(1);

// What the server tells clients about when to ask again, from how fast stores have been ingested.
// Safe for concurrent use.
class PollAdvice {
 public:
  // One worker took `took` for a payload of so many bytes.
  void Record(int64_t payload_bytes, absl::Duration took);

  // How long until a store in progress is done, were nothing else to come, with so many workers.
  // `now` is monotonic, of the clock that `running_since` is of.
  absl::Duration Remaining(const LiveStatus& status, int workers, absl::Duration now) const;

  // When a queue that is full should have room again.
  absl::Duration RoomAfter() const;

  // When to ask again: after half of the time until the store should be done, within
  // [kMinPollInterval, kMaxPollInterval].
  absl::Duration PollAfter(const LiveStatus& status, int workers, absl::Duration now) const;

 private:
  // Exponential.
  struct Average {
    double value;
    int count = 1;

    void Add(double observed);
  };

  absl::Duration TimeFor(int64_t payload_bytes) const;

  mutable std::mutex mutex_;
  // Time for a store whatever its size, and time for each byte of it. The start values are those of
  // a small machine.
  Average seconds_per_store_{0.03};
  Average seconds_per_byte_{2e-7};
  // Of any store, whatever its size.
  Average seconds_of_a_store_{1};
};

}  // namespace stored::engine
