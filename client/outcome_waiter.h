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

// COMPLETED, FAILED or CANCELLED.
bool IsFinal(const v1::StoreStatus& status);

// Where the state of a store is asked for.
class StatusSource {
 public:
  virtual ~StatusSource() = default;

  // One look, on a connection of its own that is closed when this returns.
  virtual absl::StatusOr<v1::StoreStatus> Look(const std::string& token,
                                               absl::Duration timeout) = 0;
  // Hands on every change until the stream ends. OK when the server ended it.
  virtual absl::Status Watch(const std::string& token, absl::Duration timeout,
                             absl::FunctionRef<void(const v1::StoreStatus&)> on_status) = 0;
};

// A stored server, called over a new connection each time.
class RemoteStatusSource final : public StatusSource {
 public:
  explicit RemoteStatusSource(Endpoint endpoint) : endpoint_(std::move(endpoint)) {}

  absl::StatusOr<v1::StoreStatus> Look(const std::string& token, absl::Duration timeout) override;
  absl::Status Watch(const std::string& token, absl::Duration timeout,
                     absl::FunctionRef<void(const v1::StoreStatus&)> on_status) override;

 private:
  Endpoint endpoint_;
};

// How often to look: when the server advises it, within bounds, spread by a fifth either way so
// that clients that started together do not come together.
struct PollingPolicy {
  absl::Duration shortest = absl::Milliseconds(50);
  absl::Duration longest = absl::Seconds(30);
  // Where the server gives no advice.
  absl::Duration without_advice = absl::Seconds(1);
  double jitter = 0.2;

  // `uniform` is in [0, 1).
  absl::Duration Interval(const v1::StoreStatus& status, double uniform) const;
};

struct WaitOptions {
  // A store that the server advises to look at this soon is watched for so long before it is
  // polled: its end is learnt when it comes, with one connection instead of several.
  absl::Duration watch_at_first = absl::Seconds(1);
  // Hold a stream instead of polling. Where streams do not work (the server does not know them, a
  // proxy breaks them), waiting goes on by polls.
  bool watch = false;
  PollingPolicy polling;
  RetryPolicy retry;
  // Told whenever the state has been learnt; the last call is the best known state.
  std::function<void(const v1::StoreStatus&)> on_status;
  // Told before a failure is waited out.
  std::function<void(const absl::Status& failure, absl::Duration delay)> on_failure;
};

// Waits for the end of a store, by polls as a rule: between two looks there is no connection, no
// timer and no thread; the process sleeps. Progress and time are judged by the client's own
// monotonic clock alone, never by the server's timestamps. Not safe for concurrent use.
class OutcomeWaiter {
 public:
  // All of it outlives the object.
  OutcomeWaiter(StatusSource& source, Clock& clock, const TimeLimit& limit, WaitOptions options,
                UniformSource uniform = SystemUniformSource());

  // The final status. NOT_FOUND: the server knows no such token. DEADLINE_EXCEEDED: the limit
  // passed. UNAVAILABLE: no contact for as long as the retry policy has patience.
  //
  // `known`: what the server has said already, which saves a look that comes too early.
  absl::StatusOr<v1::StoreStatus> Wait(const std::string& token,
                                       const std::optional<v1::StoreStatus>& known);

 private:
  absl::Status Poll(const std::string& token);
  absl::Status Watch(const std::string& token);
  void WaitBeforeTheFirstLook(const std::string& token);
  void Learn(const v1::StoreStatus& status);
  absl::StatusOr<absl::Duration> NextDelay(const absl::Status& result);
  bool done() const { return status_.has_value() && IsFinal(*status_); }

  StatusSource& source_;
  Clock& clock_;
  TimeLimit limit_;
  WaitOptions options_;
  UniformSource uniform_;
  RetrySchedule schedule_;
  // Newest state learnt.
  std::optional<v1::StoreStatus> status_;
  // How long the next stream may take; longer once streams are known to work.
  absl::Duration stream_timeout_;
};

}  // namespace stored::client
