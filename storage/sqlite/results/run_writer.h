#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "storage/ingest/ingest_transaction.h"
#include "storage/ingest/present_run.h"
#include "storage/product_results.h"
#include "storage/sqlite/connection/database.h"

// Statements on the rows of a run and its history. REQUIRES, for all that write: one write
// transaction around them.
namespace stored::storage::sqlite {

// IngestTransaction::BeginEntry.
absl::StatusOr<HistoryEntry> BeginEntry(Database& database, const PresentRun& run,
                                        const IngestRequest& request);

// IngestTransaction::Finish.
absl::Status FinishEntry(Database& database, const HistoryEntry& entry,
                         const IngestRequest& request, const EntryCompletion& completion);

// Sets how long the run is kept after its newest store; zero is for ever.
absl::Status SetRunLifetime(Database& database, int64_t run_id, absl::Duration expire_after);

// Hides the run from every query and frees its name. Its rows are garbage from then on.
absl::Status UnlinkRun(Database& database, int64_t run_id);

// Returns the result of the store with this token; nothing if it was not ingested.
absl::StatusOr<std::optional<StoreResult>> FindIngested(Database& database,
                                                        const std::string& token);

}  // namespace stored::storage::sqlite
