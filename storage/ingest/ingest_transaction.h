#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "base/sha256.h"
#include "reports/identity.h"
#include "reports/report.h"
#include "storage/ingest/present_run.h"
#include "storage/product_results.h"

// The statements of an ingest: what a storage backend writes by hand for its database. The
// decisions (what is compared, what becomes of each report, in which order rows are written) are
// made once, by IngestReports (ingest.h), against these interfaces.
namespace stored::storage {

// A history entry that is being written.
struct HistoryEntry {
  int64_t run_id = 0;
  // Grows with every entry of the product.
  int64_t history_id = 0;
  // Place among the stores into the run, from 1.
  int64_t store_number = 0;
};

// The columns of a new report's row that follow from the run's history.
struct ReportOrigin {
  int64_t run_id = 0;
  // The history entry that opened the report, and whether the report had been resolved before.
  int64_t opened_by = 0;
  bool reopened = false;
  // The history entry that inserts the report. It is not opened_by if the report takes the place of
  // another one of its hash.
  int64_t inserted_by = 0;
  absl::Time detected_at;
  std::optional<absl::Time> fixed_at;
};

// The columns of a stored report's row from which a report of the same hash takes its origin.
struct ReportPast {
  absl::Time detected_at;
  int64_t opened_by = 0;
  bool reopened = false;
  reports::ReviewStatus review_status = reports::ReviewStatus::kUnreviewed;
  std::optional<absl::Time> fixed_at;
};

// The values that complete a history entry and its run.
struct EntryCompletion {
  // Becomes RunSummary::analyzers.
  std::vector<std::string> analyzers;
  const std::vector<reports::Analysis>& analyses;
  // Reports that the run has from now on, closed ones included.
  int64_t total_reports = 0;
  // Its `reports` become RunSummary::open_reports.
  const StoreResult& result;
};

// Returns whether a review of this status closes a report, which then has a fixed_at. Its detection
// status does not depend on that.
inline bool Closes(reports::ReviewStatus status) {
  return status == reports::ReviewStatus::kFalsePositive ||
         status == reports::ReviewStatus::kIntentional;
}

// A read transaction of an ingest: all calls see one snapshot of the product.
class IngestSnapshot {
 public:
  virtual ~IngestSnapshot() = default;

  // Returns the result that Finish recorded for the token; nothing if the token was not applied.
  virtual absl::StatusOr<std::optional<StoreResult>> FindIngested(const std::string& token) = 0;
  // Returns the run of this name without its reports and checkers; id 0 if there is no such run.
  virtual absl::StatusOr<PresentRun> FindRun(const std::string& name) = 0;
  // Reads the reports of `run` and the checkers of the product into it.
  virtual absl::Status LoadReports(PresentRun& run) = 0;
};

// A write transaction of an ingest. Not safe for concurrent use.
//
// What a call of UpdateReport or ApplyChange overwrites or deletes is kept as the report's past, so
// that snapshots of earlier entries stay as they are (ReportQuery). Calls for the same report and
// entry keep it once.
//
// InsertReport, UpdateReport, FindPast and ApplyChange are called at most once each for a report,
// and only for one that is new or changed. FileId is called for each file, InsertContent for each
// missing content, all others a few times. A backend may buffer what InsertReport, UpdateReport and
// ApplyChange write, and return their errors from a later call, as long as FindPast sees their
// changes.
class IngestTransaction {
 public:
  virtual ~IngestTransaction() = default;

  // The same as IngestSnapshot's. An ingest repeats both under the write lock, because another
  // store may have committed since the snapshot.
  virtual absl::StatusOr<std::optional<StoreResult>> FindIngested(const std::string& token) = 0;
  virtual absl::StatusOr<PresentRun> FindRun(const std::string& name) = 0;
  virtual absl::StatusOr<int64_t> CountRuns() = 0;

