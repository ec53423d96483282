#include "storage/sqlite/results/run_writer.h"

#include <algorithm>
#include <vector>

#include "base/status.h"
#include "storage/columns/record.h"

namespace stored::storage::sqlite {
namespace {

// A run's summary names its analyzers; a stranger's metadata must not make that long.
constexpr size_t kMaxAnalyzers = 100;

absl::Status DeleteResults(Database& database, int64_t run_id) {
  STORED_RETURN_IF_ERROR(database.Run("DELETE FROM reports WHERE run_id = ?", run_id));
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

// "clangsa 14.0.6", each once, in the order of the analyses.
std::vector<std::string> AnalyzerNames(const std::vector<reports::Analysis>& analyses) {
  std::vector<std::string> names;
  for (const reports::Analysis& analysis : analyses) {
    for (const reports::AnalyzerRun& analyzer : analysis.analyzers) {
      if (analyzer.name.empty()) continue;
      std::string name = analyzer.name;
      if (!analyzer.version.empty()) name += " " + analyzer.version;
      if (std::find(names.begin(), names.end(), name) != names.end()) continue;
      if (names.size() == kMaxAnalyzers) return names;
      names.push_back(std::move(name));
    }
  }
  return names;
}

}  // namespace

absl::StatusOr<HistoryEntry> BeginStore(Database& database, const PresentRun& run,
                                        const IngestRequest& request) {
  HistoryEntry store{run.id, 0, run.store_count + 1};
  if (run.id == 0) {
    STORED_ASSIGN_OR_RETURN(store.run_id, InsertRun(database, request));
  } else if (request.force) {
    STORED_RETURN_IF_ERROR(DeleteResults(database, run.id));
    store.store_number = 1;
  }
  if (!request.tag.empty()) {
    STORED_RETURN_IF_ERROR(
        database.Run("UPDATE run_history SET tag = '' WHERE run_id = ? AND tag = ? AND tag <> ''",
                     store.run_id, request.tag));
  }
  STORED_RETURN_IF_ERROR(
      database.Run("INSERT INTO run_history (run_id, store_number, token, tag, description, "
                   "stored_at, analyzers, analyses) VALUES (?, ?, ?, ?, ?, ?, x'', x'')",
                   store.run_id, store.store_number, request.token, request.tag,
                   request.description, request.stored_at));
  store.history_id = database.last_insert_id();
  return store;
}

absl::Status FinishStore(Database& database, const HistoryEntry& store,
                         const IngestRequest& request, const Upload& upload, int64_t total_reports,
                         const StoreResult& result) {
  const std::string analyzers = EncodeStrings(AnalyzerNames(upload.analyses));
  const std::string analyses = EncodeAnalyses(upload.analyses);
  STORED_RETURN_IF_ERROR(
      database.Run("UPDATE run_history SET analyzers = ?, analyses = ?, analyzed_files = ?, "
                   "failed_files = ? WHERE id = ?",
                   Blob{analyzers}, Blob{analyses}, result.analyzed_files, result.failed_files,
                   store.history_id));
  STORED_RETURN_IF_ERROR(database.Run(
      "UPDATE runs SET latest_history_id = ?, store_count = ?, open_reports = ?, "
      "reports = ? WHERE id = ?",
      store.history_id, store.store_number, result.reports, total_reports, store.run_id));
  if (request.expire_after.has_value()) {
    STORED_RETURN_IF_ERROR(SetRunLifetime(database, store.run_id, *request.expire_after));
  }
  const std::string record = EncodeResult(result);
  return database.Run("INSERT INTO ingested (token, history_id, result) VALUES (?, ?, ?)",
                      request.token, store.history_id, Blob{record});
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
