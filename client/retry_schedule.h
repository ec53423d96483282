#pragma once

#include <functional>
#include <optional>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "base/time/clock.h"

namespace stored::client {

// Returns random numbers, uniformly distributed in [0, 1), for jitter. Tests pass their own.
using UniformSource = std::function<double()>;
UniformSource SystemUniformSource();

// A deadline by the client's own monotonic clock.
class TimeLimit {
 public:
  // The deadline is `allowed` from now; absl::InfiniteDuration() means no limit. `clock` must
  // outlive the object.
  TimeLimit(Clock& clock, absl::Duration allowed)
      : clock_(&clock), allowed_(allowed), end_(clock.Monotonic() + allowed) {}

  // Returns the time that is left, never a negative one.
  absl::Duration Remaining() const;
  bool Passed() const { return Remaining() == absl::ZeroDuration(); }
  absl::Duration allowed() const { return allowed_; }
  // Returns the timeout for an RPC: the smaller of `longest` and Remaining(), but at least one
  // second (or `longest`, if that is shorter), so that an RPC can succeed that begins just before
  // the deadline.
  absl::Duration RpcTimeout(absl::Duration longest) const;
  // Returns DEADLINE_EXCEEDED with the message of `last`, the most recent failure, unless it is OK.
  absl::Status Error(const absl::Status& last) const;

 private:
  Clock* clock_;
  absl::Duration allowed_;
  absl::Duration end_;
};

struct RetryPolicy {
  absl::Duration first_delay = absl::Milliseconds(200);
  absl::Duration longest_delay = absl::Seconds(10);
  double multiplier = 2;
  // The schedule gives up if no attempt has succeeded for this long since the first failure, even
  // if the user set no time limit.
  absl::Duration patience = absl::Minutes(10);
};

// Decides after each failure whether to try again and when: exponential backoff with jitter, or the
// delay that the server asked for. One object serves one operation. Not safe for concurrent use.
class RetrySchedule {
 public:
  RetrySchedule(const RetryPolicy& policy, const TimeLimit& limit, Clock& clock,
                UniformSource uniform);

  // Resets the schedule after a success: the next failure counts as the first.
  void Succeeded();

  // Returns the time to wait before the next attempt, at most the rest of the limit; or the error
  // to give up with: `failure` itself if it is permanent or the policy's patience ran out,
  // DEADLINE_EXCEEDED if the limit passed.
  absl::StatusOr<absl::Duration> AfterFailure(const absl::Status& failure);

 private:
  RetryPolicy policy_;
  TimeLimit limit_;
  Clock& clock_;
  UniformSource uniform_;
  absl::Duration delay_;
  // Time of the first failure since the last success, by the monotonic clock.
  std::optional<absl::Duration> failing_since_;
};

// Calls `operation` until it succeeds or `schedule` gives up. Returns the last result, or the error
// that the schedule gave up with.
template <typename Operation>
auto Retry(RetrySchedule schedule, Clock& clock, Operation operation) -> decltype(operation()) {
  while (true) {
    auto result = operation();
    if (result.ok()) return result;
    const absl::StatusOr<absl::Duration> delay = schedule.AfterFailure(result.status());
    if (!delay.ok()) return delay.status();
    clock.Sleep(*delay);
  }
}

}  // namespace stored::client
