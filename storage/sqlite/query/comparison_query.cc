#include "storage/sqlite/query/comparison_query.h"

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <utility>
#include <vector>

#include "base/status.h"
#include "reports/stored_report.h"
#include "storage/columns/list_page_token.h"
#include "storage/columns/report_hash.h"
#include "storage/sqlite/query/report_conditions.h"
#include "storage/sqlite/query/report_page.h"
#include "storage/sqlite/query/report_scan.h"
#include "storage/sqlite/results/report_hash_column.h"

namespace stored::storage::sqlite {
namespace {

using reports::DetectionStatus;
using reports::ReviewStatus;

// The statuses of an outstanding report (Difference in storage/report_query.h).
constexpr DetectionStatus kOpen[] = {DetectionStatus::kNew, DetectionStatus::kUnresolved,
                                     DetectionStatus::kReopened};
constexpr ReviewStatus kNotClosed[] = {ReviewStatus::kUnreviewed, ReviewStatus::kConfirmed};

// Leaves of the statuses in a filter those that outstanding reports may have. Returns false if
// there are none.
template <typename Enum, size_t N>
bool Restrict(const Enum (&allowed)[N], std::vector<Enum>& statuses) {
  if (statuses.empty()) {
    statuses.assign(std::begin(allowed), std::end(allowed));
    return true;
  }
  std::erase_if(statuses, [&](Enum status) {
    return std::find(std::begin(allowed), std::end(allowed), status) == std::end(allowed);
  });
  return !statuses.empty();
}

// A set of report hashes, in 17 bytes each.
class HashSet {
 public:
  void Add(const ReportHashKey& key) {
    // Reports of one hash are often stored side by side.
    if (keys_.empty() || keys_.back() != key) keys_.push_back(key);
  }
  // Must be called between the last Add and the first Contains.
  void Finish() { std::sort(keys_.begin(), keys_.end()); }
  bool Contains(const ReportHashKey& key) const {
    return std::binary_search(keys_.begin(), keys_.end(), key);
  }

 private:
  std::vector<ReportHashKey> keys_;
};

// Holds for hashes that are in a set, or for those that are not, if the filter's condition holds.
class MembershipCondition final : public RowCondition {
 public:
  MembershipCondition(const HashSet& set, bool wanted, RowCondition* filter)
      : set_(set), wanted_(wanted), filter_(filter) {}

  absl::StatusOr<bool> Holds(const Value& value) override {
    if (set_.Contains(ReportHashKeyOf(value)) != wanted_) return false;
    if (filter_ == nullptr) return true;
    return filter_->Holds(value);
  }

 private:
  const HashSet& set_;
  const bool wanted_;
  RowCondition* const filter_;
};

class Comparer {
 public:
  Comparer(Database& database, const SeverityResolver& severities, const ComparisonQuery& query)
      : database_(database), severities_(severities), query_(query) {
    outstanding_.cancelled = query.cancelled;
    Restrict(kOpen, outstanding_.filter.detection_statuses);
    Restrict(kNotClosed, outstanding_.filter.review_statuses);
    selected_.cancelled = query.cancelled;
    selected_.filter = query.filter;
    selected_.with_bug_path = query.with_bug_path;
    selected_.page_size = query.page_size;
    selected_.max_page_bytes = query.max_page_bytes;
    selects_ = Restrict(kOpen, selected_.filter.detection_statuses);
    selects_ = Restrict(kNotClosed, selected_.filter.review_statuses) && selects_;
  }

  absl::StatusOr<RunComparison> Run() {
    STORED_ASSIGN_OR_RETURN(base_, FindScan(database_, query_.base));
    STORED_ASSIGN_OR_RETURN(current_, FindScan(database_, query_.current));
    RunComparison comparison;
    comparison.base = base_.snapshot.snapshot;
    comparison.current = current_.snapshot.snapshot;
    STORED_ASSIGN_OR_RETURN(
        const int64_t after,
        ReadComparisonPageToken(query_, base_.snapshot.history_id, current_.snapshot.history_id));
    // A count needs both sets of hashes, and a list that of the side that it is not of.
    const bool counts = query_.page_token.empty();
    const bool lists_base = query_.listed == Difference::kResolved;
    HashSet base;
    HashSet current;
    if (counts || (query_.listed.has_value() && !lists_base)) {
      STORED_ASSIGN_OR_RETURN(base, Outstanding(base_));
    }
    if (counts || lists_base) {
      STORED_ASSIGN_OR_RETURN(current, Outstanding(current_));
    }
    if (counts) {
      STORED_ASSIGN_OR_RETURN(comparison.counts, Count(base, current));
    }
    if (lists_base) {
      STORED_ASSIGN_OR_RETURN(comparison.page, List(base_, current, /*in_other=*/false, after));
    } else if (query_.listed.has_value()) {
      const bool in_both = query_.listed == Difference::kUnresolved;
      STORED_ASSIGN_OR_RETURN(comparison.page, List(current_, base, in_both, after));
    }
    return comparison;
  }

