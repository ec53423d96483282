#pragma once

#include <cstdint>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "storage/ingest/checker_states.h"
#include "storage/ingest/ingest_transaction.h"
#include "storage/ingest/present_run.h"
#include "storage/product_results.h"

namespace stored::storage {

// Counts of the reports of a run that a store lacks.
struct ClosedReports {
  // Reports that were open, by their new state.
  int32_t resolved = 0;
  int32_t off = 0;
  int32_t unavailable = 0;
  // Reports that were removed because the store has others of their hash.
  int32_t replaced = 0;
};

// Decides what becomes of each report that the run had, as a comparison has marked them, and writes
// the changes for the store `history_id`: opens, reopens, closes, restates, removes. Writes only
// the reports that change, in the order of their ids; run.reports is in that order afterwards.
// CANCELLED if the observer asks for it.
absl::StatusOr<ClosedReports> ApplyStateChanges(IngestTransaction& transaction, PresentRun& run,
                                                const CheckerStates& checkers, int64_t history_id,
                                                absl::Time now, IngestObserver& observer);

}  // namespace stored::storage
