#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "storage/garbage.h"
#include "storage/policy/severity_resolver.h"
#include "storage/product_results.h"
#include "storage/sqlite/connection/connections.h"
#include "storage/sqlite/gc/gc_transaction.h"

namespace stored::storage::sqlite {

// The results of one product, in its own database.
class SqliteProductResults final : public ProductResults {
 public:
  // Opens the database at `path`, or creates it if `create` is set. FAILED_PRECONDITION if it is
  // missing, or if it exists and should be created.
  static absl::StatusOr<std::shared_ptr<SqliteProductResults>> Open(const std::string& product,
                                                                    const std::string& path,
                                                                    bool create);

  absl::StatusOr<StoreResult> Ingest(const IngestRequest& request, reports::ReportStream& stream,
                                     IngestObserver& observer) override;
  void Checkpoint() override;
  absl::StatusOr<std::optional<StoreResult>> Ingested(const std::string& token) override;
  absl::StatusOr<bool> HasRun(const std::string& run_name) override;
  absl::StatusOr<int64_t> CountRuns() override;
  absl::StatusOr<RunSummary> SetExpireAfter(const std::string& run_name,
                                            absl::Duration expire_after) override;
  absl::StatusOr<std::vector<Sha256Digest>> FindMissingContents(
      absl::Span<const Sha256Digest> digests) override;
  absl::StatusOr<RunPage> ListRuns(const std::string& name_pattern, int page_size,
                                   const std::string& page_token) override;
  absl::StatusOr<HistoryPage> ListRunHistory(const std::string& run_name, int page_size,
                                             const std::string& page_token) override;
  absl::StatusOr<ReportPage> ListReports(const ReportQuery& query) override;
  absl::StatusOr<RunComparison> CompareRuns(const ComparisonQuery& query) override;

  // Backend::RemoveRun. `unfinished` returns the token of an unfinished store into the run.
  absl::Status RemoveRun(const std::string& run_name, const UnfinishedStore& unfinished);

  // This product's part of Backend::CollectGarbage and CountGarbage.
  absl::Status CollectGarbage(const GcBounds& bounds, const UnfinishedStore& unfinished,
                              GcPace& pace, ProductGarbage& removed);
  absl::Status CountGarbage(const GcBounds& bounds, const UnfinishedStore& unfinished, GcPace& pace,
                            ProductGarbage& counted);
  // Removes the results that Ingested() returns for these tokens. REQUIRES: their stores have
  // ended.
  absl::Status ForgetIngested(const std::vector<std::string>& tokens, GcPace& pace);

  // Returns a connection with a snapshot of the database. This object outlives it.
  absl::StatusOr<ReaderPool::Reader> Snapshot();

  // Makes every later call return NOT_FOUND: the product is removed, and another may get its file
  // name. Calls in progress may still succeed.
  void MarkGone() { gone_ = true; }

 private:
  SqliteProductResults(std::string product, std::unique_ptr<Database> database)
      : product_(std::move(product)), writer_(std::move(database)), readers_(writer_.path()) {}

  absl::Status CheckThere() const;
  GcTarget Target(const GcBounds& bounds, const UnfinishedStore& unfinished, GcPace& pace);

  const std::string product_;
  const TableSeverities severities_;
  std::atomic<bool> gone_ = false;
  Writer writer_;
  // Declared after the writer, so that its connections are closed first: SQLite copies the
  // write-ahead log into the database when the last connection closes, and only the writer can.
  ReaderPool readers_;
};

}  // namespace stored::storage::sqlite
