#pragma once

#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "storage/garbage.h"
#include "storage/sqlite/gc/gc_transaction.h"

// Runs past their lifetime, and what is left of runs that were removed.
namespace stored::storage::sqlite {

// Unlinks runs past their lifetime, but for those that an unfinished store is for.
absl::Status RemoveExpiredRuns(const GcTarget& target, ProductGarbage& removed);
// Counts them with their reports and history entries; answers with their ids, sorted.
absl::StatusOr<std::vector<int64_t>> CountExpiredRuns(const GcTarget& target,
                                                      ProductGarbage& there);

// Rows of runs that are unlinked.
absl::Status RemoveRowsOfRemovedRuns(const GcTarget& target, ProductGarbage& removed);
absl::Status CountRowsOfRemovedRuns(const GcTarget& target, ProductGarbage& there);

}  // namespace stored::storage::sqlite
