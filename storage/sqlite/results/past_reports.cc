#include "storage/sqlite/results/past_reports.h"

#include <string_view>

#include "base/status.h"

namespace stored::storage::sqlite {
namespace {

#define STORED_INSERT_PAST                                                                      \
  "INSERT INTO past_reports (run_id, report_id, valid_from, valid_until, checker_id, file_id, " \
  "line, col, severity, state, reopened, opened_by, closed_by, review_status, "                 \
  "review_in_source, detected_at, fixed_at, bug_path_length, report_hash, category, type, "     \
  "message, review_comment, annotations, logical_location, bug_path) SELECT run_id, id, "       \
  "coalesce(valid_from, opened_by), "
#define STORED_PAST_COLUMNS                                                                \
  ", checker_id, file_id, line, col, severity, state, reopened, opened_by, closed_by, "    \
  "review_status, review_in_source, detected_at, fixed_at, bug_path_length, report_hash, " \
  "category, type, message, review_comment, annotations, logical_location, "

constexpr std::string_view kKeepPast = STORED_INSERT_PAST
    "?2" STORED_PAST_COLUMNS
    "CASE WHEN ?3 THEN bug_path END FROM reports WHERE id = ?1 AND coalesce(valid_from, opened_by) "
    "< ?2";

constexpr std::string_view kKeepPastOfClosed = STORED_INSERT_PAST
    "closed_by" STORED_PAST_COLUMNS
    "bug_path FROM reports WHERE id = ?1 AND EXISTS (SELECT 1 FROM run_history WHERE "
    "run_history.run_id = reports.run_id AND run_history.id >= coalesce(valid_from, opened_by) AND "
    "run_history.id < closed_by)";

// ?1 is the report, ?2 the start of the row that is about to be deleted, ?3 its bug path.
constexpr std::string_view kPassOnPath =
    "UPDATE past_reports SET bug_path = ?3 WHERE bug_path IS NULL AND id = (SELECT id FROM "
    "past_reports INDEXED BY past_reports_by_run WHERE run_id = ?4 AND report_id = ?1 AND "
    "valid_from < ?2 ORDER BY valid_from DESC LIMIT 1)";

#undef STORED_PAST_COLUMNS
#undef STORED_INSERT_PAST

// Passes on the bug path of the row that `select` finds.
absl::Status PassOnPath(Database& database, std::string_view select, int64_t id) {
  STORED_ASSIGN_OR_RETURN(Statement row, database.Prepare(select));
  row.BindAll(id);
  STORED_ASSIGN_OR_RETURN(const bool found, row.Step());
  if (!found || row.IsNull(2)) return absl::OkStatus();
  const std::string path(row.Bytes(2));
  return database.Run(kPassOnPath, row.Int(0), row.Int(1), Blob{path}, row.Int(3));
}

}  // namespace

absl::Status KeepPast(Database& database, int64_t report_id, int64_t history_id,
                      BugPathOfPast path) {
  return database.Run(kKeepPast, report_id, history_id, path == BugPathOfPast::kCopied);
}

absl::Status KeepPastOfClosed(Database& database, int64_t report_id) {
  STORED_RETURN_IF_ERROR(database.Run(kKeepPastOfClosed, report_id));
  if (database.changes() > 0) return absl::OkStatus();
  return PassOnPath(database,
                    "SELECT id, coalesce(valid_from, opened_by), bug_path, run_id FROM reports "
                    "WHERE id = ?",
                    report_id);
}

absl::Status DeletePast(Database& database, int64_t past_id) {
  STORED_RETURN_IF_ERROR(PassOnPath(
      database, "SELECT report_id, valid_from, bug_path, run_id FROM past_reports WHERE id = ?",
      past_id));
  return database.Run("DELETE FROM past_reports WHERE id = ?", past_id);
}

}  // namespace stored::storage::sqlite
