#pragma once

#include <cstdint>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "storage/ingest/checker_states.h"
#include "storage/ingest/present_run.h"
#include "storage/product_results.h"
#include "storage/sqlite/connection/database.h"

namespace stored::storage::sqlite {

// Reports that a store no longer has.
struct ClosedReports {
  // Open before, by what became of them.
  int32_t resolved = 0;
  int32_t off = 0;
  int32_t unavailable = 0;
  // Removed: the store has reports of the same hash, but not this one.
  int32_t replaced = 0;
};

// Brings the reports that a run had, as a comparison has marked them, to the states that the store
// `history_id` gives them: opens, reopens, closes, removes. Writes only what changes, in the order
// of the ids; `run.reports` is in that order then. CANCELLED when the observer asks for it.
absl::StatusOr<ClosedReports> ApplyStateChanges(Database& database, PresentRun& run,
                                                const CheckerStates& checkers, int64_t history_id,
                                                absl::Time now, IngestObserver& observer);

}  // namespace stored::storage::sqlite
