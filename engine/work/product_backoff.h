#pragma once

#include <map>
#include <set>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/time/time.h"
#include "base/mutex.h"

namespace stored::engine {

// Products whose stores were put off because the server is in trouble that may pass: a full disk, a
// database that another process has locked. Each waits for a delay that doubles, from kFirstDelay
// up to kLongestDelay, every time its stores are put off again. Times are those of
// Clock::Monotonic(). Safe for concurrent use.
class ProductBackoff {
 public:
  static constexpr absl::Duration kFirstDelay = absl::Seconds(1);
  static constexpr absl::Duration kLongestDelay = absl::Seconds(15);

  // Notes that a store into the product was put off, and returns how long the product waits. A
  // store that is put off during a delay does not lengthen it, because it failed for the same
  // reason as the first.
  absl::Duration PutOff(const std::string& product, absl::Duration now);
  // Ends the delay of a product, because a store into it was not put off. Its next delay is
  // kFirstDelay again.
  void Reset(const std::string& product);

  struct Waiting {
    // Products whose stores must not be claimed now.
    std::set<std::string> products;
    // How long until the first of their delays is over; infinite if there are none.
    absl::Duration next = absl::InfiniteDuration();
  };
  Waiting At(absl::Duration now) const;

 private:
  struct Trouble {
    absl::Duration delay;
    absl::Duration over_at = -absl::InfiniteDuration();
  };

  mutable Mutex mutex_;
  std::map<std::string, Trouble> troubles_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace stored::engine
