#pragma once

#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "storage/garbage.h"
#include "storage/sqlite/gc/gc_transaction.h"

// Garbage within runs: closed reports and history entries that are past the product's retention.
namespace stored::storage::sqlite {

// Removes reports that were closed at or before the time target.bounds.closed_by. Skips runs that
// an unfinished store is for: an ingest may already have compared with their reports. Snapshots of
// the time when such a report was open still have it.
absl::Status RemoveClosedReports(const GcTarget& target, ProductGarbage& removed);

// Removes history entries that were stored at or before the time target.bounds.stored_by, except a
// run's newest entry, tagged entries, and entries to which the column opened_by or closed_by of a
// report refers. Then removes the file versions and the past of reports that no remaining entry
// needs.
absl::Status RemoveHistory(const GcTarget& target, ProductGarbage& removed);

// Counts the reports and history entries that both functions would remove. `without` are the sorted
// ids of runs to skip.
absl::Status CountRetention(const GcTarget& target, const std::vector<int64_t>& without,
                            ProductGarbage& counted);

}  // namespace stored::storage::sqlite
