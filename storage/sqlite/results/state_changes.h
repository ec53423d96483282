#pragma once

#include <cstdint>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "storage/ingest/present_run.h"
#include "storage/sqlite/connection/database.h"

namespace stored::storage::sqlite {

// IngestTransaction::ApplyChange: writes the change that a store decided for a report to its row.
absl::Status WriteChange(Database& database, const PresentReport& report, int64_t history_id,
                         absl::Time now);

}  // namespace stored::storage::sqlite
