#include "storage/sqlite/results/sqlite_ingest.h"

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/status.h"
#include "storage/sqlite/connection/database.h"
#include "storage/sqlite/results/report_writer.h"
#include "storage/sqlite/results/run_reader.h"
#include "storage/sqlite/results/run_writer.h"
#include "storage/sqlite/results/source_writer.h"
#include "storage/sqlite/results/state_changes.h"

namespace stored::storage::sqlite {
namespace {

class SqliteIngestSnapshot final : public IngestSnapshot {
 public:
  explicit SqliteIngestSnapshot(Database& database) : database_(database) {}

  absl::StatusOr<std::optional<StoreResult>> FindIngested(const std::string& token) override {
    return sqlite::FindIngested(database_, token);
  }
  absl::StatusOr<PresentRun> FindRun(const std::string& name) override {
    return sqlite::FindRun(database_, name);
  }
  absl::Status LoadReports(PresentRun& run) override { return sqlite::LoadReports(database_, run); }

 private:
  Database& database_;
};

class SqliteIngestTransaction final : public IngestTransaction {
 public:
  SqliteIngestTransaction(Database& database, ReportWriter writer)
      : database_(database), writer_(std::move(writer)) {}

  absl::StatusOr<std::optional<StoreResult>> FindIngested(const std::string& token) override {
    return sqlite::FindIngested(database_, token);
  }
  absl::StatusOr<PresentRun> FindRun(const std::string& name) override {
    return sqlite::FindRun(database_, name);
  }
  absl::StatusOr<int64_t> CountRuns() override {
    return database_.QueryInt("SELECT count(*) FROM runs");
  }
  absl::StatusOr<HistoryEntry> BeginEntry(const PresentRun& run,
                                          const IngestRequest& request) override {
    return sqlite::BeginEntry(database_, run, request);
  }
  absl::StatusOr<int64_t> FileId(std::string_view path) override { return writer_.FileId(path); }
  absl::Status InsertReport(reports::Report& report, const reports::ReportIdentity& identity,
                            const std::vector<int64_t>& file_ids,
                            const ReportOrigin& origin) override {
    return writer_.Insert(report, identity, file_ids, origin);
  }
  absl::Status UpdateReport(int64_t report_id, reports::Report& report,
                            const std::vector<int64_t>& file_ids, int64_t history_id,
                            absl::Time now) override {
    return writer_.Update(report_id, report, file_ids, history_id, now);
  }
  absl::StatusOr<std::optional<ReportPast>> FindPast(int64_t report_id) override {
    return sqlite::FindPast(database_, report_id);
  }
  absl::Status ApplyChange(const PresentReport& report, int64_t history_id,
                           absl::Time now) override {
    return WriteChange(database_, report, history_id, now);
  }
  absl::StatusOr<absl::flat_hash_set<Sha256Digest>> MissingContents(
      const std::vector<reports::SourceFile>& files) override {
    return sqlite::MissingContents(database_, files);
  }
  absl::StatusOr<bool> InsertContent(const Sha256Digest& digest, std::string_view zstd,
                                     uint64_t size) override {
    return sqlite::InsertContent(database_, digest, zstd, size);
  }
  absl::Status WriteFileVersions(const HistoryEntry& entry,
                                 const std::vector<reports::SourceFile>& files) override {
    std::vector<int64_t> file_ids;
    file_ids.reserve(files.size());
    for (const reports::SourceFile& file : files) {
      STORED_ASSIGN_OR_RETURN(const int64_t id, writer_.FileId(file.path));
      file_ids.push_back(id);
    }
    return sqlite::WriteFileVersions(database_, entry, files, file_ids);
  }
  absl::Status Finish(const HistoryEntry& entry, const IngestRequest& request,
                      const EntryCompletion& completion) override {
    return FinishEntry(database_, entry, request, completion);
  }

 private:
  Database& database_;
  ReportWriter writer_;
};

}  // namespace

absl::Status SqliteIngestDatabase::Read(absl::FunctionRef<absl::Status(IngestSnapshot&)> body) {
  STORED_ASSIGN_OR_RETURN(const ReaderPool::Reader reader, readers_.Acquire());
  SqliteIngestSnapshot snapshot(*reader);
  return body(snapshot);
}

absl::Status SqliteIngestDatabase::Write(absl::FunctionRef<bool()> cancelled,
                                         absl::FunctionRef<absl::Status(IngestTransaction&)> body) {
  return writer_.Write({.stopped = cancelled, .checkpoint_at_commit = false},
                       [&](Database& database) -> absl::Status {
                         STORED_ASSIGN_OR_RETURN(ReportWriter writer,
                                                 ReportWriter::Create(database));
                         SqliteIngestTransaction transaction(database, std::move(writer));
                         return body(transaction);
                       });
}

}  // namespace stored::storage::sqlite
