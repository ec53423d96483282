#pragma once

#include <functional>
#include <optional>
#include <string>
#include <utility>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "base/time/clock.h"
#include "client/endpoint.h"
#include "client/retry_schedule.h"
#include "stored/v1/store_service.pb.h"

namespace stored::client {

// Returns true for COMPLETED, FAILED and CANCELLED.
bool IsFinal(const v1::StoreStatus& status);

// The two RPCs that return the state of a store.
class StatusSource {
 public:
  virtual ~StatusSource() = default;

  // Asks for the state once. Leaves no connection open.
  virtual absl::StatusOr<v1::StoreStatus> Poll(const std::string& token,
                                               absl::Duration timeout) = 0;
  // Calls `on_status` with every state that the server sends until the stream ends. Returns OK if
  // the server ended it.
  virtual absl::Status Watch(const std::string& token, absl::Duration timeout,
                             absl::FunctionRef<void(const v1::StoreStatus&)> on_status) = 0;
};

// A stored server, called over a new connection each time.
class RemoteStatusSource final : public StatusSource {
 public:
  explicit RemoteStatusSource(Endpoint endpoint) : endpoint_(std::move(endpoint)) {}

  absl::StatusOr<v1::StoreStatus> Poll(const std::string& token, absl::Duration timeout) override;
  absl::Status Watch(const std::string& token, absl::Duration timeout,
                     absl::FunctionRef<void(const v1::StoreStatus&)> on_status) override;

 private:
  Endpoint endpoint_;
};

// Decides the time between two polls: the server's advice, varied at random by the fraction
// `jitter` either way, so that clients that started together do not poll together, and kept between
// `shortest` and `longest`.
struct PollingPolicy {
  absl::Duration shortest = absl::Milliseconds(50);
  absl::Duration longest = absl::Seconds(30);
  // The interval if the server gives no advice.
  absl::Duration without_advice = absl::Seconds(1);
  double jitter = 0.2;

  // Returns the time from `status` to the next poll. `uniform` is a random number in [0, 1).
  absl::Duration Interval(const v1::StoreStatus& status, double uniform) const;
};

struct WaitOptions {
  // If the server advises to poll within this time, the waiter first watches the store for this
  // long: it learns the end at once, over one connection instead of several.
  absl::Duration watch_at_first = absl::Seconds(1);
  // If true, the waiter watches a stream instead of polling. If streams fail (the server does not
  // implement them, or a proxy breaks them), it polls.
  bool watch = false;
  PollingPolicy polling;
  RetryPolicy retry;
  // Called with every state that arrives; the last call has the newest known state.
  std::function<void(const v1::StoreStatus&)> on_status;
  // Called before the waiter sleeps for `delay` because of `failure`.
  std::function<void(const absl::Status& failure, absl::Duration delay)> on_failure;
};

// Waits for the end of a store, normally by polling: between two polls it holds no connection,
// timer or thread; the process sleeps. Measures time by the client's own monotonic clock, never by
// the server's timestamps. Not safe for concurrent use.
class OutcomeWaiter {
 public:
  // `source`, `clock` and the clock of `limit` must outlive the object.
  OutcomeWaiter(StatusSource& source, Clock& clock, const TimeLimit& limit, WaitOptions options,
                UniformSource uniform = SystemUniformSource());

  // Returns the final status. NOT_FOUND if the server does not know the token, DEADLINE_EXCEEDED if
  // the limit passed, UNAVAILABLE if the server could not be reached for RetryPolicy::patience.
  //
  // `known` is a status that the server has already sent, for example in its response to the
  // upload; it saves a poll that would come too early.
  absl::StatusOr<v1::StoreStatus> Wait(const std::string& token,
                                       const std::optional<v1::StoreStatus>& known);

 private:
  absl::Status Poll(const std::string& token);
  absl::Status Watch(const std::string& token);
  void WaitBeforeFirstPoll(const std::string& token);
  void Learn(const v1::StoreStatus& status);
  absl::StatusOr<absl::Duration> NextDelay(const absl::Status& result);
  bool done() const { return status_.has_value() && IsFinal(*status_); }

  StatusSource& source_;
  Clock& clock_;
  TimeLimit limit_;
  WaitOptions options_;
  UniformSource uniform_;
  RetrySchedule schedule_;
  // The newest known state.
  std::optional<v1::StoreStatus> status_;
  // Timeout of the next stream; longer once a stream has delivered a state.
  absl::Duration stream_timeout_;
};

}  // namespace stored::client
