#pragma once

#include "absl/time/time.h"

namespace stored {

// Time as the program sees it. Tests hand in their own. Safe for concurrent use.
class Clock {
 public:
  virtual ~Clock() = default;

  // Wall-clock time, UTC: for people and for records. May jump; never compared across machines.
  virtual absl::Time Now() = 0;
  // Time since some fixed point in this process. Never goes back: for deadlines and rates.
  virtual absl::Duration Monotonic() = 0;
  // Returns after `duration` at the earliest.
  virtual void Sleep(absl::Duration duration) = 0;

  static Clock& System();
};

}  // namespace stored
