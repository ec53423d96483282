#include "storage/sqlite/results/run_writer.h"

#include "base/status.h"
#include "storage/columns/record.h"

namespace stored::storage::sqlite {
namespace {

absl::Status DeleteResults(Database& database, int64_t run_id) {
  STORED_RETURN_IF_ERROR(database.Run("DELETE FROM reports WHERE run_id = ?", run_id));
  STORED_RETURN_IF_ERROR(database.Run("DELETE FROM past_reports WHERE run_id = ?", run_id));
  STORED_RETURN_IF_ERROR(database.Run("DELETE FROM file_versions WHERE run_id = ?", run_id));
  return database.Run("DELETE FROM run_history WHERE run_id = ?", run_id);
}

absl::StatusOr<int64_t> InsertRun(Database& database, const IngestRequest& request) {
  STORED_RETURN_IF_ERROR(
      database.Run("INSERT INTO runs (name, created_at, latest_history_id, store_count, "
                   "open_reports, reports) VALUES (?, ?, 0, 0, 0, 0)",
                   request.run_name, request.stored_at));
  return database.last_insert_id();
}

}  // namespace

absl::StatusOr<HistoryEntry> BeginEntry(Database& database, const PresentRun& run,
                                        const IngestRequest& request) {
  HistoryEntry entry{run.id, 0, run.store_count + 1};
  if (run.id == 0) {
    STORED_ASSIGN_OR_RETURN(entry.run_id, InsertRun(database, request));
  } else if (request.force) {
    STORED_RETURN_IF_ERROR(DeleteResults(database, run.id));
    entry.store_number = 1;
  }
  if (!request.tag.empty()) {
    STORED_RETURN_IF_ERROR(
        database.Run("UPDATE run_history SET tag = '' WHERE run_id = ? AND tag = ? AND tag <> ''",
                     entry.run_id, request.tag));
  }
  STORED_RETURN_IF_ERROR(
      database.Run("INSERT INTO run_history (run_id, store_number, token, tag, description, "
                   "stored_at, analyzers, analyses) VALUES (?, ?, ?, ?, ?, ?, x'', x'')",
                   entry.run_id, entry.store_number, request.token, request.tag,
                   request.description, request.stored_at));
  entry.history_id = database.last_insert_id();
  return entry;
}

absl::Status FinishEntry(Database& database, const HistoryEntry& entry,
                         const IngestRequest& request, const EntryCompletion& completion) {
  const StoreResult& result = completion.result;
  const std::string analyzers = EncodeStrings(completion.analyzers);
  const std::string analyses = EncodeAnalyses(completion.analyses);
  STORED_RETURN_IF_ERROR(database.Run(
      "UPDATE run_history SET analyzers = ?, analyses = ?, analyzed_files = ?, "
      "failed_files = ?, new_reports = ?, unresolved_reports = ?, "
      "reopened_reports = ?, resolved_reports = ?, off_reports = ?, "
      "unavailable_reports = ? WHERE id = ?",
      Blob{analyzers}, Blob{analyses}, result.analyzed_files, result.failed_files,
      result.new_reports, result.unresolved_reports, result.reopened_reports,
      result.resolved_reports, result.off_reports, result.unavailable_reports, entry.history_id));
  STORED_RETURN_IF_ERROR(
      database.Run("UPDATE runs SET latest_history_id = ?, store_count = ?, open_reports = ?, "
                   "reports = ? WHERE id = ?",
                   entry.history_id, entry.store_number, result.reports, completion.total_reports,
                   entry.run_id));
  if (request.expire_after.has_value()) {
    STORED_RETURN_IF_ERROR(SetRunLifetime(database, entry.run_id, *request.expire_after));
  }
  const std::string record = EncodeResult(result);
  return database.Run("INSERT INTO ingested (token, history_id, result) VALUES (?, ?, ?)",
                      request.token, entry.history_id, Blob{record});
}

absl::Status SetRunLifetime(Database& database, int64_t run_id, absl::Duration expire_after) {
  std::optional<int64_t> micros;
  if (expire_after > absl::ZeroDuration()) micros = absl::ToInt64Microseconds(expire_after);
  return database.Run("UPDATE runs SET expire_after = ? WHERE id = ?", micros, run_id);
}

absl::Status UnlinkRun(Database& database, int64_t run_id) {
  STORED_RETURN_IF_ERROR(database.Run("INSERT INTO removed_runs (run_id) VALUES (?)", run_id));
  return database.Run("DELETE FROM runs WHERE id = ?", run_id);
}

absl::StatusOr<std::optional<StoreResult>> FindIngested(Database& database,
                                                        const std::string& token) {
  STORED_ASSIGN_OR_RETURN(Statement select,
                          database.Prepare("SELECT result FROM ingested WHERE token = ?"));
  select.BindAll(token);
  STORED_ASSIGN_OR_RETURN(const bool row, select.Step());
  if (!row) return std::nullopt;
  STORED_ASSIGN_OR_RETURN(StoreResult result, DecodeResult(select.Bytes(0)));
  return result;
}

}  // namespace stored::storage::sqlite
