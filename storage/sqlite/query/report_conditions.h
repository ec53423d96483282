#pragma once

#include <cstdint>
#include <memory>

#include "absl/status/statusor.h"
#include "storage/policy/severity_resolver.h"
#include "storage/report_query.h"
#include "storage/sqlite/connection/database.h"

namespace stored::storage::sqlite {

// The key of a report's severity: its checker and the severity of its format in one number. The
// resolved severity depends on nothing else.
#define STORED_SEVERITY_KEY "(checker_id << 4 | severity)"

// A query's ReportFilter as parameters of an SQL statement, which then selects the reports for
// which ReportFilter::Matches returns true.
//
// A page may want the last of a million reports, so the cost of a row that does not match decides
// how fast a query is. SQLite therefore skips such rows itself and reads only the columns that the
// filter needs. A glob is matched once for each checker and file, and a severity is resolved once
// for each STORED_SEVERITY_KEY, however many reports share it.
//
// Valid for one snapshot of one Database.
class ReportConditions {
 public:
  // REQUIRES: `query`, `severities` and `database` outlive it.
  static absl::StatusOr<ReportConditions> Create(const ReportQuery& query,
                                                 const SeverityResolver& severities,
                                                 Database& database);

  // Replaces the condition on report hashes, which the new one may call. REQUIRES: it outlives
  // this.
  void ReplaceHashCondition(RowCondition& condition) { other_hash_condition_ = &condition; }

  // Return a mask with bit N set if the filter allows the status with number N; -1 if it allows
  // all.
  int64_t detection_statuses() const { return detection_statuses_; }
  int64_t review_statuses() const { return review_statuses_; }
  // Return the conditions on STORED_SEVERITY_KEY, checkers.id, files.id, reports.report_hash and
  // reports.logical_location; nullptr if the filter allows every value.
  RowCondition* severity() const { return severity_.get(); }
  RowCondition* checker() const { return checker_.get(); }
  RowCondition* file() const { return file_.get(); }
  RowCondition* report_hash() const {
    return other_hash_condition_ != nullptr ? other_hash_condition_ : report_hash_.get();
  }
  RowCondition* logical_location() const { return logical_location_.get(); }

 private:
  explicit ReportConditions(const reports::ReportFilter& filter);

  const int64_t detection_statuses_;
  const int64_t review_statuses_;
  std::unique_ptr<RowCondition> severity_;
  std::unique_ptr<RowCondition> checker_;
  std::unique_ptr<RowCondition> file_;
  std::unique_ptr<RowCondition> report_hash_;
  RowCondition* other_hash_condition_ = nullptr;
  std::unique_ptr<RowCondition> logical_location_;
};

}  // namespace stored::storage::sqlite
