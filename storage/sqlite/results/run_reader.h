#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "storage/ingest/present_run.h"
#include "storage/sqlite/connection/database.h"

// Reads what a store compares itself with.
namespace stored::storage::sqlite {

// Returns the run of this name without its reports; id 0 when there is none.
absl::StatusOr<PresentRun> FindRun(Database& database, const std::string& name);
// Reads the run's reports and checkers.
absl::Status LoadReports(Database& database, PresentRun& run);

}  // namespace stored::storage::sqlite
