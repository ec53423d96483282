#include "storage/sqlite/results/state_changes.h"

#include "base/status.h"
#include "storage/sqlite/results/past_reports.h"

namespace stored::storage::sqlite {
namespace {

static_assert(static_cast<int>(ReportState::kOpen) == 0);
static_assert(static_cast<int>(reports::ReviewStatus::kFalsePositive) == 3 &&
              static_cast<int>(reports::ReviewStatus::kIntentional) == 4);

// Removes the fixed_at of a report that is open again, unless its review closes it.
#define STORED_OPEN_FIXED_AT \
  "fixed_at = CASE WHEN review_status IN (3, 4) THEN fixed_at ELSE NULL END "

// Keeps what snapshots of earlier stores show of the report. A report that is closed needs nothing:
// closed_by says until when it was open.
absl::Status KeepPastOf(Database& database, const PresentReport& report, int64_t history_id) {
  switch (report.change) {
    case ReportChange::kNone:
    case ReportChange::kClose:
      return absl::OkStatus();
    case ReportChange::kOpen:
    case ReportChange::kReopen:
    case ReportChange::kRestate:
      return KeepPast(database, report.id, history_id, BugPathOfPast::kOfNextRow);
    case ReportChange::kRemove:
      return KeepPast(database, report.id, history_id, BugPathOfPast::kCopied);
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status WriteChange(Database& database, const PresentReport& report, int64_t history_id,
                         absl::Time now) {
  STORED_RETURN_IF_ERROR(KeepPastOf(database, report, history_id));
  switch (report.change) {
    case ReportChange::kNone:
      return absl::OkStatus();
    case ReportChange::kOpen:
      return database.Run(
          "UPDATE reports SET state = 0, closed_by = NULL, valid_from = ?, " STORED_OPEN_FIXED_AT
          "WHERE id = ?",
          history_id, report.id);
    case ReportChange::kReopen:
      return database.Run(
          "UPDATE reports SET state = 0, reopened = 1, opened_by = ?1, valid_from = NULL, "
          "closed_by = NULL, " STORED_OPEN_FIXED_AT "WHERE id = ?2",
          history_id, report.id);
    case ReportChange::kClose:
      return database.Run(
          "UPDATE reports SET state = ?, closed_by = ?, fixed_at = coalesce(fixed_at, ?) "
          "WHERE id = ?",
          static_cast<int>(report.next_state), history_id, now, report.id);
    case ReportChange::kRestate:
      return database.Run("UPDATE reports SET state = ?, valid_from = ? WHERE id = ?",
                          static_cast<int>(report.next_state), history_id, report.id);
    case ReportChange::kRemove:
      return database.Run("DELETE FROM reports WHERE id = ?", report.id);
  }
  return absl::OkStatus();
}

#undef STORED_OPEN_FIXED_AT

}  // namespace stored::storage::sqlite
