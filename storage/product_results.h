#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "base/sha256.h"
#include "reports/stored_report.h"
#include "reports/stream/report_stream.h"
#include "storage/report_query.h"
#include "storage/session.h"

namespace stored::storage {

struct IngestRequest {
  std::string token;
  std::string run_name;
  std::string tag;
  std::string description;
  bool force = false;
  // Becomes the detected_at of new reports and the fixed_at of closed ones.
  absl::Time stored_at;
  // The run's new lifetime; zero is for ever. If not set, the lifetime stays, and is for ever for a
  // new run.
  std::optional<absl::Duration> expire_after;
  // Limits of the product (product_settings.h); 0 is no limit.
  int64_t max_runs = 0;
  int64_t max_reports = 0;
};

// Receives the progress of an ingest, and can cancel it. Called often: must be cheap.
class IngestObserver {
 public:
  virtual ~IngestObserver() = default;

  // Counts reports; `total` is 0 while it is not known.
  virtual void Progress(StorePhase phase, int64_t done, int64_t total) = 0;
  // Returns true to stop the ingest, which then changes nothing.
  virtual bool Cancelled() = 0;
};

struct RunSummary {
  int64_t id = 0;
  std::string name;
  absl::Time created_at;
  // stored_at, tag, description, analyzers, analyzed_files and failed_files are those of the newest
  // store.
  absl::Time stored_at;
  std::string tag;
  std::string description;
  std::vector<std::string> analyzers;
  int32_t store_count = 0;
  // Reports that are new, unresolved or reopened, and reports in all.
  int32_t open_reports = 0;
  int32_t reports = 0;
  // The same as in StoreResult.
  int32_t analyzed_files = 0;
  int32_t failed_files = 0;
  // Lifetime, counted from stored_at; not set if the run stays for ever.
  std::optional<absl::Duration> expire_after;
};

struct RunPage {
  // Sorted by name.
  std::vector<RunSummary> runs;
  std::string next_page_token;
};

// The effects of a store on its run; the fields are those of StoreResult.
struct StoreCounts {
  int32_t new_reports = 0;
  int32_t unresolved_reports = 0;
  int32_t reopened_reports = 0;
  int32_t resolved_reports = 0;
  int32_t off_reports = 0;
  int32_t unavailable_reports = 0;

  // Returns StoreResult::reports.
  int32_t open_reports() const { return new_reports + unresolved_reports + reopened_reports; }

  friend bool operator==(const StoreCounts&, const StoreCounts&) = default;
};

// An entry of a run's history: one completed store.
struct EntrySummary {
  // Place of the store among the stores into the run, from 1.
  int64_t store_number = 0;
  absl::Time stored_at;
  // Empty if the store has no tag, or if a later store took it over.
  std::string tag;
  std::string description;
  std::vector<std::string> analyzers;
  // The same as in StoreResult.
  int32_t analyzed_files = 0;
  int32_t failed_files = 0;
  // Not set if a version that did not keep counts wrote the store.
  std::optional<StoreCounts> counts;
};

struct HistoryPage {
  // Sorted by store_number, descending.
  std::vector<EntrySummary> entries;
  std::string next_page_token;
};

// A page of a run's history ends early if the texts of its entries would exceed this many bytes.
inline constexpr size_t kMaxHistoryPageBytes = 1 << 20;

// A state of a run: the one after one of its stores.
struct Snapshot {
  // Place of the store among the stores into the run, from 1.
  int64_t store_number = 0;
  absl::Time stored_at;
  // Empty if the store has no tag.
  std::string tag;
  // Whether it is the run's newest store.
  bool newest = false;
  // Whether it is the store of a version that did not keep the past of reports: those that have
  // been reopened, replaced or rewritten since then are missing, or are there as they became.
  bool incomplete = false;
};

struct ReportPage {
  Snapshot snapshot;
  // Sorted by id.
  std::vector<reports::StoredReport> reports;
  // The paths to which the FileIndexes of the reports refer.
  std::vector<std::string> files;
  std::string next_page_token;
};

// Outstanding reports, of which several may share a hash.
struct DifferenceCounts {
  int64_t new_reports = 0;
  int64_t resolved_reports = 0;
  int64_t unresolved_reports = 0;
};

struct RunComparison {
  Snapshot base;
  Snapshot current;
  // On the first page only.
  std::optional<DifferenceCounts> counts;
  // Its snapshot is that of the listed reports.
  ReportPage page;
};

// The results of one product. Safe for concurrent use. Reads never wait for an ingest; ingests into
// one product wait for each other's write lock.
class ProductResults {
 public:
  virtual ~ProductResults() = default;

