#pragma once

#include <condition_variable>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "base/time/clock.h"
#include "stored/v1/store_service.pb.h"
#include "tools/terminal/output.h"

namespace stored::tools {

// "queued, 3 stores before it", "running: comparing, 1200 of 3376 reports, about 12 s left".
std::string DescribeState(const v1::StoreStatus& status);

// Tells the user, on standard error, how a store that is waited for gets on: on a terminal in one
// line that is rewritten; elsewhere, where the reader is a log, in a line when the state changes
// and otherwise at most every 30 seconds. A wait that ends within a second has no line in a log.
// With -v every change has a line. Not safe for concurrent use.
class ProgressPrinter {
 public:
  // Both outlive the object. `quiet_at_first`: how long a log is told nothing.
  ProgressPrinter(Output& output, Clock& clock, absl::Duration quiet_at_first = absl::Seconds(1));
  ~ProgressPrinter();
  ProgressPrinter(const ProgressPrinter&) = delete;
  ProgressPrinter& operator=(const ProgressPrinter&) = delete;

  void OnStatus(const v1::StoreStatus& status);
  // A failure that will be waited out for `delay`.
  void OnFailure(const absl::Status& failure, absl::Duration delay);

  const std::optional<v1::StoreStatus>& newest() const { return newest_; }

 private:
  // Whether a log is to have a line on `status` now.
  bool Due(const v1::StoreStatus& status) const;
  bool QuietYet() const { return clock_.Monotonic() - begin_ < quiet_at_first_; }
  // Notes that the line was said at that time. With the mutex held.
  void Said(std::string text, v1::StoreState state, absl::Duration at);
  // Has the line said once the quiet time is over, unless the wait ends before: until then there
  // may be no other status. With the mutex held.
  void SayLater(std::string text, v1::StoreState state);
  void SayPending();

  Output& output_;
  Clock& clock_;
  const absl::Duration quiet_at_first_;
  const absl::Duration begin_;
  std::optional<v1::StoreStatus> newest_;

  std::mutex mutex_;
  std::condition_variable changed_;
  // All members below are guarded by mutex_.
  bool ended_ = false;
  // A line that waits for the end of the quiet time.
  std::optional<std::string> pending_;
  v1::StoreState pending_state_ = v1::STORE_STATE_UNSPECIFIED;
  // What was said last, of which state, and when by the monotonic clock.
  std::string said_;
  v1::StoreState said_state_ = v1::STORE_STATE_UNSPECIFIED;
  absl::Duration said_at_;
  bool trouble_said_ = false;
  // Says what is pending. Made when there is something.
  std::thread thread_;
};

}  // namespace stored::tools
