#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "storage/ingest/ingest_transaction.h"
#include "storage/ingest/present_run.h"
#include "storage/sqlite/connection/database.h"

// Statements that read the present state of a run.
namespace stored::storage::sqlite {

// IngestSnapshot::FindRun, LoadReports and IngestTransaction::FindPast.
absl::StatusOr<PresentRun> FindRun(Database& database, const std::string& name);
absl::Status LoadReports(Database& database, PresentRun& run);
absl::StatusOr<std::optional<ReportPast>> FindPast(Database& database, int64_t report_id);

}  // namespace stored::storage::sqlite
