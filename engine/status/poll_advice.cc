#include "engine/status/poll_advice.h"

#include <algorithm>

namespace stored::engine {
namespace {

// The weight of the newest observation, once there are several.
constexpr double kWeight = 0.2;
// A store that is late is assumed to need another tenth of the time that it has taken.
constexpr int kOverrunShare = 10;
// A smaller payload updates the fixed part of the estimate, a larger one the part for each byte.
constexpr int64_t kSmallPayload = 64 << 10;

}  // namespace

// The start value counts as one observation.
void PollAdvice::Average::Add(double observed) {
  ++count;
  value += std::max(kWeight, 1.0 / count) * (observed - value);
}

void PollAdvice::Record(int64_t payload_bytes, absl::Duration took) {
  const double seconds = absl::ToDoubleSeconds(took);
  const MutexLock lock(mutex_);
  whole_seconds_.Add(seconds);
  if (payload_bytes < kSmallPayload) {
    fixed_seconds_.Add(seconds);
  } else {
    seconds_per_byte_.Add(std::max(0.0, seconds - fixed_seconds_.value) /
                          static_cast<double>(payload_bytes));
  }
}

absl::Duration PollAdvice::TimeFor(int64_t payload_bytes) const {
  const MutexLock lock(mutex_);
  return absl::Seconds(fixed_seconds_.value +
                       seconds_per_byte_.value * static_cast<double>(payload_bytes));
}

absl::Duration PollAdvice::Remaining(const LiveStatus& status, int workers,
                                     absl::Duration now) const {
  const absl::Duration whole = TimeFor(status.session.payload.size);
  if (status.session.state == storage::StoreState::kRunning) {
    const absl::Duration since = now - status.running_since.value_or(now);
    // A store that takes longer than estimated is polled ever more rarely.
    return std::max(whole - since, since / kOverrunShare);
  }
  if (status.progress.stores_ahead == 0) return whole;
  return TimeFor(status.progress.bytes_ahead) / std::max(workers, 1) + whole;
}

absl::Duration PollAdvice::RoomAfter() const {
  const MutexLock lock(mutex_);
  return std::clamp(absl::Seconds(whole_seconds_.value), kMinPushback, kMaxPollInterval);
}

absl::Duration PollAdvice::PollAfter(absl::Duration remaining) {
  // Half of it, because `remaining` is an estimate, and a client that sleeps too long loses the
  // difference. Halving costs only a few more polls.
  return std::clamp(remaining / 2, kMinPollInterval, kMaxPollInterval);
}

}  // namespace stored::engine
