#include "storage/sqlite/report_filter.h"

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
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

template <typename Enum>
int64_t Mask(const std::vector<Enum>& values) {
  int64_t mask = values.empty() ? -1 : 0;
  for (const Enum value : values) mask |= int64_t{1} << static_cast<int>(value);
  return mask;
}

// Remembers what it found for a number: reports name few checkers and files, again and again.
class NumberCondition : public Condition {
 public:
  absl::StatusOr<bool> Holds(const Value& value) override {
    const auto [entry, added] = known_.try_emplace(value.Int());
    if (!added) return entry->second;
    STORED_ASSIGN_OR_RETURN(entry->second, LookUp(entry->first));
    return entry->second;
  }

 private:
  virtual absl::StatusOr<bool> LookUp(int64_t id) = 0;

  absl::flat_hash_map<int64_t, bool> known_;
};

class CheckerCondition final : public NumberCondition {
 public:
  CheckerCondition(const ReportFilter& filter, Statement checker)
      : filter_(filter), checker_(std::move(checker)) {}

 private:
  absl::StatusOr<bool> LookUp(int64_t id) override {
    checker_.BindAll(id);
    STORED_ASSIGN_OR_RETURN(const bool row, checker_.Step());
    const bool matches = row && AnyGlob(filter_.checker_names, checker_.Bytes(0)) &&
                         AnyGlob(filter_.analyzer_names, checker_.Bytes(1));
    checker_.Reset();
    return matches;
  }

  const ReportFilter& filter_;
  Statement checker_;
};

class FileCondition final : public NumberCondition {
 public:
  FileCondition(const ReportFilter& filter, Statement file)
      : filter_(filter), file_(std::move(file)) {}

 private:
  absl::StatusOr<bool> LookUp(int64_t id) override {
    file_.BindAll(id);
    STORED_ASSIGN_OR_RETURN(const bool row, file_.Step());
    const bool matches = row && AnyGlob(filter_.file_paths, file_.Bytes(0));
    file_.Reset();
    return matches;
  }

  const ReportFilter& filter_;
  Statement file_;
};

class ReportHashCondition final : public Condition {
 public:
  explicit ReportHashCondition(const ReportFilter& filter) : filter_(filter) {}

  absl::StatusOr<bool> Holds(const Value& value) override {
    const std::string hash = ReportHashOf(value);
    return std::any_of(filter_.report_hashes.begin(), filter_.report_hashes.end(),
                       [&](const std::string& prefix) { return hash.starts_with(prefix); });
  }

 private:
  const ReportFilter& filter_;
};

template <typename Enum>
void AddNumbers(RecordWriter& key, const std::vector<Enum>& values) {
  key.Int(static_cast<int64_t>(values.size()));
  for (const Enum value : values) key.Int(static_cast<int64_t>(value));
}

}  // namespace

ReportConditions::ReportConditions(const ReportFilter& filter)
    : detection_statuses_(Mask(filter.detection_statuses)),
      severities_(Mask(filter.severities)),
      review_statuses_(Mask(filter.review_statuses)) {}

absl::StatusOr<ReportConditions> ReportConditions::Create(const ReportFilter& filter,
                                                          Database& database) {
  ReportConditions conditions(filter);
  if (!filter.checker_names.empty() || !filter.analyzer_names.empty()) {
    STORED_ASSIGN_OR_RETURN(Statement checker,
                            database.Prepare("SELECT name, analyzer FROM checkers WHERE id = ?"));
    conditions.checker_ = std::make_unique<CheckerCondition>(filter, std::move(checker));
  }
  if (!filter.file_paths.empty()) {
    STORED_ASSIGN_OR_RETURN(Statement file,
                            database.Prepare("SELECT path FROM files WHERE id = ?"));
    conditions.file_ = std::make_unique<FileCondition>(filter, std::move(file));
  }
  if (!filter.report_hashes.empty()) {
    conditions.report_hash_ = std::make_unique<ReportHashCondition>(filter);
  }
  return conditions;
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
