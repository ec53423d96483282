#pragma once

#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "storage/garbage.h"
#include "storage/sqlite/collection.h"

// Runs past their lifetime, and what is left of runs that were removed.
namespace stored::storage {

// Unlinks runs past their lifetime, but for those that an unfinished store is for.
absl::Status RemoveExpiredRuns(const CollectionTarget& target, ProductGarbage& removed);
// Counts them with their reports and history entries; answers with their ids, sorted.
absl::StatusOr<std::vector<int64_t>> CountExpiredRuns(const CollectionTarget& target,
                                                      ProductGarbage& there);

// Rows of runs that are unlinked.
absl::Status RemoveRowsOfRemovedRuns(const CollectionTarget& target, ProductGarbage& removed);
absl::Status CountRowsOfRemovedRuns(const CollectionTarget& target, ProductGarbage& there);

}  // namespace stored::storage
