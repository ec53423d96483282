#pragma once

#include <cstdint>

#include "absl/status/status.h"
#include "storage/sqlite/connection/database.h"

// The table past_reports: reports as they were before a store changed them (product_schema.cc).
namespace stored::storage::sqlite {

// Says whether a row of past_reports gets the report's bug path, or NULL, which stands for the bug
// path of the report's next row.
enum class BugPathOfPast : bool { kOfNextRow, kCopied };

// Copies the row of a report to past_reports before the store `history_id` changes or deletes it.
// Does nothing if the row holds only from that store on. If the store changes the bug path or
// deletes the row, the path must be copied.
absl::Status KeepPast(Database& database, int64_t report_id, int64_t history_id,
                      BugPathOfPast path);

// As KeepPast, for a closed report that garbage collection is about to delete: keeps it as it was
// while it was open, if the run's history still has an entry of that time.
absl::Status KeepPastOfClosed(Database& database, int64_t report_id);

// Deletes a row of past_reports. If the report's row before it has no bug path of its own, that row
// takes over the deleted one's.
absl::Status DeletePast(Database& database, int64_t past_id);

}  // namespace stored::storage::sqlite
