#pragma once

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "storage/policy/severity_resolver.h"
#include "storage/product_results.h"
#include "storage/sqlite/connection/database.h"

// Reading runs and reports, each from one snapshot.
namespace stored::storage::sqlite {

struct ReportQuery {
  const std::string& run_name;
  const ReportFilter& filter;
  const SeverityResolver& severities;
  bool with_bug_path;
  int page_size;
  int64_t max_page_bytes;
  const std::string& page_token;
};

// ProductResults::ListReports.
absl::StatusOr<ReportPage> QueryReports(Database& database, const ReportQuery& query);

// ProductResults::ListRuns.
absl::StatusOr<RunPage> QueryRuns(Database& database, const std::string& name_pattern,
                                  int page_size, const std::string& page_token);
// NOT_FOUND when there is no such run.
absl::StatusOr<RunSummary> QueryRun(Database& database, const std::string& name);

absl::Status NoSuchRun(const std::string& name);

}  // namespace stored::storage::sqlite
