#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "storage/session.h"
#include "storage/session_queue.h"
#include "storage/sqlite/connection/database.h"

namespace stored::storage::sqlite {

// Which store is to be claimed next. Products take turns, so that none starves another however
// much it has queued: first comes the one with the fewest RUNNING stores, of those the one whose
// last turn is longest ago. Within a product it is the oldest ENQUEUED store whose run has none
// RUNNING. Safe for concurrent use.
//
// Turns are remembered for as long as the process lives: after a restart the first round begins
// with anybody.
class ClaimOrder {
 public:
  // Returns the sequence of that store; nothing when none can be claimed by `rules`. Only reads.
  absl::StatusOr<std::optional<int64_t>> FindNext(Database& database,
                                                  const SessionQueue::ClaimRules& rules);

  // Returns whether the rules allow one more RUNNING store, `session`.
  static absl::StatusOr<bool> HasRoom(Database& database, const SessionQueue::ClaimRules& rules,
                                      const StoreSession& session);

  // `product` has had its turn.
  void Claimed(const std::string& product);

 private:
  int64_t LastTurn(const std::string& product);

  std::mutex mutex_;
  int64_t turns_ = 0;
  std::map<std::string, int64_t> last_turn_;
};

}  // namespace stored::storage::sqlite
