#include "tools/terminal/progress_printer.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <utility>

#include "client/outcome_waiter.h"
#include "tools/terminal/format.h"

namespace stored::tools {
namespace {

// Shortest time between two lines about the same state in a log.
constexpr absl::Duration kLogInterval = absl::Seconds(30);

std::string DescribePhase(const v1::StoreStatus& status) {
  const bool parsing = status.phase() == v1::STORE_PHASE_PARSING;
  std::string text = FormatEnum(*v1::StorePhase_descriptor(), status.phase());
  if (status.phase_total() > 0) {
    text += fmt::format(", {} of {} {}", status.phase_done(), status.phase_total(),
                        parsing ? "result files" : "reports");
  }
  return text;
}

// Returns the estimate in the largest unit of which it has at least two, rounded down.
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
    return fmt::format("queued, {} before it",
                       FormatCount(status.queue_position(), "store", "stores"));
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
      return FormatEnum(*v1::StoreState_descriptor(), status.state());
  }
}

ProgressPrinter::ProgressPrinter(Output& output, Clock& clock, absl::Duration quiet_at_first)
    : output_(output), clock_(clock), quiet_at_first_(quiet_at_first), begin_(clock.Monotonic()) {}

ProgressPrinter::~ProgressPrinter() {
  {
    const MutexLock lock(mutex_);
    ended_ = true;
  }
  end_changed_.NotifyAll();
  if (thread_.joinable()) thread_.join();
}

void ProgressPrinter::OnStatus(const v1::StoreStatus& status) {
  const MutexLock lock(mutex_);
  newest_ = status;
  failure_printed_ = false;
  if (client::IsFinal(status)) {
    pending_.reset();
    return;
  }
  std::string text = DescribeState(status);
  output_.ShowProgress(text);
  if (text == printed_) return;
  if (output_.shows_details()) {
    output_.Detail(text);
    RecordPrinted(std::move(text), status.state(), clock_.Monotonic());
  } else if (output_.shows_progress()) {
    return;
  } else if (QuietYet()) {
    PrintLater(std::move(text), status.state());
  } else if (Due(status)) {
    pending_.reset();
    output_.Note(text);
    RecordPrinted(std::move(text), status.state(), clock_.Monotonic());
  }
}

void ProgressPrinter::RecordPrinted(std::string text, v1::StoreState state, absl::Duration at) {
  printed_ = std::move(text);
  printed_state_ = state;
  printed_at_ = at;
}

void ProgressPrinter::PrintLater(std::string text, v1::StoreState state) {
  pending_ = std::move(text);
  pending_state_ = state;
  if (!thread_.joinable()) thread_ = std::thread([this] { PrintPending(); });
}

void ProgressPrinter::PrintPending() {
  const auto deadline =
      std::chrono::steady_clock::now() + absl::ToChronoMilliseconds(quiet_at_first_);
  MutexLock lock(mutex_);
  while (!ended_ && end_changed_.WaitUntil(lock, deadline) != std::cv_status::timeout) {
  }
  if (ended_ || !pending_.has_value()) return;
  output_.Note(*pending_);
  // Does not call clock_.Monotonic(), because only the caller's thread may use the clock.
  RecordPrinted(*std::exchange(pending_, std::nullopt), pending_state_, begin_ + quiet_at_first_);
}

bool ProgressPrinter::Due(const v1::StoreStatus& status) const {
  return status.state() != printed_state_ || clock_.Monotonic() - printed_at_ >= kLogInterval;
}

void ProgressPrinter::OnFailure(const absl::Status& failure, absl::Duration delay) {
  const MutexLock lock(mutex_);
  // Prints only the first of consecutive failures.
  if (!failure_printed_) {
    output_.Note(fmt::format("the server does not answer ({}); trying again",
                             std::string(failure.message())));
  }
  failure_printed_ = true;
  output_.Detail(fmt::format("next try in {}",
                             absl::FormatDuration(absl::Trunc(delay, absl::Milliseconds(1)))));
}

}  // namespace stored::tools
