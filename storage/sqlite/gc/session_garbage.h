#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "storage/garbage.h"
#include "storage/sqlite/connection/connections.h"
#include "storage/sqlite/gc/gc_transaction.h"

// Store sessions that ended long enough ago.
namespace stored::storage::sqlite {

// Makes a product forget the results of tokens that are about to go; OK when there is no such
// product.
using ForgetTokens =
    std::function<absl::Status(const std::string& product, const std::vector<std::string>& tokens)>;

// Products forget first: what is left behind by a crash in between is a session that has ended and
// goes another time. The other way round nobody would know of the product's row any more.
absl::Status RemoveEndedSessions(Writer& writer, ReaderPool& readers, const GarbageRules& rules,
                                 const ForgetTokens& forget, GcPace& pace, Garbage& removed);
absl::Status CountEndedSessions(ReaderPool& readers, const GarbageRules& rules, Garbage& there);

// When the oldest of the stores that are ENQUEUED or RUNNING was accepted; InfiniteFuture when
// there is none.
absl::StatusOr<absl::Time> OldestUnfinished(ReaderPool& readers);

}  // namespace stored::storage::sqlite
