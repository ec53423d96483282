#pragma once

#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "storage/garbage.h"
#include "storage/sqlite/connection/connections.h"
#include "storage/sqlite/gc/gc_transaction.h"

// Garbage among store sessions: those that ended long enough ago.
namespace stored::storage::sqlite {

// Makes a product forget the results of tokens whose sessions are about to be removed. Returns OK
// if the product no longer exists.
using ForgetTokens =
    std::function<absl::Status(const std::string& product, const std::vector<std::string>& tokens)>;

// Removes the sessions that are past SessionBoundsFor(rules). Calls `forget` before it removes a
// session: after a crash in between, the session is still there and the next garbage collection
// removes it. In the other order the product's rows would stay for ever.
absl::Status RemoveEndedSessions(Writer& writer, ReaderPool& readers, const GarbageRules& rules,
                                 const ForgetTokens& forget, GcPace& pace, Garbage& removed);
absl::Status CountEndedSessions(ReaderPool& readers, const GarbageRules& rules, Garbage& counted);

// Returns when the oldest ENQUEUED or RUNNING store was accepted; InfiniteFuture if there is none.
absl::StatusOr<absl::Time> OldestUnfinished(ReaderPool& readers);

}  // namespace stored::storage::sqlite
