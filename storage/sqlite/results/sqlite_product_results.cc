#include "storage/sqlite/results/sqlite_product_results.h"

#include <fmt/format.h>

#include <utility>

#include "absl/container/flat_hash_set.h"
#include "base/status.h"
#include "storage/ingest/ingest.h"
#include "storage/ingest/present_run.h"
#include "storage/policy/resource_errors.h"
#include "storage/sqlite/connection/database_file.h"
#include "storage/sqlite/connection/migrations.h"
#include "storage/sqlite/gc/content_garbage.h"
#include "storage/sqlite/gc/history_garbage.h"
#include "storage/sqlite/gc/run_garbage.h"
#include "storage/sqlite/query/comparison_query.h"
#include "storage/sqlite/query/history_query.h"
#include "storage/sqlite/query/report_query.h"
#include "storage/sqlite/query/run_query.h"
#include "storage/sqlite/results/product_schema.h"
#include "storage/sqlite/results/run_reader.h"
#include "storage/sqlite/results/run_writer.h"
#include "storage/sqlite/results/sqlite_ingest.h"

namespace stored::storage::sqlite {
namespace {

// Holds the pages that an ingest changes before they go to the write-ahead log.
constexpr int kWriterCacheKib = 32 << 10;
// The time that a small change waits for an ingest that writes, before it fails with UNAVAILABLE.
constexpr absl::Duration kWriterPatience = absl::Seconds(3);

}  // namespace

absl::StatusOr<std::shared_ptr<SqliteProductResults>> SqliteProductResults::Open(
    const std::string& product, const std::string& path, bool create) {
  const bool there = IsThere(path);
  if (create && there) {
    return absl::FailedPreconditionError(
        fmt::format("database {} exists, but no product has it; move it away first", path));
  }
  if (!create && !there) {
    return absl::FailedPreconditionError(fmt::format(
        "database {} of product \"{}\" is missing; restore it from a backup", path, product));
  }
  STORED_ASSIGN_OR_RETURN(std::unique_ptr<Database> database,
                          OpenDatabase(path, ProductSchema(), create, kWriterCacheKib));
  return std::shared_ptr<SqliteProductResults>(
      new SqliteProductResults(product, std::move(database)));
}

absl::Status SqliteProductResults::CheckThere() const {
  if (!gone_) return absl::OkStatus();
  return ProductRemovedError(product_);
}

// Checks twice: a connection that is opened while the product is removed may be to another file,
// and must not be used.
absl::StatusOr<ReaderPool::Reader> SqliteProductResults::Snapshot() {
  STORED_RETURN_IF_ERROR(CheckThere());
  absl::StatusOr<ReaderPool::Reader> reader = readers_.Acquire();
  STORED_RETURN_IF_ERROR(CheckThere());
  return reader;
}

absl::StatusOr<StoreResult> SqliteProductResults::Ingest(const IngestRequest& request,
                                                         reports::ReportStream& stream,
                                                         IngestObserver& observer) {
  STORED_RETURN_IF_ERROR(CheckThere());
  SqliteIngestDatabase database(writer_, readers_);
  absl::StatusOr<StoreResult> result =
      IngestReports({product_, database}, request, stream, observer);
  STORED_RETURN_IF_ERROR(CheckThere());
  return result;
}

void SqliteProductResults::Checkpoint() { writer_.Checkpoint(); }

absl::StatusOr<std::optional<StoreResult>> SqliteProductResults::Ingested(
    const std::string& token) {
  STORED_ASSIGN_OR_RETURN(const ReaderPool::Reader reader, Snapshot());
  return FindIngested(*reader, token);
}

absl::StatusOr<std::vector<Sha256Digest>> SqliteProductResults::FindMissingContents(
    absl::Span<const Sha256Digest> digests) {
  STORED_ASSIGN_OR_RETURN(const ReaderPool::Reader reader, Snapshot());
  STORED_ASSIGN_OR_RETURN(Statement select,
                          reader->Prepare("SELECT 1 FROM contents WHERE sha256 = ?1 AND NOT EXISTS "
                                          "(SELECT 1 FROM unreferenced WHERE sha256 = ?1)"));
  std::vector<Sha256Digest> missing;
  absl::flat_hash_set<Sha256Digest> asked;
  for (const Sha256Digest& digest : digests) {
    if (!asked.insert(digest).second) continue;
    select.BindAll(Blob{digest.Raw()});
    STORED_ASSIGN_OR_RETURN(const bool row, select.Step());
    if (!row) missing.push_back(digest);
  }
  return missing;
}

absl::StatusOr<RunPage> SqliteProductResults::ListRuns(const std::string& name_pattern,
                                                       int page_size,
                                                       const std::string& page_token) {
  STORED_ASSIGN_OR_RETURN(const ReaderPool::Reader reader, Snapshot());
  return QueryRuns(*reader, name_pattern, page_size, page_token);
}

absl::StatusOr<HistoryPage> SqliteProductResults::ListRunHistory(const std::string& run_name,
                                                                 int page_size,
                                                                 const std::string& page_token) {
  STORED_ASSIGN_OR_RETURN(const ReaderPool::Reader reader, Snapshot());
  return QueryHistory(*reader, run_name, page_size, page_token);
}

absl::StatusOr<ReportPage> SqliteProductResults::ListReports(const ReportQuery& query) {
  STORED_ASSIGN_OR_RETURN(const ReaderPool::Reader reader, Snapshot());
  return QueryReports(*reader, severities_, query);
}

absl::StatusOr<RunComparison> SqliteProductResults::CompareRuns(const ComparisonQuery& query) {
  STORED_ASSIGN_OR_RETURN(const ReaderPool::Reader reader, Snapshot());
  return QueryComparison(*reader, severities_, query);
}

absl::StatusOr<bool> SqliteProductResults::HasRun(const std::string& run_name) {
  STORED_ASSIGN_OR_RETURN(const ReaderPool::Reader reader, Snapshot());
  STORED_ASSIGN_OR_RETURN(const PresentRun run, FindRun(*reader, run_name));
  return run.id != 0;
}

absl::StatusOr<int64_t> SqliteProductResults::CountRuns() {
  STORED_ASSIGN_OR_RETURN(const ReaderPool::Reader reader, Snapshot());
  return reader->QueryInt("SELECT count(*) FROM runs");
}

absl::StatusOr<RunSummary> SqliteProductResults::SetExpireAfter(const std::string& run_name,
                                                                absl::Duration expire_after) {
  STORED_RETURN_IF_ERROR(CheckThere());
  RunSummary summary;
  const auto change = [&](Database& database) -> absl::Status {
    STORED_ASSIGN_OR_RETURN(const PresentRun run, FindRun(database, run_name));
    if (run.id == 0) return RunNotFoundError(run_name);
    STORED_RETURN_IF_ERROR(SetRunLifetime(database, run.id, expire_after));
    STORED_ASSIGN_OR_RETURN(summary, QueryRun(database, run_name));
    return absl::OkStatus();
  };
  STORED_RETURN_IF_ERROR(writer_.Write({.patience = kWriterPatience}, change));
  return summary;
}

absl::Status SqliteProductResults::RemoveRun(const std::string& run_name,
                                             const UnfinishedStore& unfinished) {
  STORED_RETURN_IF_ERROR(CheckThere());
  return writer_.Write({.patience = kWriterPatience}, [&](Database& database) -> absl::Status {
    STORED_ASSIGN_OR_RETURN(const PresentRun run, FindRun(database, run_name));
    if (run.id == 0) return RunNotFoundError(run_name);
    STORED_ASSIGN_OR_RETURN(const std::optional<std::string> token, unfinished(run_name));
    if (token.has_value()) return RunInUseError(run_name);
    return UnlinkRun(database, run.id);
  });
}

GcTarget SqliteProductResults::Target(const GcBounds& bounds, const UnfinishedStore& unfinished,
                                      GcPace& pace) {
  return {writer_, [this] { return Snapshot(); }, bounds, unfinished, pace};
}

// Deletes what is marked first and marks new garbage last, so that CountGarbage, which marks
// nothing, counts the same.
absl::Status SqliteProductResults::CollectGarbage(const GcBounds& bounds,
                                                  const UnfinishedStore& unfinished, GcPace& pace,
                                                  ProductGarbage& removed) {
  const GcTarget target = Target(bounds, unfinished, pace);
  STORED_RETURN_IF_ERROR(RemoveMarkedContents(target, removed));
  STORED_RETURN_IF_ERROR(RemoveExpiredRuns(target, removed));
  STORED_RETURN_IF_ERROR(RemoveRowsOfRemovedRuns(target, removed));
  STORED_RETURN_IF_ERROR(RemoveClosedReports(target, removed));
  STORED_RETURN_IF_ERROR(RemoveHistory(target, removed));
  return MarkUnreferencedContents(target);
}

absl::Status SqliteProductResults::CountGarbage(const GcBounds& bounds,
                                                const UnfinishedStore& unfinished, GcPace& pace,
                                                ProductGarbage& counted) {
  const GcTarget target = Target(bounds, unfinished, pace);
  STORED_RETURN_IF_ERROR(CountMarkedContents(target, counted));
  STORED_RETURN_IF_ERROR(CountRowsOfRemovedRuns(target, counted));
  STORED_ASSIGN_OR_RETURN(const std::vector<int64_t> expired, CountExpiredRuns(target, counted));
  return CountRetention(target, expired, counted);
}

absl::Status SqliteProductResults::ForgetIngested(const std::vector<std::string>& tokens,
                                                  GcPace& pace) {
  STORED_RETURN_IF_ERROR(CheckThere());
  return writer_.Write(
      {.stopped = [&pace] { return pace.Stopped(); }, .when_idle = true},
      [&](Database& database) -> absl::Status {
        for (const std::string& token : tokens) {
          STORED_RETURN_IF_ERROR(database.Run("DELETE FROM ingested WHERE token = ?", token));
        }
        return absl::OkStatus();
      });
}

}  // namespace stored::storage::sqlite
