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
#include "reports/stream/report_sink.h"
#include "storage/report_query.h"
#include "storage/session.h"

namespace stored::storage {

struct IngestRequest {
  std::string token;
  std::string run_name;
  std::string tag;
  std::string description;
  bool force = false;
  // Becomes detected_at of new reports and fixed_at of closed ones.
  absl::Time stored_at;
  // The run's lifetime from then on; zero is for ever. Not set: as it was, or for ever.
  std::optional<absl::Duration> expire_after;
  // Limits of the product (product_settings.h); 0 is none.
  int64_t max_runs = 0;
  int64_t max_reports = 0;
};

// How an ingest talks to whoever started it. Called often: must be cheap.
class IngestObserver {
 public:
  virtual ~IngestObserver() = default;

  // In reports; `total` is 0 while not known.
  virtual void Progress(StorePhase phase, int64_t done, int64_t total) = 0;
  // True asks the ingest to stop and leave nothing behind.
  virtual bool Cancelled() = 0;
};

struct RunSummary {
  int64_t id = 0;
  std::string name;
  absl::Time created_at;
  // Of the newest store.
  absl::Time stored_at;
  std::string tag;
  std::string description;
  std::vector<std::string> analyzers;
  int32_t store_count = 0;
  // New, unresolved and reopened.
  int32_t open_reports = 0;
  int32_t reports = 0;
  // Of the newest store, as in StoreResult.
  int32_t analyzed_files = 0;
  int32_t failed_files = 0;
  // Since stored_at; not set where the run stays.
  std::optional<absl::Duration> expire_after;
};

struct RunPage {
  // By name.
  std::vector<RunSummary> runs;
  std::string next_page_token;
};

struct ReportPage {
  // By id.
  std::vector<reports::StoredReport> reports;
  // Paths.
  std::vector<std::string> files;
  std::string next_page_token;
};

// The results of one product. Safe for concurrent use; reads never wait for an ingest, ingests of
// one product take turns at writing.
class ProductResults {
 public:
  virtual ~ProductResults() = default;

  // Applies a store to its run, all or nothing, once: when the token's results are there already,
  // answers with what was answered then. `stream` is read as often as needed. Detection statuses
  // are decided by report hash:
  //   not in the run before: new; there and open, off or unavailable: unresolved; there and
  //   resolved: reopened. detected_at is kept from the first time. Reports that share a hash with
  //   the upload but not its identity are replaced.
  //   In the run, not in the upload: off when its checker is disabled in every analysis that lists
  //   it, unavailable when analyses list checkers but not this one, else resolved; fixed_at is set
  //   when it was open. A checker that is enabled in one analysis, or has reports in the upload,
  //   counts as enabled. Names beginning with clang-diagnostic- are never unavailable: no list
  //   holds them.
  // Errors of `stream` are returned as they are. CANCELLED when the observer asked for it;
  // RESOURCE_EXHAUSTED when the disk is full, and with IsProductLimit when a limit of the request
  // is exceeded; UNAVAILABLE when another process has the database.
  virtual absl::StatusOr<StoreResult> Ingest(const IngestRequest& request,
                                             reports::ReportStream& stream,
                                             IngestObserver& observer) = 0;
  // Does what an Ingest leaves for when its outcome has been told: until then the database's log
  // may be as long as what it wrote. Waits for its turn to write, unless
  // another thread does that for it. Nothing is lost without it.
  virtual void Checkpoint() = 0;
  // What an earlier Ingest of this token answered; nothing when it has not been applied.
  virtual absl::StatusOr<std::optional<StoreResult>> Ingested(const std::string& token) = 0;

  virtual absl::StatusOr<bool> HasRun(const std::string& run_name) = 0;
  virtual absl::StatusOr<int64_t> CountRuns() = 0;
  // Changes a run's lifetime; zero is for ever. NOT_FOUND: no such run. UNAVAILABLE as
  // Backend::RemoveRun.
  virtual absl::StatusOr<RunSummary> SetExpireAfter(const std::string& run_name,
                                                    absl::Duration expire_after) = 0;

  // Those of `digests` whose contents are not there, or will not stay (Backend::CollectGarbage), in
  // order, without repetition.
  virtual absl::StatusOr<std::vector<Sha256Digest>> FindMissingContents(
      absl::Span<const Sha256Digest> digests) = 0;

  virtual absl::StatusOr<RunPage> ListRuns(const std::string& name_pattern, int page_size,
                                           const std::string& page_token) = 0;
  // NOT_FOUND: no such run. ABORTED: the run was stored into since the page token was made.
  virtual absl::StatusOr<ReportPage> ListReports(const ReportQuery& query) = 0;
};

}  // namespace stored::storage
