#include "storage/sqlite/report_filter.h"

#include <algorithm>
#include <vector>

#include "base/status.h"
#include "base/text.h"
#include "storage/sqlite/record.h"
#include "storage/sqlite/report_hash.h"

namespace stored::storage {
namespace {

bool AnyGlob(const std::vector<std::string>& patterns, std::string_view text) {
  return patterns.empty() ||
         std::any_of(patterns.begin(), patterns.end(),
                     [&](const std::string& pattern) { return GlobMatch(pattern, text); });
}

bool AnyPrefix(const std::vector<std::string>& prefixes, std::string_view text) {
  return prefixes.empty() ||
         std::any_of(prefixes.begin(), prefixes.end(),
                     [&](const std::string& prefix) { return text.starts_with(prefix); });
}

template <typename Enum>
bool AnyOf(const std::vector<Enum>& values, Enum value) {
  return values.empty() || std::find(values.begin(), values.end(), value) != values.end();
}

template <typename Enum>
void AddNumbers(RecordWriter& key, const std::vector<Enum>& values) {
  key.Int(static_cast<int64_t>(values.size()));
  for (const Enum value : values) key.Int(static_cast<int64_t>(value));
}

}  // namespace

absl::StatusOr<ReportMatcher> ReportMatcher::Create(const ReportFilter& filter,
                                                    Database& database) {
  STORED_ASSIGN_OR_RETURN(Statement checker,
                          database.Prepare("SELECT name, analyzer FROM checkers WHERE id = ?"));
  STORED_ASSIGN_OR_RETURN(Statement file, database.Prepare("SELECT path FROM files WHERE id = ?"));
  return ReportMatcher(filter, std::move(checker), std::move(file));
}

absl::StatusOr<bool> ReportMatcher::Matches(const Statement& row, const FilteredColumns& columns,
                                            DetectionStatus detection_status) {
  if (!AnyOf(filter_.detection_statuses, detection_status)) return false;
  if (!filter_.severities.empty() &&
      !AnyOf(filter_.severities, static_cast<reports::Severity>(row.Int(columns.severity)))) {
    return false;
  }
  if (!filter_.review_statuses.empty() &&
      !AnyOf(filter_.review_statuses,
             static_cast<reports::ReviewStatus>(row.Int(columns.review_status)))) {
    return false;
  }
  if (!filter_.report_hashes.empty() &&
      !AnyPrefix(filter_.report_hashes, ReportHashOfColumn(row, columns.report_hash))) {
    return false;
  }
  if (!filter_.checker_names.empty() || !filter_.analyzer_names.empty()) {
    STORED_ASSIGN_OR_RETURN(const bool checker, CheckerMatches(row.Int(columns.checker_id)));
    if (!checker) return false;
  }
  if (filter_.file_paths.empty()) return true;
  return FileMatches(row.Int(columns.file_id));
}

absl::StatusOr<bool> ReportMatcher::CheckerMatches(int64_t checker_id) {
  const auto known = checkers_.find(checker_id);
  if (known != checkers_.end()) return known->second;
  checker_.BindAll(checker_id);
  STORED_ASSIGN_OR_RETURN(const bool row, checker_.Step());
  const bool matches = row && AnyGlob(filter_.checker_names, checker_.Bytes(0)) &&
                       AnyGlob(filter_.analyzer_names, checker_.Bytes(1));
  checker_.Reset();
  checkers_.emplace(checker_id, matches);
  return matches;
}

absl::StatusOr<bool> ReportMatcher::FileMatches(int64_t file_id) {
  const auto known = files_.find(file_id);
  if (known != files_.end()) return known->second;
  file_.BindAll(file_id);
  STORED_ASSIGN_OR_RETURN(const bool row, file_.Step());
  const bool matches = row && AnyGlob(filter_.file_paths, file_.Bytes(0));
  file_.Reset();
  files_.emplace(file_id, matches);
  return matches;
}

std::string FilterKey(const ReportFilter& filter) {
  RecordWriter key;
  key.Strings(filter.checker_names);
  key.Strings(filter.file_paths);
  key.Strings(filter.analyzer_names);
  key.Strings(filter.report_hashes);
  AddNumbers(key, filter.severities);
  AddNumbers(key, filter.detection_statuses);
  AddNumbers(key, filter.review_statuses);
  return key.bytes();
}

}  // namespace stored::storage
