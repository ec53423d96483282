#pragma once

#include <optional>

#include "absl/time/time.h"
#include "base/time/clock.h"

namespace stored::tools {

// Limits the updates of a progress line to ten a second. Not safe for concurrent use.
class ProgressThrottle {
 public:
  explicit ProgressThrottle(Clock& clock) : clock_(clock) {}

  // Returns true if the present update is to be shown; always if `last` is true.
  bool Due(bool last) {
    const absl::Duration now = clock_.Monotonic();
    if (!last && shown_at_ && now - *shown_at_ < kInterval) return false;
    shown_at_ = now;
    return true;
  }

 private:
  static constexpr absl::Duration kInterval = absl::Milliseconds(100);

  Clock& clock_;
  std::optional<absl::Duration> shown_at_;
};

}  // namespace stored::tools
