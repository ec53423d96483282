#pragma once

#include "absl/time/time.h"

namespace stored {

// The time source of the program. Tests pass their own. Safe for concurrent use.
class Clock {
 public:
  virtual ~Clock() = default;

  // Returns the wall-clock time, for display and for records. It may jump, and is never compared
  // across machines.
  virtual absl::Time Now() = 0;
  // Returns the time since a fixed point in this process. It never goes back, so it serves for
  // deadlines and rates.
  virtual absl::Duration Monotonic() = 0;
  // Returns after `duration` at the earliest.
  virtual void Sleep(absl::Duration duration) = 0;

  static Clock& System();
};

}  // namespace stored
