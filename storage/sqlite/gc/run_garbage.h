#pragma once

#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "storage/garbage.h"
#include "storage/sqlite/gc/gc_transaction.h"

// Garbage among runs: those past their lifetime, and the rows of runs that were removed.
namespace stored::storage::sqlite {

// Unlinks runs past their lifetime, except those that an unfinished store is for.
absl::Status RemoveExpiredRuns(const GcTarget& target, ProductGarbage& removed);
// Counts those runs with their reports and history entries. Returns their ids, sorted.
absl::StatusOr<std::vector<int64_t>> CountExpiredRuns(const GcTarget& target,
                                                      ProductGarbage& counted);

// Remove or count the rows of unlinked runs.
absl::Status RemoveRowsOfRemovedRuns(const GcTarget& target, ProductGarbage& removed);
absl::Status CountRowsOfRemovedRuns(const GcTarget& target, ProductGarbage& counted);

}  // namespace stored::storage::sqlite
