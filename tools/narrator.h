#pragma once

#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "base/clock.h"
#include "stored/v1/store_service.pb.h"
#include "tools/output.h"

namespace stored::tools {

// "queued, 3 stores before it", "running: comparing, 1200 of 3376 reports, about 12 s left".
std::string DescribeState(const v1::StoreStatus& status);

// Tells the user, on standard error, how a store that is waited for gets on: on a terminal in one
// line that is rewritten; elsewhere, where the reader is a log, in a line when the state changes
// and else one every 30 seconds at most; with -v in a line a change. Not safe for concurrent use.
class Narrator {
 public:
  // Both outlive the object.
  Narrator(Output& output, Clock& clock) : output_(output), clock_(clock) {}

  void OnStatus(const v1::StoreStatus& status);
  // A failure that will be waited out for `delay`.
  void OnFailure(const absl::Status& failure, absl::Duration delay);

  const std::optional<v1::StoreStatus>& newest() const { return newest_; }

 private:
  // Whether a log is to have a line on `status` now.
  bool Due(const v1::StoreStatus& status) const;

  Output& output_;
  Clock& clock_;
  std::optional<v1::StoreStatus> newest_;
  // What was said last, of which state, and when by the monotonic clock.
  std::string said_;
  v1::StoreState said_state_ = v1::STORE_STATE_UNSPECIFIED;
  absl::Duration said_at_;
  bool trouble_said_ = false;
};

}  // namespace stored::tools
