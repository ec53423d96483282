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

// The change of a report's row when a store is applied.
enum class ReportChange : uint8_t {
  kNone,
  // The report was found again. kOpen: it was off or unavailable. kReopen: it was resolved.
  kOpen,
  kReopen,
  // The report was not found. kClose: it was open. kRestate: it was closed for another reason.
  kClose,
  kRestate,
  // Other reports of its hash replace it.
  kRemove,
};

// The part of a stored report that a comparison needs. At most 64 bytes, because a run may have
// millions of reports.
struct PresentReport {
  ReportHashKey hash;
  ReportState state = ReportState::kOpen;
  // Set by a comparison: the upload has this report.
  bool matched = false;
  // Set by a comparison, in the first report of a hash only: the upload has a report of this hash.
  bool hash_seen = false;
  // True if all reports of its hash are RESOLVED. If the upload has the hash again, it is REOPENED,
  // not UNRESOLVED.
  bool hash_resolved = false;
  // Set by ApplyStateChanges: the change of the row, and the state after it.
  ReportChange change = ReportChange::kNone;
  ReportState next_state = ReportState::kOpen;
  reports::ReportIdentity identity;
  int64_t id = 0;
  int64_t checker_id = 0;
  // The ContentKey of its row.
  uint64_t content = 0;
};
static_assert(sizeof(PresentReport) <= 64);

// Returns a key for the content of a report's row, its review included. A report whose key differs
// from that of its stored row has changed, or the digest of the row is not known. No database keeps
// the key. `content_digest` is reports::Report's, or 0 if it is not known.
uint64_t ContentKey(uint64_t content_digest, const reports::Review& review);

// The reports that a run had before a store, sorted by hash and identity. An upload may have a
// million reports with one hash, so no operation on one report may visit all reports of its hash.
class PresentReports {
 public:
  PresentReports() = default;
  explicit PresentReports(std::vector<PresentReport> reports);

  bool empty() const { return reports_.empty(); }
  size_t size() const { return reports_.size(); }

  // Returns all reports with this hash, sorted by identity.
  absl::Span<PresentReport> WithHash(const ReportHashKey& hash);
  // Returns the one among them with this identity; null if there is none.
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
  // Sorts all reports by their ids, in place, and returns them. WithHash and ForEach must not be
  // called afterwards.
  absl::Span<const PresentReport> SortById();

 private:
  void NoteResolvedHashes();

  std::vector<PresentReport> reports_;
};

// The state of a run that a store finds.
struct PresentRun {
  // 0 if there is no such run yet.
  int64_t id = 0;
  int64_t latest_history_id = 0;
  int64_t store_count = 0;
  // While latest_history_id stays the same, only garbage collection changes this count, by
  // lowering it.
  int64_t report_count = 0;
  // Empty unless LoadReports filled it.
  PresentReports reports;
  // Names of the checkers in the product, by id. Empty unless LoadReports filled it.
  std::unordered_map<int64_t, std::string> checkers;
};

}  // namespace stored::storage
