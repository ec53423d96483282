#include "tools/terminal/progress_printer.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "client/outcome_waiter.h"
#include "tools/terminal/format.h"

namespace stored::tools {
namespace {

// Logs are read afterwards, and paid for by the line.
constexpr absl::Duration kLogInterval = absl::Seconds(30);

std::string DescribePhase(const v1::StoreStatus& status) {
  const bool parsing = status.phase() == v1::STORE_PHASE_PARSING;
  std::string text = EnumWord(*v1::StorePhase_descriptor(), status.phase());
  if (status.phase_total() > 0) {
    text += fmt::format(", {} of {} {}", status.phase_done(), status.phase_total(),
                        parsing ? "result files" : "reports");
  }
  return text;
}

// No more digits than an estimate is worth.
std::string DescribeEstimate(const google::protobuf::Duration& estimate) {
  constexpr int64_t kMinute = 60;
  constexpr int64_t kHour = 60 * kMinute;
  const int64_t seconds = std::max<int64_t>(estimate.seconds() + (estimate.nanos() > 0 ? 1 : 0), 1);
  if (seconds < 2 * kMinute) return fmt::format("about {} s left", seconds);
  if (seconds < 2 * kHour) return fmt::format("about {} min left", seconds / kMinute);
  return fmt::format("about {} h left", seconds / kHour);
}

std::string DescribeProgress(const v1::StoreStatus& status) {
  if (status.state() == v1::STORE_STATE_ENQUEUED) {
    if (status.queue_position() == 0) return "queued, next";
    return fmt::format("queued, {} before it", Count(status.queue_position(), "store", "stores"));
  }
  std::string text = "running";
  if (status.phase() != v1::STORE_PHASE_UNSPECIFIED) text += ": " + DescribePhase(status);
  if (status.cancel_requested()) text += ", to be cancelled";
  return text;
}

}  // namespace

std::string DescribeState(const v1::StoreStatus& status) {
  switch (status.state()) {
    case v1::STORE_STATE_ALLOCATED:
      return "uploading";
    case v1::STORE_STATE_ENQUEUED:
    case v1::STORE_STATE_RUNNING: {
      std::string text = DescribeProgress(status);
      if (status.has_estimate()) text += ", " + DescribeEstimate(status.estimate());
      return text;
    }
    default:
      return EnumWord(*v1::StoreState_descriptor(), status.state());
  }
}

ProgressPrinter::ProgressPrinter(Output& output, Clock& clock, absl::Duration quiet_at_first)
    : output_(output), clock_(clock), quiet_at_first_(quiet_at_first), begin_(clock.Monotonic()) {}

ProgressPrinter::~ProgressPrinter() {
  {
    const std::lock_guard lock(mutex_);
    ended_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void ProgressPrinter::OnStatus(const v1::StoreStatus& status) {
  const std::lock_guard lock(mutex_);
  newest_ = status;
  trouble_said_ = false;
  if (client::IsFinal(status)) {
    pending_.reset();
    return;
  }
  std::string text = DescribeState(status);
  output_.ShowProgress(text);
  if (text == said_) return;
  if (output_.shows_details()) {
    output_.Detail(text);
    Said(std::move(text), status.state(), clock_.Monotonic());
  } else if (output_.shows_progress()) {
    return;
  } else if (QuietYet()) {
    SayLater(std::move(text), status.state());
  } else if (Due(status)) {
    pending_.reset();
    output_.Note(text);
    Said(std::move(text), status.state(), clock_.Monotonic());
  }
}

void ProgressPrinter::Said(std::string text, v1::StoreState state, absl::Duration at) {
  said_ = std::move(text);
  said_state_ = state;
  said_at_ = at;
}

void ProgressPrinter::SayLater(std::string text, v1::StoreState state) {
  pending_ = std::move(text);
  pending_state_ = state;
  if (!thread_.joinable()) thread_ = std::thread([this] { SayPending(); });
}

void ProgressPrinter::SayPending() {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, absl::ToChronoMilliseconds(quiet_at_first_), [this] { return ended_; });
  if (ended_ || !pending_.has_value()) return;
  output_.Note(*pending_);
  // Not clock_.Monotonic(): only the other thread uses the clock.
  Said(*std::exchange(pending_, std::nullopt), pending_state_, begin_ + quiet_at_first_);
}

bool ProgressPrinter::Due(const v1::StoreStatus& status) const {
  return status.state() != said_state_ || clock_.Monotonic() - said_at_ >= kLogInterval;
}

void ProgressPrinter::OnFailure(const absl::Status& failure, absl::Duration delay) {
  const std::lock_guard lock(mutex_);
  // Once a time of trouble: the rest is more of the same.
  if (!trouble_said_) {
    output_.Note(fmt::format("the server does not answer ({}); trying again",
                             std::string(failure.message())));
  }
  trouble_said_ = true;
  output_.Detail(fmt::format("next try in {}",
                             absl::FormatDuration(absl::Trunc(delay, absl::Milliseconds(1)))));
}

}  // namespace stored::tools
