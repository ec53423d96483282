#pragma once

#include <cstdint>
#include <optional>

#include "absl/status/statusor.h"
#include "storage/policy/claim_order.h"
#include "storage/session.h"
#include "storage/session_queue.h"
#include "storage/sqlite/connection/database.h"

// Finds the store in meta.db that is claimed next. storage/policy/claim_order.h has the rule.
namespace stored::storage::sqlite {

// Returns the sequence of the store that `order` and `rules` let a worker claim next; nothing if no
// store can be claimed. Only reads.
absl::StatusOr<std::optional<int64_t>> FindNextClaim(Database& database,
                                                     const SessionQueue::ClaimRules& rules,
                                                     ClaimOrder& order);

// Returns whether `rules` allow `session` to be RUNNING too.
absl::StatusOr<bool> HasRoom(Database& database, const SessionQueue::ClaimRules& rules,
                             const StoreSession& session);

}  // namespace stored::storage::sqlite
