#include "storage/sqlite/query/report_conditions.h"

#include <string_view>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "base/status.h"
#include "base/text/text.h"
#include "storage/columns/enum_mask.h"
#include "storage/columns/severity_column.h"
#include "storage/sqlite/query/checker_reader.h"
#include "storage/sqlite/results/report_hash_column.h"

namespace stored::storage::sqlite {
namespace {

using reports::ReportFilter;

// A condition on an id or key. It keeps the result for each number, because many reports share few
// checkers and files.
class NumberCondition : public RowCondition {
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
  CheckerCondition(const ReportFilter& filter, CheckerReader checkers)
      : filter_(filter), checkers_(std::move(checkers)) {}

 private:
  absl::StatusOr<bool> LookUp(int64_t id) override {
    STORED_ASSIGN_OR_RETURN(const ShownChecker checker, checkers_.Read(id));
    return filter_.MatchesChecker(checker.name, checker.analyzer);
  }

  const ReportFilter& filter_;
  CheckerReader checkers_;
};

class SeverityCondition final : public NumberCondition {
 public:
  SeverityCondition(int64_t wanted, const SeverityResolver& severities, CheckerReader checkers)
      : wanted_(wanted), severities_(severities), checkers_(std::move(checkers)) {}

 private:
  static_assert(kSeverityColumnValues == 16, "STORED_SEVERITY_KEY has four bits for the column");

  absl::StatusOr<bool> LookUp(int64_t key) override {
    STORED_ASSIGN_OR_RETURN(const ShownChecker checker, checkers_.Read(key >> 4));
    const reports::Severity severity =
        severities_.Resolve(checker.analyzer, checker.name, SeverityOfColumn(key));
    return (wanted_ >> static_cast<int>(severity) & 1) != 0;
  }

  // Mask of the numbers of severities.
  const int64_t wanted_;
  const SeverityResolver& severities_;
  CheckerReader checkers_;
};

class FileCondition final : public NumberCondition {
 public:
  FileCondition(const ReportFilter& filter, Statement file)
      : filter_(filter), file_(std::move(file)) {}

 private:
  absl::StatusOr<bool> LookUp(int64_t id) override {
    file_.BindAll(id);
    STORED_ASSIGN_OR_RETURN(const bool row, file_.Step());
    const bool matches = row && filter_.MatchesFile(file_.Bytes(0));
    file_.Reset();
    return matches;
  }

  const ReportFilter& filter_;
  Statement file_;
};

// ReportFilter::MatchesLogicalLocation. A logical location may be long and is matched for every
// report, so this polls `cancelled` between two patterns.
class LogicalLocationCondition final : public RowCondition {
 public:
  explicit LogicalLocationCondition(const ReportQuery& query) : query_(query) {}

  absl::StatusOr<bool> Holds(const Value& value) override {
    const std::string_view location = value.Bytes();
    if (location.empty()) return false;
    for (const std::string& pattern : query_.filter.logical_locations) {
      if (GlobMatch(pattern, location)) return true;
      if (location.size() > kLongBytes && query_.cancelled.Requested()) {
        return absl::CancelledError("the query was cancelled");
      }
    }
    return false;
  }

 private:
  static constexpr size_t kLongBytes = 4096;

  const ReportQuery& query_;
};

class ReportHashCondition final : public RowCondition {
 public:
  explicit ReportHashCondition(const ReportFilter& filter) : filter_(filter) {}

  absl::StatusOr<bool> Holds(const Value& value) override {
    return filter_.MatchesReportHash(ReportHashOf(value));
  }

 private:
  const ReportFilter& filter_;
};

}  // namespace

ReportConditions::ReportConditions(const ReportFilter& filter)
    : detection_statuses_(EnumMask(filter.detection_statuses)),
      review_statuses_(EnumMask(filter.review_statuses)) {}

absl::StatusOr<ReportConditions> ReportConditions::Create(const ReportQuery& query,
                                                          const SeverityResolver& severities,
                                                          Database& database) {
  const ReportFilter& filter = query.filter;
  ReportConditions conditions(filter);
  if (!filter.severities.empty()) {
    STORED_ASSIGN_OR_RETURN(CheckerReader checkers, CheckerReader::Create(database));
    conditions.severity_ = std::make_unique<SeverityCondition>(EnumMask(filter.severities),
                                                               severities, std::move(checkers));
  }
  if (!filter.checker_names.empty() || !filter.analyzer_names.empty()) {
    STORED_ASSIGN_OR_RETURN(CheckerReader checkers, CheckerReader::Create(database));
    conditions.checker_ = std::make_unique<CheckerCondition>(filter, std::move(checkers));
  }
  if (!filter.file_paths.empty() || filter.without_file) {
    STORED_ASSIGN_OR_RETURN(Statement file,
                            database.Prepare("SELECT path FROM files WHERE id = ?"));
    conditions.file_ = std::make_unique<FileCondition>(filter, std::move(file));
  }
  if (!filter.report_hashes.empty()) {
    conditions.report_hash_ = std::make_unique<ReportHashCondition>(filter);
  }
  if (!filter.logical_locations.empty()) {
    conditions.logical_location_ = std::make_unique<LogicalLocationCondition>(query);
  }
  return conditions;
}

}  // namespace stored::storage::sqlite
