#pragma once

#include "absl/status/statusor.h"
#include "storage/policy/severity_resolver.h"
#include "storage/product_results.h"
#include "storage/report_query.h"
#include "storage/sqlite/connection/database.h"

namespace stored::storage::sqlite {

// Implements ProductResults::CompareRuns.
//
// REQUIRES: `database` does not change during the call: it is in a read transaction, or nothing
// writes the file.
absl::StatusOr<RunComparison> QueryComparison(Database& database,
                                              const SeverityResolver& severities,
                                              const ComparisonQuery& query);

}  // namespace stored::storage::sqlite
