#pragma once

#include <cstdint>

#include "absl/status/statusor.h"
#include "storage/ingest/present_run.h"
#include "storage/product_results.h"
#include "storage/report_query.h"
#include "storage/sqlite/connection/database.h"

namespace stored::storage::sqlite {

struct FoundSnapshot {
  // The store's run_history.id.
  int64_t history_id = 0;
  Snapshot snapshot;
};

// Returns the snapshot of `run` with this name, or the errors of ProductResults::ListReports.
// REQUIRES: the run exists.
absl::StatusOr<FoundSnapshot> FindSnapshot(Database& database, const PresentRun& run,
                                           const SnapshotName& name);

}  // namespace stored::storage::sqlite
