#include "engine/status/poll_advice.h"

#include <algorithm>

namespace stored::engine {
namespace {

// Weight of the newest observation, once there are some.
constexpr double kWeight = 0.2;
// A store that is late is thought to take such a share of the time that it has taken.
constexpr int kOverrunShare = 10;
// Below this size a store tells about the time each takes, above it about the time a byte takes.
constexpr int64_t kSmallPayload = 64 << 10;

}  // namespace

// What was there at the start counts as one observation.
void PollAdvice::Average::Add(double observed) {
  ++count;
  value += std::max(kWeight, 1.0 / count) * (observed - value);
}

void PollAdvice::Record(int64_t payload_bytes, absl::Duration took) {
  const double seconds = absl::ToDoubleSeconds(took);
  const std::lock_guard lock(mutex_);
  seconds_of_a_store_.Add(seconds);
  if (payload_bytes < kSmallPayload) {
    seconds_per_store_.Add(seconds);
  } else {
    seconds_per_byte_.Add(std::max(0.0, seconds - seconds_per_store_.value) /
                          static_cast<double>(payload_bytes));
  }
}

absl::Duration PollAdvice::TimeFor(int64_t payload_bytes) const {
  const std::lock_guard lock(mutex_);
  return absl::Seconds(seconds_per_store_.value +
                       seconds_per_byte_.value * static_cast<double>(payload_bytes));
}

absl::Duration PollAdvice::Remaining(const LiveStatus& status, int workers,
                                     absl::Duration now) const {
  const absl::Duration whole = TimeFor(status.session.payload.size);
  if (status.session.state == storage::StoreState::kRunning) {
    const absl::Duration since = now - status.running_since.value_or(now);
    // One that takes longer than it should goes on for a while, and need not be asked for all the
    // time.
    return std::max(whole - since, since / kOverrunShare);
  }
  if (status.stores_ahead == 0) return whole;
  return TimeFor(status.bytes_ahead) / std::max(workers, 1) + whole;
}

absl::Duration PollAdvice::RoomAfter() const {
  const std::lock_guard lock(mutex_);
  return std::clamp(absl::Seconds(seconds_of_a_store_.value), kMinPushback, kMaxPollInterval);
}

absl::Duration PollAdvice::PollAfter(const LiveStatus& status, int workers,
                                     absl::Duration now) const {
  // Half of it: what is left is an estimate, and a sleep that is too long is waited for by
  // somebody. Asking so costs a store some polls more, however long it takes.
  return std::clamp(Remaining(status, workers, now) / 2, kMinPollInterval, kMaxPollInterval);
}

}  // namespace stored::engine
