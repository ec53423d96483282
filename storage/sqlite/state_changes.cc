#include "storage/sqlite/state_changes.h"

#include <algorithm>
#include <optional>
#include <vector>

#include "base/status.h"
#include "storage/sqlite/upload_sink.h"

namespace stored::storage {
namespace {

constexpr size_t kChangesPerNote = 256;

struct Change {
  enum class Kind : uint8_t { kOpen, kReopen, kClose, kRestate, kRemove };

  int64_t id;
  Kind kind;
  // For kClose (from open) and kRestate (from another closed state).
  ReportState state;
};

class Changes {
 public:
  Changes(const PresentRun& run, const CheckerStates& checkers) : run_(run), checkers_(checkers) {
    run.reports.ForEach([&](const PresentReport& report, bool hash_seen) {
      if (report.matched) {
        Found(report);
      } else if (hash_seen) {
        ++closed_.replaced;
        Add(report, Change::Kind::kRemove, report.state);
      } else {
        Missed(report);
      }
    });
    std::sort(changes_.begin(), changes_.end(),
              [](const Change& a, const Change& b) { return a.id < b.id; });
  }

  const std::vector<Change>& all() const { return changes_; }
  const ClosedReports& closed() const { return closed_; }

 private:
  void Found(const PresentReport& report) {
    if (report.state == ReportState::kOpen) return;
    Add(report, report.hash_resolved ? Change::Kind::kReopen : Change::Kind::kOpen,
        ReportState::kOpen);
  }

  void Missed(const PresentReport& report) {
    const auto checker = run_.checkers.find(report.checker_id);
    const ReportState state =
        checkers_.StateOfMissing(checker == run_.checkers.end() ? "" : checker->second);
    if (state == report.state) return;
    if (report.state != ReportState::kOpen) {
      Add(report, Change::Kind::kRestate, state);
      return;
    }
    Add(report, Change::Kind::kClose, state);
    if (state == ReportState::kResolved) ++closed_.resolved;
    if (state == ReportState::kOff) ++closed_.off;
    if (state == ReportState::kUnavailable) ++closed_.unavailable;
  }

  void Add(const PresentReport& report, Change::Kind kind, ReportState state) {
    changes_.push_back({report.id, kind, state});
  }

  const PresentRun& run_;
  const CheckerStates& checkers_;
  std::vector<Change> changes_;
  ClosedReports closed_;
};

// fixed_at of a report that is open again stays where its review closes it.
#define STORED_OPEN_FIXED_AT \
  "fixed_at = CASE WHEN review_status IN (3, 4) THEN fixed_at ELSE NULL END "

absl::Status Apply(Database& database, const Change& change, int64_t history_id, absl::Time now) {
  switch (change.kind) {
    case Change::Kind::kOpen:
      return database.Run("UPDATE reports SET state = 0, closed_by = NULL, " STORED_OPEN_FIXED_AT
                          "WHERE id = ?",
                          change.id);
    case Change::Kind::kReopen:
      return database.Run(
          "UPDATE reports SET state = 0, reopened = 1, opened_by = ?, closed_by = "
          "NULL, " STORED_OPEN_FIXED_AT "WHERE id = ?",
          history_id, change.id);
    case Change::Kind::kClose:
      return database.Run(
          "UPDATE reports SET state = ?, closed_by = ?, fixed_at = coalesce(fixed_at, ?) "
          "WHERE id = ?",
          static_cast<int>(change.state), history_id, now, change.id);
    case Change::Kind::kRestate:
      return database.Run("UPDATE reports SET state = ? WHERE id = ?",
                          static_cast<int>(change.state), change.id);
    case Change::Kind::kRemove:
      return database.Run("DELETE FROM reports WHERE id = ?", change.id);
  }
  return absl::OkStatus();
}

#undef STORED_OPEN_FIXED_AT

}  // namespace

absl::StatusOr<ClosedReports> ApplyStateChanges(Database& database, const PresentRun& run,
                                                const CheckerStates& checkers, int64_t history_id,
                                                absl::Time now, IngestObserver& observer) {
  const Changes changes(run, checkers);
  const auto total = static_cast<int64_t>(changes.all().size());
  for (size_t i = 0; i < changes.all().size(); ++i) {
    if (i % kChangesPerNote == 0) {
      STORED_RETURN_IF_ERROR(CheckCancelled(observer));
      observer.Progress(StorePhase::kApplying, static_cast<int64_t>(i), total);
    }
    STORED_RETURN_IF_ERROR(Apply(database, changes.all()[i], history_id, now));
  }
  return changes.closed();
}

}  // namespace stored::storage
