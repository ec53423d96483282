#include "storage/sqlite/query/report_query.h"

#include <utility>

#include "base/status.h"
#include "storage/columns/list_page_token.h"
#include "storage/ingest/present_run.h"
#include "storage/policy/resource_errors.h"
#include "storage/sqlite/query/report_conditions.h"
#include "storage/sqlite/query/report_page.h"
#include "storage/sqlite/query/report_scan.h"
#include "storage/sqlite/query/snapshot_query.h"
#include "storage/sqlite/results/run_reader.h"

namespace stored::storage::sqlite {

absl::StatusOr<ReportPage> QueryReports(Database& database, const SeverityResolver& severities,
                                        const ReportQuery& query) {
  STORED_ASSIGN_OR_RETURN(ReportScan scan,
                          FindScan(database, {query.run_name, query.tag, query.time}));
  const int64_t history_id = scan.snapshot.history_id;
  STORED_ASSIGN_OR_RETURN(scan.after, ReadReportPageToken(query, history_id));
  STORED_ASSIGN_OR_RETURN(const ReportConditions conditions,
                          ReportConditions::Create(query, severities, database));
  STORED_ASSIGN_OR_RETURN(FilledPage filled,
                          ReadPage(database, severities, query, scan, conditions));
  filled.page.snapshot = std::move(scan.snapshot.snapshot);
  if (filled.more) {
    filled.page.next_page_token = MakeReportPageToken(query, history_id, filled.last_id);
  }
  return std::move(filled.page);
}

}  // namespace stored::storage::sqlite