 private:
  // Returns the hashes that are outstanding in a snapshot.
  absl::StatusOr<HashSet> Outstanding(const ReportScan& scan) {
    STORED_ASSIGN_OR_RETURN(const ReportConditions conditions,
                            ReportConditions::Create(outstanding_, severities_, database_));
    STORED_ASSIGN_OR_RETURN(Statement rows, ScanHashes(database_, scan, conditions));
    const StopCheck cancelled(database_, query_.cancelled);
    HashSet set;
    while (true) {
      STORED_ASSIGN_OR_RETURN(const bool row, rows.Step());
      if (!row) break;
      set.Add(ReportHashKeyOfColumn(rows, 0));
    }
    set.Finish();
    return set;
  }

  // Counts the selected reports of a snapshot whose hash is in `other`, and those whose hash is
  // not.
  absl::Status CountAgainst(const ReportScan& scan, const HashSet& other, int64_t& in,
                            int64_t& not_in) {
    if (!selects_) return absl::OkStatus();
    STORED_ASSIGN_OR_RETURN(const ReportConditions conditions,
                            ReportConditions::Create(selected_, severities_, database_));
    STORED_ASSIGN_OR_RETURN(Statement rows, ScanHashes(database_, scan, conditions));
    const StopCheck cancelled(database_, query_.cancelled);
    while (true) {
      STORED_ASSIGN_OR_RETURN(const bool row, rows.Step());
      if (!row) return absl::OkStatus();
      ++(other.Contains(ReportHashKeyOfColumn(rows, 0)) ? in : not_in);
    }
  }

  absl::StatusOr<DifferenceCounts> Count(const HashSet& base, const HashSet& current) {
    DifferenceCounts counts;
    STORED_RETURN_IF_ERROR(
        CountAgainst(current_, base, counts.unresolved_reports, counts.new_reports));
    int64_t in_both = 0;
    STORED_RETURN_IF_ERROR(CountAgainst(base_, current, in_both, counts.resolved_reports));
    return counts;
  }

  // Lists the selected reports of a snapshot whose hash is in `other`, or those whose hash is not.
  absl::StatusOr<ReportPage> List(ReportScan scan, const HashSet& other, bool in_other,
                                  int64_t after) {
    scan.after = after;
    FilledPage filled;
    if (selects_) {
      STORED_ASSIGN_OR_RETURN(ReportConditions conditions,
                              ReportConditions::Create(selected_, severities_, database_));
      MembershipCondition membership(other, in_other, conditions.report_hash());
      conditions.ReplaceHashCondition(membership);
      STORED_ASSIGN_OR_RETURN(filled,
                              ReadPage(database_, severities_, selected_, scan, conditions));
    }
    filled.page.snapshot = std::move(scan.snapshot.snapshot);
    if (filled.more) {
      filled.page.next_page_token = MakeComparisonPageToken(
          query_, base_.snapshot.history_id, current_.snapshot.history_id, filled.last_id);
    }
    return std::move(filled.page);
  }

  Database& database_;
  const SeverityResolver& severities_;
  const ComparisonQuery& query_;
  // Queries for all outstanding reports, and for those that the filter selects.
  ReportQuery outstanding_;
  ReportQuery selected_;
  // Whether the filter allows any outstanding report.
  bool selects_ = true;
  ReportScan base_;
  ReportScan current_;
};

}  // namespace

absl::StatusOr<RunComparison> QueryComparison(Database& database,
                                              const SeverityResolver& severities,
                                              const ComparisonQuery& query) {
  return Comparer(database, severities, query).Run();
}

}  // namespace stored::storage::sqlite
