#pragma once

#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "storage/garbage.h"
#include "storage/sqlite/gc/gc_transaction.h"

// What a product keeps for a time only: reports that are closed, and runs' histories.
namespace stored::storage::sqlite {

// Removes reports closed by target.bounds.closed_by, but for those of runs that an unfinished store
// is for: it may have compared with them already.
absl::Status RemoveClosedReports(const GcTarget& target, ProductGarbage& removed);

// Removes entries stored by target.bounds.stored_by, but for the newest of a run, tagged ones, and
// those that a report's opened_by or closed_by names; and versions of files that none of the
// entries left can see.
absl::Status RemoveHistory(const GcTarget& target, ProductGarbage& removed);

// What both together would remove, but for the runs `without`, sorted ids.
absl::Status CountRetention(const GcTarget& target, const std::vector<int64_t>& without,
                            ProductGarbage& there);

}  // namespace stored::storage::sqlite
