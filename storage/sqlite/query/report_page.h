#pragma once

#include <cstdint>

#include "absl/status/statusor.h"
#include "storage/policy/severity_resolver.h"
#include "storage/product_results.h"
#include "storage/report_query.h"
#include "storage/sqlite/connection/database.h"
#include "storage/sqlite/query/report_scan.h"

namespace stored::storage::sqlite {

struct FilledPage {
  // Without a snapshot and a next_page_token.
  ReportPage page;
  // Whether more reports follow, after the report `last_id`.
  bool more = false;
  int64_t last_id = 0;
};

// Returns the first reports of `scan` for which the conditions hold: as many as `query` allows.
// Uses of the query only its limits, with_bug_path and cancelled.
absl::StatusOr<FilledPage> ReadPage(Database& database, const SeverityResolver& severities,
                                    const ReportQuery& query, const ReportScan& scan,
                                    const ReportConditions& conditions);

}  // namespace stored::storage::sqlite
