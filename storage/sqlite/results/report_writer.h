#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "reports/identity.h"
#include "reports/report.h"
#include "storage/ingest/ingest_transaction.h"
#include "storage/sqlite/connection/database.h"

namespace stored::storage::sqlite {

// Writes reports, and the files and checkers they name. REQUIRES: one write transaction around its
// life.
class ReportWriter {
 public:
  static absl::StatusOr<ReportWriter> Create(Database& database);

  // IngestTransaction::FileId, InsertReport and UpdateReport.
  absl::StatusOr<int64_t> FileId(std::string_view path);
  absl::Status Insert(reports::Report& report, const reports::ReportIdentity& identity,
                      const std::vector<int64_t>& file_ids, const ReportOrigin& origin);
  absl::Status Update(int64_t report_id, reports::Report& report,
                      const std::vector<int64_t>& file_ids, int64_t history_id, absl::Time now);

 private:
  ReportWriter(Database& database, Statement insert, Statement update, Statement find_file,
               Statement insert_file)
      : database_(&database),
        insert_(std::move(insert)),
        update_(std::move(update)),
        find_file_(std::move(find_file)),
        insert_file_(std::move(insert_file)) {}

  absl::StatusOr<int64_t> CheckerId(const std::string& analyzer, const std::string& name);
  absl::StatusOr<int64_t> FindOrInsertChecker(const std::string& analyzer, const std::string& name);

  Database* database_;
  Statement insert_;
  Statement update_;
  Statement find_file_;
  Statement insert_file_;
  // Ids of the checkers that reports have named so far, by name and analyzer.
  std::map<std::pair<std::string, std::string>, int64_t> checker_ids_;
};

}  // namespace stored::storage::sqlite
