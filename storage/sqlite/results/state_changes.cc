#include "storage/sqlite/results/state_changes.h"

namespace stored::storage::sqlite {
namespace {

static_assert(static_cast<int>(ReportState::kOpen) == 0);
static_assert(static_cast<int>(reports::ReviewStatus::kFalsePositive) == 3 &&
              static_cast<int>(reports::ReviewStatus::kIntentional) == 4);

// Removes the fixed_at of a report that is open again, unless its review closes it.
#define STORED_OPEN_FIXED_AT \
  "fixed_at = CASE WHEN review_status IN (3, 4) THEN fixed_at ELSE NULL END "

}  // namespace

absl::Status WriteChange(Database& database, const PresentReport& report, int64_t history_id,
                         absl::Time now) {
  switch (report.change) {
    case ReportChange::kNone:
      return absl::OkStatus();
    case ReportChange::kOpen:
      return database.Run("UPDATE reports SET state = 0, closed_by = NULL, " STORED_OPEN_FIXED_AT
                          "WHERE id = ?",
                          report.id);
    case ReportChange::kReopen:
      return database.Run(
          "UPDATE reports SET state = 0, reopened = 1, opened_by = ?, closed_by = "
          "NULL, " STORED_OPEN_FIXED_AT "WHERE id = ?",
          history_id, report.id);
    case ReportChange::kClose:
      return database.Run(
          "UPDATE reports SET state = ?, closed_by = ?, fixed_at = coalesce(fixed_at, ?) "
          "WHERE id = ?",
          static_cast<int>(report.next_state), history_id, now, report.id);
    case ReportChange::kRestate:
      return database.Run("UPDATE reports SET state = ? WHERE id = ?",
                          static_cast<int>(report.next_state), report.id);
    case ReportChange::kRemove:
      return database.Run("DELETE FROM reports WHERE id = ?", report.id);
  }
  return absl::OkStatus();
}

#undef STORED_OPEN_FIXED_AT

}  // namespace stored::storage::sqlite
