#include "storage/sqlite/query/report_scan.h"

#include <string_view>
#include <utility>

#include "base/status.h"
#include "reports/stored_report.h"
#include "storage/ingest/present_run.h"
#include "storage/ingest/report_state.h"
#include "storage/policy/resource_errors.h"
#include "storage/sqlite/results/run_reader.h"

namespace stored::storage::sqlite {
namespace {

using reports::DetectionStatus;

// The number of the DetectionStatus, computed from the report's columns (product_schema.cc). ?3 is
// the newest entry of the run's history.
#define STORED_DETECTION_STATUS                                                            \
  "CASE WHEN state <> 0 THEN state WHEN opened_by <> ?3 THEN 2 WHEN reopened THEN 3 ELSE " \
  "1 END"
static_assert(static_cast<int>(DetectionStatus::kNew) == 1 &&
              static_cast<int>(DetectionStatus::kUnresolved) == 2 &&
              static_cast<int>(DetectionStatus::kReopened) == 3 &&
              static_cast<int>(ReportState::kOpen) == 0);

// The same after the store ?3, which may not be the newest one: a report that a later store closed
// was open.
#define STORED_WAS_CLOSED "(state <> 0 AND closed_by <= ?3)"
#define STORED_PAST_DETECTION_STATUS \
  "CASE WHEN " STORED_WAS_CLOSED     \
  " THEN state WHEN opened_by <> ?3 THEN 2 WHEN reopened THEN 3 ELSE 1 END"
// While it was open, only a review that closes it had set fixed_at.
#define STORED_PAST_FIXED_AT \
  "CASE WHEN " STORED_WAS_CLOSED " OR review_status IN (3, 4) THEN fixed_at END"
static_assert(static_cast<int>(reports::ReviewStatus::kFalsePositive) == 3 &&
              static_cast<int>(reports::ReviewStatus::kIntentional) == 4);

// All conditions but the one on logical locations use only columns of the index, so SQLite looks up
// a row of the tables only if they hold; rows of a run are stored side by side. The statement does
// not join the checkers: it would copy the checker's name for every report, and a page has few
// checkers.
#define STORED_SCAN(columns, table, index, join, id, status)                                  \
  "SELECT " columns " FROM " table " INDEXED BY " index " " join " WHERE run_id = ?1 AND " id \
  " > ?2 AND (?4 = -1 OR ?4 >> (" status                                                      \
  ") & 1) AND (?5 = -1 OR ?5 >> review_status & 1) "                                          \
  "AND (?6 OR stored_holds(?6, " STORED_SEVERITY_KEY                                          \
  ")) AND (?7 OR stored_holds(?7, report_hash)) AND (?8 OR stored_holds(?8, checker_id)) "    \
  "AND (?9 OR stored_holds(?9, file_id)) AND (?10 OR stored_holds(?10, logical_location)) "
#define STORED_NEWEST(columns, join) \
  STORED_SCAN(columns, "reports", "reports_by_run", join, "reports.id", STORED_DETECTION_STATUS)
// The rows of a snapshot after the store ?3 that hold still, and those that held then.
#define STORED_STILL(columns, join)                                     \
  STORED_SCAN(columns, "reports", "reports_by_run", join, "reports.id", \
              STORED_PAST_DETECTION_STATUS)                             \
  "AND coalesce(valid_from, opened_by) <= ?3 "
#define STORED_THEN(columns, join)                                                       \
  STORED_SCAN(columns, "past_reports AS past", "past_reports_by_run", join, "report_id", \
              STORED_PAST_DETECTION_STATUS)                                              \
  "AND valid_from <= ?3 AND valid_until > ?3 "

#define STORED_FILES "LEFT JOIN files ON files.id = file_id"
// The columns of ReportColumn.
#define STORED_REPORT(id, status, fixed_at, bug_path)                                   \
  id ", " status                                                                        \
     ", checker_id, file_id, path, severity, "                                          \
     "review_status, report_hash, line, col, category, type, message, review_comment, " \
     "review_in_source, detected_at, " fixed_at                                         \
     ", bug_path_length, annotations, CASE WHEN ?11 THEN " bug_path " END, logical_location"
#define STORED_PAST_BUG_PATH                                                                  \
  "coalesce(bug_path, (SELECT next.bug_path FROM past_reports AS next INDEXED BY "            \
  "past_reports_by_run WHERE next.run_id = ?1 AND next.report_id = past.report_id AND "       \
  "next.valid_from > past.valid_from AND next.bug_path IS NOT NULL ORDER BY next.valid_from " \
  "LIMIT 1), (SELECT present.bug_path FROM reports AS present WHERE present.id = "            \
  "past.report_id))"

constexpr std::string_view kNewestReports =
    STORED_NEWEST(STORED_REPORT("reports.id", STORED_DETECTION_STATUS, "fixed_at", "bug_path"),
                  STORED_FILES) "ORDER BY 1";
// Both parts come in the order of the ids, so SQLite merges them without sorting.
constexpr std::string_view kPastReports = STORED_STILL(
    STORED_REPORT("reports.id", STORED_PAST_DETECTION_STATUS, STORED_PAST_FIXED_AT, "bug_path"),
    STORED_FILES) "UNION ALL " STORED_THEN(STORED_REPORT("report_id", STORED_PAST_DETECTION_STATUS,
                                                         STORED_PAST_FIXED_AT,
                                                         STORED_PAST_BUG_PATH),
                                           STORED_FILES) "ORDER BY 1";
constexpr std::string_view kNewestHashes = STORED_NEWEST("report_hash", "");
constexpr std::string_view kPastHashes =
    STORED_STILL("report_hash", "") "UNION ALL " STORED_THEN("report_hash", "");

// Binds `more` to the parameters after those that all statements have.
template <typename... More>
absl::StatusOr<Statement> Scan(Database& database, std::string_view sql, const ReportScan& scan,
                               const ReportConditions& conditions, const More&... more) {
  STORED_ASSIGN_OR_RETURN(Statement statement, database.Prepare(sql));
  statement.BindAll(scan.run_id, scan.after, scan.snapshot.history_id,
                    conditions.detection_statuses(), conditions.review_statuses(),
                    conditions.severity(), conditions.report_hash(), conditions.checker(),
                    conditions.file(), conditions.logical_location(), more...);
  return statement;
}

}  // namespace

absl::StatusOr<ReportScan> FindScan(Database& database, const SnapshotName& name) {
  STORED_ASSIGN_OR_RETURN(const PresentRun run, FindRun(database, name.run_name));
  if (run.id == 0) return RunNotFoundError(name.run_name);
  STORED_ASSIGN_OR_RETURN(FoundSnapshot snapshot, FindSnapshot(database, run, name));
  return ReportScan{run.id, std::move(snapshot)};
}

absl::StatusOr<Statement> ScanReports(Database& database, const ReportScan& scan,
                                      const ReportConditions& conditions, bool with_bug_path) {
  return Scan(database, scan.snapshot.snapshot.newest ? kNewestReports : kPastReports, scan,
              conditions, with_bug_path);
}

absl::StatusOr<Statement> ScanHashes(Database& database, const ReportScan& scan,
                                     const ReportConditions& conditions) {
  return Scan(database, scan.snapshot.snapshot.newest ? kNewestHashes : kPastHashes, scan,
              conditions);
}

}  // namespace stored::storage::sqlite
