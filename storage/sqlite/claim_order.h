#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>

#include "absl/status/statusor.h"
#include "storage/sqlite/database.h"

namespace stored::storage {

// Which store is to be claimed next. Products take turns, so that none starves another however
// much it has queued: first comes the one with the fewest RUNNING stores, of those the one whose
// last turn is longest ago. Within a product it is the oldest ENQUEUED store whose run has none
// RUNNING. Safe for concurrent use.
//
// Turns are remembered for as long as the process lives: after a restart the first round begins
// with anybody.
class ClaimOrder {
 public:
  // The sequence of that store, products `left_out` apart; nothing when none can be claimed. Only
  // reads.
  absl::StatusOr<std::optional<int64_t>> FindNext(Database& database,
                                                  const std::set<std::string>& left_out);

  // `product` has had its turn.
  void Claimed(const std::string& product);

 private:
  int64_t LastTurn(const std::string& product);

  std::mutex mutex_;
  int64_t turns_ = 0;
  std::map<std::string, int64_t> last_turn_;
};

}  // namespace stored::storage
