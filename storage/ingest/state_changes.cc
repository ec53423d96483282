#include "storage/ingest/state_changes.h"

#include <string>
#include <unordered_map>

#include "base/status.h"
#include "storage/ingest/upload_sink.h"

namespace stored::storage {
namespace {

// The number of changes between two calls of the observer.
constexpr int64_t kChangesPerPoll = 256;

// Decides what becomes of each report of a run.
class Decision {
 public:
  // Sets the change and the next state of each report of `run`, which outlives the decision.
  Decision(PresentRun& run, const CheckerStates& checkers)
      : checker_names_(run.checkers), checkers_(checkers) {
    run.reports.ForEach([&](PresentReport& report, bool hash_seen) {
      if (report.matched) {
        Found(report);
      } else if (hash_seen) {
        ++closed_.replaced;
        Note(report, ReportChange::kRemove, report.state);
      } else {
        Missed(report);
      }
    });
  }

  const ClosedReports& closed() const { return closed_; }
  int64_t changes() const { return changes_; }

 private:
  void Found(PresentReport& report) {
    if (report.state == ReportState::kOpen) return;
    Note(report, report.hash_resolved ? ReportChange::kReopen : ReportChange::kOpen,
         ReportState::kOpen);
  }

  void Missed(PresentReport& report) {
    const auto name = checker_names_.find(report.checker_id);
    const ReportState state =
        checkers_.StateOfMissing(name == checker_names_.end() ? "" : name->second);
    if (state == report.state) return;
    if (report.state != ReportState::kOpen) {
      Note(report, ReportChange::kRestate, state);
      return;
    }
    Note(report, ReportChange::kClose, state);
    if (state == ReportState::kResolved) ++closed_.resolved;
    if (state == ReportState::kOff) ++closed_.off;
    if (state == ReportState::kUnavailable) ++closed_.unavailable;
  }

  void Note(PresentReport& report, ReportChange change, ReportState state) {
    report.change = change;
    report.next_state = state;
    ++changes_;
  }

  const std::unordered_map<int64_t, std::string>& checker_names_;
  const CheckerStates& checkers_;
  ClosedReports closed_;
  int64_t changes_ = 0;
};

}  // namespace

absl::StatusOr<ClosedReports> ApplyStateChanges(IngestTransaction& transaction, PresentRun& run,
                                                const CheckerStates& checkers, int64_t history_id,
                                                absl::Time now, IngestObserver& observer) {
  const Decision decision(run, checkers);
  int64_t done = 0;
  for (const PresentReport& report : run.reports.SortById()) {
    if (report.change == ReportChange::kNone) continue;
    if (done % kChangesPerPoll == 0) {
      STORED_RETURN_IF_ERROR(CheckCancelled(observer));
      observer.Progress(StorePhase::kApplying, done, decision.changes());
    }
    ++done;
    STORED_RETURN_IF_ERROR(transaction.ApplyChange(report, history_id, now));
  }
  return decision.closed();
}

}  // namespace stored::storage
