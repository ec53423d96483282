#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "base/mutex.h"
#include "storage/session_queue.h"

// The rule that decides which store is claimed next. A backend counts RUNNING stores and finds the
// oldest store of a product; this decides between products.
namespace stored::storage {

// How many stores are RUNNING, and into how many products.
struct RunningStores {
  int64_t stores = 0;
  int64_t products = 0;
};

// The stores that ClaimRules::max_running allows to be claimed besides those that are RUNNING.
enum class ClaimRoom {
  kNone,
  // Only stores into products that have no RUNNING store.
  kIdleProducts,
  kAny,
};

ClaimRoom RoomFor(const SessionQueue::ClaimRules& rules, const RunningStores& running);

// Returns whether a store may be claimed into a product with this many RUNNING stores.
bool Allows(ClaimRoom room, int64_t running_in_product);

// A product that has ENQUEUED stores.
struct WaitingProduct {
  std::string name;
  // RUNNING stores into it.
  int64_t running = 0;

  friend bool operator==(const WaitingProduct&, const WaitingProduct&) = default;
};

// Lets products take turns, so that none starves another however many stores it has queued: the
// product with the fewest RUNNING stores comes first, and among equals the one whose last turn was
// the longest ago. Within a product it is the turn of the oldest ENQUEUED store whose run has no
// RUNNING store.
//
// Turns are kept in memory: after a restart the first round goes by name, and two processes would
// not know of each other's turns. Safe for concurrent use.
class ClaimOrder {
 public:
  // Returns the names of the products that a store may be claimed into, the one whose turn it is
  // first. If a product has no store that can be claimed, the caller goes on to the next one.
  std::vector<std::string> Order(const SessionQueue::ClaimRules& rules, ClaimRoom room,
                                 const std::vector<WaitingProduct>& products);

  // Records that a store into `product` was claimed.
  void NoteTurn(const std::string& product);

 private:
  Mutex mutex_;
  int64_t turns_ ABSL_GUARDED_BY(mutex_) = 0;
  std::map<std::string, int64_t> last_turn_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace stored::storage
