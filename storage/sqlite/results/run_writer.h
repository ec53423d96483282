#pragma once

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "storage/ingest/present_run.h"
#include "storage/ingest/upload_sink.h"
#include "storage/product_results.h"
#include "storage/sqlite/connection/database.h"

// Rows of a run and its history. To be used within one write transaction.
namespace stored::storage::sqlite {

// A store being written.
struct HistoryEntry {
  int64_t run_id = 0;
  int64_t history_id = 0;
  int64_t store_number = 0;
};

// The beginning of a store. Adds the store to the run's history, the run itself when it is new, and
// moves the tag here. With
// --force all that the run had goes first, its history included, but for its id and its name.
absl::StatusOr<HistoryEntry> BeginStore(Database& database, const PresentRun& run,
                                        const IngestRequest& request);

// Its end. Completes history and run, and notes that the token's results are there.
absl::Status FinishStore(Database& database, const HistoryEntry& store,
                         const IngestRequest& request, const Upload& upload, int64_t total_reports,
                         const StoreResult& result);

// How long the run is kept after its newest store; zero is for ever.
absl::Status SetRunLifetime(Database& database, int64_t run_id, absl::Duration expire_after);

// Takes the run away from every query and frees its name; its rows are garbage from then on.
absl::Status UnlinkRun(Database& database, int64_t run_id);

// What a token's ingest answered; nothing when it was not applied.
absl::StatusOr<std::optional<StoreResult>> FindIngested(Database& database,
                                                        const std::string& token);

}  // namespace stored::storage::sqlite
