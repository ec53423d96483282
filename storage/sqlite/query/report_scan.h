#pragma once

#include <cstdint>

#include "absl/status/statusor.h"
#include "storage/report_query.h"
#include "storage/sqlite/connection/database.h"
#include "storage/sqlite/query/report_conditions.h"
#include "storage/sqlite/query/snapshot_query.h"

// The statements that find the reports of a snapshot: those of its rows that hold still, and those
// that held then (product_schema.cc).
namespace stored::storage::sqlite {

// Reports of one run in one snapshot, with ids greater than `after`.
struct ReportScan {
  int64_t run_id = 0;
  FoundSnapshot snapshot;
  int64_t after = 0;
};

// Returns a scan of all reports of a snapshot, or the errors of ProductResults::ListReports.
absl::StatusOr<ReportScan> FindScan(Database& database, const SnapshotName& name);

// The columns of ScanReports.
enum ReportColumn : int {
  kIdColumn,
  kDetectionStatusColumn,
  kCheckerIdColumn,
  kFileIdColumn,
  // NULL if the file is missing in the database.
  kPathColumn,
  kSeverityColumn,
  kReviewStatusColumn,
  kReportHashColumn,
  kLineColumn,
  kColumnColumn,
  kCategoryColumn,
  kTypeColumn,
  kMessageColumn,
  kReviewCommentColumn,
  kReviewInSourceColumn,
  kDetectedAtColumn,
  kFixedAtColumn,
  kBugPathLengthColumn,
  kAnnotationsColumn,
  // NULL unless it is asked for.
  kBugPathColumn,
  kLogicalLocationColumn,
};

// Returns a statement whose rows are the reports for which the conditions hold, in the order of
// their ids. REQUIRES: `conditions` outlive it.
absl::StatusOr<Statement> ScanReports(Database& database, const ReportScan& scan,
                                      const ReportConditions& conditions, bool with_bug_path);

// As ScanReports, for the column report_hash alone and in any order. Reads only the indexes, unless
// there is a condition on logical locations.
absl::StatusOr<Statement> ScanHashes(Database& database, const ReportScan& scan,
                                     const ReportConditions& conditions);

}  // namespace stored::storage::sqlite