  // Applies a store to its run: completely or not at all, and once. If the token was applied
  // before, returns the result of that time. Reads `stream` as often as needed. Decides detection
  // statuses by report hash:
  //   Not in the run before: new. In the run and open, off or unavailable: unresolved. In the run
  //   and resolved: reopened. detected_at stays that of the first time. Reports that share a hash
  //   with the upload but have another identity are replaced.
  //   In the run, not in the upload: off if the checker is disabled in every analysis that lists
  //   it, unavailable if analyses list checkers but not this one, else resolved; fixed_at is set if
  //   the report was open. A checker counts as enabled if one analysis enables it or the upload
  //   has a report of it. A checker whose name begins with clang-diagnostic- is never unavailable,
  //   because no analyzer lists these.
  // Returns errors of `stream` unchanged. CANCELLED if the observer asked for it;
  // RESOURCE_EXHAUSTED if the disk is full, and with IsProductLimit if a limit of the request is
  // exceeded; INVALID_ARGUMENT if a report names a file that does not come before it in `stream`;
  // UNAVAILABLE if another process holds the database, or if the run changed again and again while
  // `stream` was compared with it.
  virtual absl::StatusOr<StoreResult> Ingest(const IngestRequest& request,
                                             reports::ReportStream& stream,
                                             IngestObserver& observer) = 0;
  // Does the work that Ingest leaves for after the outcome has been reported: copies the
  // write-ahead log, which may be as long as all that the ingest wrote, into the database. Waits
  // for the write lock; returns at once if another thread already waits to do the same. Optional:
  // nothing is lost without it.
  virtual void Checkpoint() = 0;
  // Returns the result of an earlier Ingest of this token; nothing if the token was not applied.
  virtual absl::StatusOr<std::optional<StoreResult>> Ingested(const std::string& token) = 0;

  virtual absl::StatusOr<bool> HasRun(const std::string& run_name) = 0;
  virtual absl::StatusOr<int64_t> CountRuns() = 0;
  // Changes a run's lifetime; zero is for ever. NOT_FOUND if there is no such run; UNAVAILABLE as
  // Backend::RemoveRun.
  virtual absl::StatusOr<RunSummary> SetExpireAfter(const std::string& run_name,
                                                    absl::Duration expire_after) = 0;

  // Returns those of `digests` whose contents are missing or marked as garbage
  // (Backend::CollectGarbage), in order, each once.
  virtual absl::StatusOr<std::vector<Sha256Digest>> FindMissingContents(
      absl::Span<const Sha256Digest> digests) = 0;

  // Returns the runs whose name matches a glob; an empty pattern matches all. `page_token` is that
  // of the page before, empty for the first page. REQUIRES: page_size >= 1. INVALID_ARGUMENT if the
  // token was made for another pattern.
  virtual absl::StatusOr<RunPage> ListRuns(const std::string& name_pattern, int page_size,
                                           const std::string& page_token) = 0;
  // Returns a page of the run's history: the entries that remain, the newest first. `page_token` is
  // that of the page before, empty for the first page. A page has only entries that are older than
  // those of the page before, so stores that finish meanwhile do not shift pages. REQUIRES:
  // page_size >= 1. NOT_FOUND if there is no such run; INVALID_ARGUMENT if the token was made for
  // another list.
  virtual absl::StatusOr<HistoryPage> ListRunHistory(const std::string& run_name, int page_size,
                                                     const std::string& page_token) = 0;
  // Returns a page of the reports that a snapshot of a run has: as they were after its store, with
  // their detection statuses of then. The answer stays the same while the store's history entry
  // remains, except that closed reports are missing once resolved_report_retention has removed
  // them. NOT_FOUND if there is no such run or tag, or no store at or before the time;
  // FAILED_PRECONDITION if garbage collection removed history entries of that time, so that it is
  // not known which store was the last; INVALID_ARGUMENT if the page token was made for another
  // query; ABORTED if the query names no snapshot and a store into the run has finished since the
  // token was made; CANCELLED if query.cancelled asked for it.
  virtual absl::StatusOr<ReportPage> ListReports(const ReportQuery& query) = 0;
  // Compares two snapshots. Errors as ListReports; ABORTED if a snapshot has become another one
  // since the page token was made.
  virtual absl::StatusOr<RunComparison> CompareRuns(const ComparisonQuery& query) = 0;
};

}  // namespace stored::storage
