#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "absl/types/span.h"
#include "reports/identity.h"
#include "reports/report.h"
#include "storage/columns/report_hash.h"
#include "storage/ingest/report_state.h"

namespace stored::storage {

// What becomes of a report's row when a store is applied.
enum class ReportChange : uint8_t {
  kNone,
  // Found again, having been off or unavailable, or resolved.
  kOpen,
  kReopen,
  // Not found any more; was open, or closed for another reason.
  kClose,
  kRestate,
  // Replaced by others of its hash.
  kRemove,
};

// A report that a run has, as much of it as comparing needs: 64 bytes, for a run may have millions.
struct PresentReport {
  ReportHashKey hash;
  ReportState state = ReportState::kOpen;
  // Set while comparing: the upload has this very report...
  bool matched = false;
  // ...or, noted at the first of its hash, one of this hash.
  bool hash_seen = false;
  // Whether all reports of its hash are RESOLVED: found again they are REOPENED, not UNRESOLVED.
  bool hash_resolved = false;
  // Decided at the end of comparing; with the state that is to be.
  ReportChange change = ReportChange::kNone;
  ReportState next_state = ReportState::kOpen;
  reports::ReportIdentity identity;
  int64_t id = 0;
  int64_t checker_id = 0;
  // Its ContentKey().
  uint64_t content = 0;
};
static_assert(sizeof(PresentReport) <= 64);

// Stands for what a report's row shows, its review included, when asking whether it changed. Not
// kept. `content_digest` is 0 where none is known.
uint64_t ContentKey(uint64_t content_digest, const reports::Review& review);

// A run's reports before a store, sorted by hash and identity: a stranger may give a million
// reports one hash, so nothing walks through all of a hash.
class PresentReports {
 public:
  PresentReports() = default;
  explicit PresentReports(std::vector<PresentReport> reports);

  bool empty() const { return reports_.empty(); }
  size_t size() const { return reports_.size(); }

  // All with this hash, sorted by identity; empty when there is none.
  absl::Span<PresentReport> WithHash(const ReportHashKey& hash);
  // The one among them that has this identity; null when there is none.
  static PresentReport* WithIdentity(absl::Span<PresentReport> same_hash,
                                     const reports::ReportIdentity& identity);
  // Calls `visit(report, hash_seen)` for every report.
  template <typename Visit>
  void ForEach(Visit visit) {
    bool hash_seen = false;
    for (size_t i = 0; i < reports_.size(); ++i) {
      if (i == 0 || reports_[i].hash != reports_[i - 1].hash) hash_seen = reports_[i].hash_seen;
      visit(reports_[i], hash_seen);
    }
  }
  // All of them in the order of their ids. Finding by hash is over then: there is one copy.
  absl::Span<const PresentReport> SortById();

 private:
  void NoteResolvedHashes();

  std::vector<PresentReport> reports_;
};

// What a store finds of its run.
struct PresentRun {
  // 0 when there is no such run yet.
  int64_t id = 0;
  int64_t latest_history_id = 0;
  int64_t store_count = 0;
  // While latest_history_id stays the same, only garbage collection changes it: it grows less.
  int64_t report_count = 0;
  // Empty unless asked for.
  PresentReports reports;
  // Names of the checkers in the product, by id. Empty unless reports were asked for.
  std::unordered_map<int64_t, std::string> checkers;
};

}  // namespace stored::storage
