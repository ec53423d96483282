#include "client/outcome_waiter.h"

#include <algorithm>
#include <utility>

#include "client/connection.h"

namespace stored::client {
namespace {

// A stream delivers the present state at once, so this timeout detects a proxy that withholds it.
constexpr absl::Duration kFirstStreamTimeout = absl::Seconds(30);
// After this time the stream is reopened, so that no connection has to live for hours.
constexpr absl::Duration kStreamTimeout = absl::Minutes(10);

}  // namespace

bool IsFinal(const v1::StoreStatus& status) {
  return status.state() == v1::STORE_STATE_COMPLETED || status.state() == v1::STORE_STATE_FAILED ||
         status.state() == v1::STORE_STATE_CANCELLED;
}

absl::StatusOr<v1::StoreStatus> RemoteStatusSource::Poll(const std::string& token,
                                                         absl::Duration timeout) {
  v1::GetStatusRequest request;
  request.set_token(token);
  return Connection(endpoint_).GetStatus(request, timeout);
}

absl::Status RemoteStatusSource::Watch(const std::string& token, absl::Duration timeout,
                                       absl::FunctionRef<void(const v1::StoreStatus&)> on_status) {
  v1::WatchStatusRequest request;
  request.set_token(token);
  return Connection(endpoint_).WatchStatus(request, timeout, on_status);
}

absl::Duration PollingPolicy::Interval(const v1::StoreStatus& status, double uniform) const {
  absl::Duration advice = without_advice;
  if (status.has_poll_after()) {
    advice = absl::Seconds(status.poll_after().seconds()) +
             absl::Nanoseconds(status.poll_after().nanos());
  }
  return std::clamp(advice * (1 + jitter * (2 * uniform - 1)), shortest, longest);
}

OutcomeWaiter::OutcomeWaiter(StatusSource& source, Clock& clock, const TimeLimit& limit,
                             WaitOptions options, UniformSource uniform)
    : source_(source),
      clock_(clock),
      limit_(limit),
      options_(std::move(options)),
      uniform_(uniform),
      schedule_(options_.retry, limit, clock, std::move(uniform)),
      stream_timeout_(kFirstStreamTimeout) {}

absl::StatusOr<v1::StoreStatus> OutcomeWaiter::Wait(const std::string& token,
                                                    const std::optional<v1::StoreStatus>& known) {
  if (known) {
    Learn(*known);
    if (done()) return *status_;
    // A stream reports the end when it happens, so it needs no delay before it starts.
    if (!options_.watch) WaitBeforeFirstPoll(token);
    if (done()) return *status_;
  }
  while (true) {
    absl::Status result = options_.watch ? Watch(token) : Poll(token);
    // Polls even so, because the cause may affect only streams.
    if (options_.watch && !done() && !absl::IsNotFound(result)) {
      if (absl::IsUnimplemented(result)) options_.watch = false;
      result = Poll(token);
    }
    if (done()) return *status_;
    const absl::StatusOr<absl::Duration> delay = NextDelay(result);
    if (!delay.ok()) return delay.status();
    clock_.Sleep(*delay);
  }
}

void OutcomeWaiter::WaitBeforeFirstPoll(const std::string& token) {
  const absl::Duration interval = options_.polling.Interval(*status_, uniform_());
  if (interval > options_.watch_at_first) {
    clock_.Sleep(std::min(interval, limit_.Remaining()));
    return;
  }
  const auto learn = [this](const v1::StoreStatus& status) { Learn(status); };
  // After an error, polling continues from the same state.
  source_.Watch(token, limit_.RpcTimeout(options_.watch_at_first), learn).IgnoreError();
}

absl::StatusOr<absl::Duration> OutcomeWaiter::NextDelay(const absl::Status& result) {
  if (!result.ok()) {
    absl::StatusOr<absl::Duration> delay = schedule_.AfterFailure(result);
    if (delay.ok() && options_.on_failure) options_.on_failure(result, *delay);
    return delay;
  }
  if (limit_.Passed()) return limit_.Error(absl::OkStatus());
  return std::min(options_.polling.Interval(*status_, uniform_()), limit_.Remaining());
}

absl::Status OutcomeWaiter::Poll(const std::string& token) {
  const absl::StatusOr<v1::StoreStatus> status =
      source_.Poll(token, limit_.RpcTimeout(kRpcTimeout));
  if (status.ok()) Learn(*status);
  return status.status();
}

absl::Status OutcomeWaiter::Watch(const std::string& token) {
  const absl::Duration timeout = limit_.RpcTimeout(stream_timeout_);
  stream_timeout_ = kFirstStreamTimeout;
  return source_.Watch(token, timeout, [this](const v1::StoreStatus& status) {
    stream_timeout_ = kStreamTimeout;
    Learn(status);
  });
}

void OutcomeWaiter::Learn(const v1::StoreStatus& status) {
  status_ = status;
  schedule_.Succeeded();
  if (options_.on_status) options_.on_status(status);
}

}  // namespace stored::client
