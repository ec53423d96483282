#include "client/retry_schedule.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <random>
#include <string>
#include <utility>

#include "base/time/retry_pushback.h"
#include "client/connection.h"

namespace stored::client {
namespace {

constexpr absl::Duration kLeastRpcTimeout = absl::Seconds(1);

// Returns true if the same call may succeed later.
bool IsTransient(const absl::Status& status) {
  if (const auto pushback = RetryPushbackOf(status)) return *pushback >= absl::ZeroDuration();
  return status.code() == absl::StatusCode::kUnavailable;
}

}  // namespace

UniformSource SystemUniformSource() {
  auto engine = std::make_shared<std::mt19937_64>(std::random_device()());
  return [engine] { return std::uniform_real_distribution<double>(0, 1)(*engine); };
}

absl::Duration TimeLimit::Remaining() const {
  return std::max(end_ - clock_->Monotonic(), absl::ZeroDuration());
}

absl::Duration TimeLimit::RpcTimeout(absl::Duration longest) const {
  return std::max(std::min(longest, Remaining()), std::min(longest, kLeastRpcTimeout));
}

absl::Status TimeLimit::Error(const absl::Status& last) const {
  std::string message = fmt::format(
      "not done within {}", absl::FormatDuration(absl::Trunc(allowed_, absl::Milliseconds(1))));
  if (!last.ok()) message += fmt::format(" ({})", std::string(last.message()));
  return absl::DeadlineExceededError(message);
}

RetrySchedule::RetrySchedule(const RetryPolicy& policy, const TimeLimit& limit, Clock& clock,
                             UniformSource uniform)
    : policy_(policy),
      limit_(limit),
      clock_(clock),
      uniform_(std::move(uniform)),
      delay_(policy.first_delay) {}

void RetrySchedule::Succeeded() {
  delay_ = policy_.first_delay;
  failing_since_.reset();
}

absl::StatusOr<absl::Duration> RetrySchedule::AfterFailure(const absl::Status& failure) {
  if (!IsTransient(failure)) return failure;
  if (limit_.Passed()) return limit_.Error(failure);
  if (!failing_since_) failing_since_ = clock_.Monotonic();
  const absl::Duration patience_left = policy_.patience - (clock_.Monotonic() - *failing_since_);
  if (patience_left <= absl::ZeroDuration()) return failure;
  if (const auto pushback = RetryPushbackOf(failure)) {
    // Does not try again within the limit, because the server would refuse that attempt too.
    if (*pushback > limit_.Remaining()) return limit_.Error(failure);
    return *pushback;
  }
  // Adds jitter, so that the clients of a restarted server do not all return at the same moment.
  const absl::Duration delay = delay_ * (0.5 + 0.5 * uniform_());
  delay_ = std::min(delay_ * policy_.multiplier, policy_.longest_delay);
  return std::min({delay, limit_.Remaining(), patience_left});
}

}  // namespace stored::client
