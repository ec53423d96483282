#pragma once

#include <functional>
#include <optional>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "base/time/clock.h"

namespace stored::client {

// Numbers in [0, 1), evenly spread; what jitter is made of. Tests hand in their own.
using UniformSource = std::function<double()>;
UniformSource SystemUniformSource();

// Until when something may take, by the client's own monotonic clock.
class TimeLimit {
 public:
  // From now on; absl::InfiniteDuration() is no limit.
  TimeLimit(Clock& clock, absl::Duration allowed)
      : clock_(&clock), allowed_(allowed), end_(clock.Monotonic() + allowed) {}

  // Never negative.
  absl::Duration Remaining() const;
  bool Passed() const { return Remaining() == absl::ZeroDuration(); }
  absl::Duration allowed() const { return allowed_; }
  // A timeout for an RPC: at most `longest` and what remains, but always a second, so that what is
  // begun just before the end can succeed.
  absl::Duration RpcTimeout(absl::Duration longest) const;
  // DEADLINE_EXCEEDED. `last` is what went wrong last, or OK.
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
  // Given up when nothing has worked for this long since the first failure, even where the user
  // gave no time.
  absl::Duration patience = absl::Minutes(10);
};

// Decides, failure by failure, whether to try again and when: exponential backoff with jitter, or
// what the server asked for. One object for one operation; not safe for concurrent use.
class RetrySchedule {
 public:
  RetrySchedule(const RetryPolicy& policy, const TimeLimit& limit, Clock& clock,
                UniformSource uniform);

  // Something worked: the next failure counts as the first.
  void Succeeded();

  // How long to wait before trying again after `failure`, not longer than the limit; or the error
  // to give up with: `failure` itself when trying again cannot help or patience ran out,
  // DEADLINE_EXCEEDED when the limit did.
  absl::StatusOr<absl::Duration> AfterFailure(const absl::Status& failure);

 private:
  RetryPolicy policy_;
  TimeLimit limit_;
  Clock& clock_;
  UniformSource uniform_;
  absl::Duration delay_;
  // The first failure since the last success, by the monotonic clock.
  std::optional<absl::Duration> failing_since_;
};

// Calls `operation` until it succeeds or `schedule` gives up.
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
