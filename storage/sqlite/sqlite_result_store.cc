#include "storage/sqlite/sqlite_result_store.h"

#include <fmt/format.h>

#include <filesystem>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "base/status.h"
#include "storage/sqlite/ingest.h"
#include "storage/sqlite/migrations.h"
#include "storage/sqlite/product_schema.h"
#include "storage/sqlite/report_query.h"
#include "storage/sqlite/run_writer.h"

namespace stored::storage {
namespace {

// Room for what an ingest changes before it goes to the write-ahead log.
constexpr int kWriterCacheKib = 32 << 10;

}  // namespace

absl::StatusOr<std::shared_ptr<SqliteResultStore>> SqliteResultStore::Open(
    const std::string& product, const std::string& path, bool create) {
  std::error_code error;
  const bool there = std::filesystem::exists(path, error);
  if (create && there) {
    return absl::FailedPreconditionError(
        fmt::format("database {} is there, but no product has it; move it away first", path));
  }
  if (!create && !there) {
    return absl::FailedPreconditionError(fmt::format(
        "database {} of product \"{}\" is missing; restore it from a backup", path, product));
  }
  STORED_ASSIGN_OR_RETURN(std::unique_ptr<Database> database,
                          OpenDatabase(path, ProductSchema(), create, kWriterCacheKib));
  return std::shared_ptr<SqliteResultStore>(new SqliteResultStore(product, std::move(database)));
}

absl::Status SqliteResultStore::CheckThere() const {
  if (!gone_) return absl::OkStatus();
  return absl::NotFoundError(fmt::format("product \"{}\" was removed", product_));
}

// A connection may only be made while the file is the product's: one made in the meantime may be of
// another file, and is given up.
absl::StatusOr<ReaderPool::Reader> SqliteResultStore::Snapshot() {
  STORED_RETURN_IF_ERROR(CheckThere());
  absl::StatusOr<ReaderPool::Reader> reader = readers_.Acquire();
  STORED_RETURN_IF_ERROR(CheckThere());
  return reader;
}

absl::StatusOr<StoreResult> SqliteResultStore::Ingest(const IngestRequest& request,
                                                      reports::ReportStream& stream,
                                                      IngestObserver& observer) {
  STORED_RETURN_IF_ERROR(CheckThere());
  absl::StatusOr<StoreResult> result = IngestReports(writer_, readers_, request, stream, observer);
  writer_.ReleaseMemory();
  STORED_RETURN_IF_ERROR(CheckThere());
  return result;
}

absl::StatusOr<std::optional<StoreResult>> SqliteResultStore::Ingested(const std::string& token) {
  STORED_ASSIGN_OR_RETURN(const ReaderPool::Reader reader, Snapshot());
  return FindIngested(*reader, token);
}

absl::StatusOr<std::vector<Sha256Digest>> SqliteResultStore::FindMissingContents(
    absl::Span<const Sha256Digest> digests) {
  STORED_ASSIGN_OR_RETURN(const ReaderPool::Reader reader, Snapshot());
  STORED_ASSIGN_OR_RETURN(Statement select,
                          reader->Prepare("SELECT 1 FROM contents WHERE sha256 = ?"));
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

absl::StatusOr<RunPage> SqliteResultStore::ListRuns(const std::string& name_pattern, int page_size,
                                                    const std::string& page_token) {
  STORED_ASSIGN_OR_RETURN(const ReaderPool::Reader reader, Snapshot());
  return QueryRuns(*reader, name_pattern, page_size, page_token);
}

absl::StatusOr<ReportPage> SqliteResultStore::ListReports(const std::string& run_name,
                                                          const ReportFilter& filter,
                                                          bool with_bug_path, int page_size,
                                                          int64_t max_page_bytes,
                                                          const std::string& page_token) {
  STORED_ASSIGN_OR_RETURN(const ReaderPool::Reader reader, Snapshot());
  return QueryReports(*reader,
                      {run_name, filter, with_bug_path, page_size, max_page_bytes, page_token});
}

absl::StatusOr<int64_t> SqliteResultStore::CountRuns() {
  STORED_ASSIGN_OR_RETURN(const ReaderPool::Reader reader, Snapshot());
  return reader->QueryInt("SELECT count(*) FROM runs");
}

}  // namespace stored::storage
