#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "storage/result_store.h"
#include "storage/sqlite/database.h"

namespace stored::storage {

// The columns of a report that a filter looks at; the detection status as it is in the newest
// store.
struct FilteredColumns {
  int64_t checker_id = 0;
  int64_t file_id = 0;
  int severity = 0;
  int review_status = 0;
  DetectionStatus detection_status = DetectionStatus::kNew;
  std::string_view report_hash;
};

// Decides which reports a ReportFilter lets through. A glob is matched once a checker and once a
// file, however many reports name them. For one snapshot of one Database.
class ReportMatcher {
 public:
  // `filter` and `database` outlive it.
  static absl::StatusOr<ReportMatcher> Create(const ReportFilter& filter, Database& database);

  absl::StatusOr<bool> Matches(const FilteredColumns& report);
  // Whether report hashes are looked at at all.
  bool needs_hash() const { return !filter_.report_hashes.empty(); }

 private:
  ReportMatcher(const ReportFilter& filter, Statement checker, Statement file)
      : filter_(filter), checker_(std::move(checker)), file_(std::move(file)) {}

  absl::StatusOr<bool> CheckerMatches(int64_t checker_id);
  absl::StatusOr<bool> FileMatches(int64_t file_id);

  const ReportFilter& filter_;
  Statement checker_;
  Statement file_;
  std::unordered_map<int64_t, bool> checkers_;
  std::unordered_map<int64_t, bool> files_;
};

// All that a filter asks for, as bytes: equal when and only when the filters are.
std::string FilterKey(const ReportFilter& filter);

}  // namespace stored::storage
