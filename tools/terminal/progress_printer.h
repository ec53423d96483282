#pragma once

#include <optional>
#include <string>
#include <thread>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "base/mutex.h"
#include "base/time/clock.h"
#include "stored/v1/store_service.pb.h"
#include "tools/terminal/output.h"

namespace stored::tools {

// Returns for example "queued, 3 stores before it" or "running: comparing, 1200 of 3376 reports,
// about 12 s left".
std::string DescribeState(const v1::StoreStatus& status);

// Prints the progress of a store on standard error while a command waits for its end. On a terminal
// it rewrites one line. Elsewhere, in a log, it prints a line when the state changes and otherwise
// at most every 30 seconds; nothing if the wait ends within a second. With -v it prints a line for
// every change. Not safe for concurrent use.
class ProgressPrinter {
 public:
  // `quiet_at_first` is the time before the first line in a log. `output` and `clock` must outlive
  // the object.
  ProgressPrinter(Output& output, Clock& clock, absl::Duration quiet_at_first = absl::Seconds(1));
  ~ProgressPrinter();
  ProgressPrinter(const ProgressPrinter&) = delete;
  ProgressPrinter& operator=(const ProgressPrinter&) = delete;

  // Prints a new status of the store.
  void OnStatus(const v1::StoreStatus& status);
  // Prints a failure after which the caller tries again in `delay`.
  void OnFailure(const absl::Status& failure, absl::Duration delay);

  const std::optional<v1::StoreStatus>& newest() const { return newest_; }

 private:
  // Returns true if a line about `status` is due in a log.
  bool Due(const v1::StoreStatus& status) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  bool QuietYet() const { return clock_.Monotonic() - begin_ < quiet_at_first_; }
  // Records that a line was printed at the time `at`.
  void RecordPrinted(std::string text, v1::StoreState state, absl::Duration at)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Schedules a line for the end of the quiet time, because no other status may arrive until then.
  // The line is dropped if the wait ends before.
  void PrintLater(std::string text, v1::StoreState state) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Waits for the end of the quiet time, then prints the scheduled line. Runs in thread_.
  void PrintPending();

  Output& output_;
  Clock& clock_;
  const absl::Duration quiet_at_first_;
  const absl::Duration begin_;
  // Used by the caller's thread only.
  std::optional<v1::StoreStatus> newest_;

  Mutex mutex_;
  Condition end_changed_;
  bool ended_ ABSL_GUARDED_BY(mutex_) = false;
  // The line that is scheduled for the end of the quiet time.
  std::optional<std::string> pending_ ABSL_GUARDED_BY(mutex_);
  v1::StoreState pending_state_ ABSL_GUARDED_BY(mutex_) = v1::STORE_STATE_UNSPECIFIED;
  // The last line that was printed, its state, and its time by the monotonic clock.
  std::string printed_ ABSL_GUARDED_BY(mutex_);
  v1::StoreState printed_state_ ABSL_GUARDED_BY(mutex_) = v1::STORE_STATE_UNSPECIFIED;
  absl::Duration printed_at_ ABSL_GUARDED_BY(mutex_);
  // True once a failure was printed, until a status arrives.
  bool failure_printed_ ABSL_GUARDED_BY(mutex_) = false;
  // Runs PrintPending(). Started when a line is first scheduled.
  std::thread thread_;
};

}  // namespace stored::tools
