#pragma once

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "storage/result_store.h"
#include "storage/severity_resolver.h"
#include "storage/sqlite/database.h"

// Reading runs and reports, each from one snapshot.
namespace stored::storage {

struct ReportQuery {
  const std::string& run_name;
  const ReportFilter& filter;
  const SeverityResolver& severities;
  bool with_bug_path;
  int page_size;
  int64_t max_page_bytes;
  const std::string& page_token;
};

// ResultStore::ListReports.
absl::StatusOr<ReportPage> QueryReports(Database& database, const ReportQuery& query);

// ResultStore::ListRuns.
absl::StatusOr<RunPage> QueryRuns(Database& database, const std::string& name_pattern,
                                  int page_size, const std::string& page_token);
// NOT_FOUND when there is no such run.
absl::StatusOr<RunSummary> QueryRun(Database& database, const std::string& name);

absl::Status NoSuchRun(const std::string& name);

}  // namespace stored::storage