  // Adds an entry to the history of `run`, inserts the run itself if its id is 0, and moves the
  // request's tag to the entry. The entry's store_number is run.store_count + 1. If the request
  // says `force` and the run exists, first deletes the run's reports, their past, the file versions
  // and the history; the run's id and name stay, and store_number is 1.
  virtual absl::StatusOr<HistoryEntry> BeginEntry(const PresentRun& run,
                                                  const IngestRequest& request) = 0;

  // Returns the id of the file with this path, which it inserts if it is new. The id fits into a
  // reports::FileIndex: RESOURCE_EXHAUSTED if the product has more files than that.
  virtual absl::StatusOr<int64_t> FileId(std::string_view path) = 0;
  // Inserts an open report. `file_ids[i]` is the id of the file with FileIndex i. Alters the
  // report's file indices. REQUIRES: each file index of the report is less than file_ids.size().
  virtual absl::Status InsertReport(reports::Report& report,
                                    const reports::ReportIdentity& identity,
                                    const std::vector<int64_t>& file_ids,
                                    const ReportOrigin& origin) = 0;
  // Gives a stored report the content and the review of `report`, which has the same identity;
  // file_ids as above. The row's states and times stay, except fixed_at, which follows the review:
  // it stays if one closing review replaces another, becomes `now` if the report had no closing
  // review, and is removed if `report` has none. `history_id` is the store's entry.
  virtual absl::Status UpdateReport(int64_t report_id, reports::Report& report,
                                    const std::vector<int64_t>& file_ids, int64_t history_id,
                                    absl::Time now) = 0;
  // Returns the past of a stored report; nothing if there is no such report.
  virtual absl::StatusOr<std::optional<ReportPast>> FindPast(int64_t report_id) = 0;
  // Writes report.change, decided for the store `history_id`, to the report's row:
  //   kOpen     open, with no closed_by; fixed_at is removed unless the review closes the report
  //   kReopen   as kOpen, and opened_by becomes history_id, and reopened true
  //   kClose    state next_state; closed_by becomes history_id, and fixed_at `now` unless it is set
  //   kRestate  state next_state
  //   kRemove   the row is deleted
  virtual absl::Status ApplyChange(const PresentReport& report, int64_t history_id,
                                   absl::Time now) = 0;

  // Returns those digests of `files` for which the product has no content. A content that is marked
  // as garbage is not missing.
  virtual absl::StatusOr<absl::flat_hash_set<Sha256Digest>> MissingContents(
      const std::vector<reports::SourceFile>& files) = 0;
  // Inserts a content; `size` is that of the text which `zstd` compresses. Returns false if the
  // product has it already.
  virtual absl::StatusOr<bool> InsertContent(const Sha256Digest& digest, std::string_view zstd,
                                             uint64_t size) = 0;
  // Records the content that each file has in the run from this entry on, where it differs from the
  // one recorded last, and removes the garbage mark of each content so recorded. Of a path that
  // occurs twice in `files` the first counts.
  virtual absl::Status WriteFileVersions(const HistoryEntry& entry,
                                         const std::vector<reports::SourceFile>& files) = 0;

  // Completes the entry and the run, sets the run's lifetime if the request has one, and records
  // the token's result for FindIngested.
  virtual absl::Status Finish(const HistoryEntry& entry, const IngestRequest& request,
                              const EntryCompletion& completion) = 0;
};

// Opens the transactions of an ingest into one product.
class IngestDatabase {
 public:
  virtual ~IngestDatabase() = default;

  // Runs `body` on a snapshot, which ends when `body` returns.
  virtual absl::Status Read(absl::FunctionRef<absl::Status(IngestSnapshot&)> body) = 0;
  // Runs `body` in a write transaction, which is committed (and on disk) if `body` returns OK and
  // rolled back otherwise. No other ingest into the product writes meanwhile. While the call waits
  // for that, it calls `cancelled` from time to time; true ends the wait with CANCELLED.
  virtual absl::Status Write(absl::FunctionRef<bool()> cancelled,
                             absl::FunctionRef<absl::Status(IngestTransaction&)> body) = 0;
};

}  // namespace stored::storage
