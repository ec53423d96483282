#pragma once

#include "absl/status/statusor.h"
#include "storage/policy/severity_resolver.h"
#include "storage/product_results.h"
#include "storage/report_query.h"
#include "storage/sqlite/connection/database.h"

namespace stored::storage::sqlite {

// Implements ProductResults::ListReports.
//
// REQUIRES: `database` shows one snapshot during the call: in a read transaction, or because
// nothing changes the file.
absl::StatusOr<ReportPage> QueryReports(Database& database, const SeverityResolver& severities,
                                        const ReportQuery& query);

}  // namespace stored::storage::sqlite
