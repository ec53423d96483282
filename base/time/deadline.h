#pragma once

#include <algorithm>
#include <chrono>

#include "absl/time/time.h"

namespace stored {

// Returns the end of a wait that starts now, for Condition::WaitUntil(). No wait is longer than a
// day, because the standard library counts nanoseconds in 64 bits; a thread that has nothing to do
// waits again.
inline std::chrono::steady_clock::time_point DeadlineAfter(absl::Duration wait) {
  return std::chrono::steady_clock::now() +
         absl::ToChronoMilliseconds(std::min(wait, absl::Hours(24)));
}

}  // namespace stored
