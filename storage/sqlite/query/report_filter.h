#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "storage/policy/severity_resolver.h"
#include "storage/product_results.h"
#include "storage/sqlite/connection/database.h"

namespace stored::storage::sqlite {

// A report's checker and what its format says of the severity, in one number: what decides about
// the severity.
#define STORED_SEVERITY_KEY "(checker_id << 4 | severity)"

// What a ReportFilter asks of a report, as a statement is given it. Of a million reports a page may
// want the last: what a row costs that does not match is what counts. So SQLite leaves it out by
// itself, no column is read that the filter does not ask about, and a glob is matched once a
// checker and once a file, however many reports name them. So is a severity resolved once a checker
// and what the format says.
//
// For one snapshot of one Database.
class ReportConditions {
 public:
  // `filter`, `severities` and `database` outlive it.
  static absl::StatusOr<ReportConditions> Create(const ReportFilter& filter,
                                                 const SeverityResolver& severities,
                                                 Database& database);

  // A bit for the number of each that will do; -1 where any will.
  int64_t detection_statuses() const { return detection_statuses_; }
  int64_t review_statuses() const { return review_statuses_; }
  // Asked with STORED_SEVERITY_KEY, checkers.id, files.id, reports.report_hash and
  // reports.logical_location; nullptr where any will do.
  Condition* severity() const { return severity_.get(); }
  Condition* checker() const { return checker_.get(); }
  Condition* file() const { return file_.get(); }
  Condition* report_hash() const { return report_hash_.get(); }
  Condition* logical_location() const { return logical_location_.get(); }

 private:
  explicit ReportConditions(const ReportFilter& filter);

  const int64_t detection_statuses_;
  const int64_t review_statuses_;
  std::unique_ptr<Condition> severity_;
  std::unique_ptr<Condition> checker_;
  std::unique_ptr<Condition> file_;
  std::unique_ptr<Condition> report_hash_;
  std::unique_ptr<Condition> logical_location_;
};

// All that a filter asks for, as bytes: equal when and only when the filters are.
std::string FilterKey(const ReportFilter& filter);

}  // namespace stored::storage::sqlite
