#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "storage/result_store.h"
#include "storage/sqlite/database.h"

namespace stored::storage {

// Where a row has the columns of a report that a filter looks at.
struct FilteredColumns {
  int checker_id = 0;
  int file_id = 0;
  int severity = 0;
  int review_status = 0;
  int report_hash = 0;
};

// Decides which reports a ReportFilter lets through. A glob is matched once a checker and once a
// file, however many reports name them. For one snapshot of one Database.
//
// Of a million reports a page may want the last: what a row costs that does not match is what
// counts, and no column is read that the filter does not ask about.
class ReportMatcher {
 public:
  // `filter` and `database` outlive it.
  static absl::StatusOr<ReportMatcher> Create(const ReportFilter& filter, Database& database);

  // The present row of `row`; its detection status is as it is in the newest store.
  absl::StatusOr<bool> Matches(const Statement& row, const FilteredColumns& columns,
                               DetectionStatus detection_status);

 private:
  ReportMatcher(const ReportFilter& filter, Statement checker, Statement file)
      : filter_(filter), checker_(std::move(checker)), file_(std::move(file)) {}

  absl::StatusOr<bool> CheckerMatches(int64_t checker_id);
  absl::StatusOr<bool> FileMatches(int64_t file_id);

  const ReportFilter& filter_;
  Statement checker_;
  Statement file_;
  absl::flat_hash_map<int64_t, bool> checkers_;
  absl::flat_hash_map<int64_t, bool> files_;
};

// All that a filter asks for, as bytes: equal when and only when the filters are.
std::string FilterKey(const ReportFilter& filter);

}  // namespace stored::storage
