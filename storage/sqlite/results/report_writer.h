#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "reports/identity.h"
#include "reports/report.h"
#include "storage/sqlite/connection/database.h"

namespace stored::storage::sqlite {

// Where a report comes from that is written as a new row.
struct ReportOrigin {
  int64_t run_id = 0;
  // The store (run_history.id) that opened it, and whether it had been resolved before.
  int64_t opened_by = 0;
  bool reopened = false;
  absl::Time detected_at;
  std::optional<absl::Time> fixed_at;
};

// Whether a review closes a report: it then has a fixed_at and counts as not outstanding.
inline bool Closes(reports::ReviewStatus status) {
  return status == reports::ReviewStatus::kFalsePositive ||
         status == reports::ReviewStatus::kIntentional;
}

// Writes reports, and the files and checkers they name. To be used within one write transaction.
class ReportWriter {
 public:
  static absl::StatusOr<ReportWriter> Create(Database& database);

  // The id of the file of this path, made when it is new.
  absl::StatusOr<int64_t> FileId(std::string_view path);

  // `file_ids`: what a FileIndex of the report stands for, each checked to be there. Alters the
  // report's file indices.
  absl::Status Insert(reports::Report& report, const reports::ReportIdentity& identity,
                      const std::vector<int64_t>& file_ids, const ReportOrigin& origin);
  // Gives a report that is there the content and the review of `report`, which has the same
  // identity; arguments as above. Its states and times stay, but for fixed_at, which follows the
  // review: it stays while one closing review follows another, `now` is when a first one closes the
  // report, and a report that is open has none.
  absl::Status Update(int64_t report_id, reports::Report& report,
                      const std::vector<int64_t>& file_ids, absl::Time now);

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
  // By name and analyzer; those that reports have named so far.
  std::map<std::pair<std::string, std::string>, int64_t> checker_ids_;
};

}  // namespace stored::storage::sqlite
