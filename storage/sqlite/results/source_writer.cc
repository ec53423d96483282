#include "storage/sqlite/results/source_writer.h"

#include <optional>

#include "base/status.h"

namespace stored::storage::sqlite {

absl::StatusOr<absl::flat_hash_set<Sha256Digest>> MissingContents(
    Database& database, const std::vector<reports::SourceFile>& files) {
  STORED_ASSIGN_OR_RETURN(Statement select,
                          database.Prepare("SELECT 1 FROM contents WHERE sha256 = ?"));
  absl::flat_hash_set<Sha256Digest> missing;
  for (const reports::SourceFile& file : files) {
    const std::optional<Sha256Digest> digest = Sha256Digest::FromRaw(file.sha256);
    if (!digest.has_value()) continue;
    select.BindAll(Blob{digest->Raw()});
    STORED_ASSIGN_OR_RETURN(const bool row, select.Step());
    if (!row) missing.insert(*digest);
  }
  return missing;
}

absl::StatusOr<bool> InsertContent(Database& database, const Sha256Digest& digest,
                                   std::string_view zstd, uint64_t size) {
  STORED_RETURN_IF_ERROR(
      database.Run("INSERT OR IGNORE INTO contents (sha256, size, zstd) VALUES (?, ?, ?)",
                   Blob{digest.Raw()}, size, Blob{zstd}));
  return database.changes() > 0;
}

absl::Status WriteFileVersions(Database& database, const HistoryEntry& entry,
                               const std::vector<reports::SourceFile>& files,
                               const std::vector<int64_t>& file_ids) {
  STORED_ASSIGN_OR_RETURN(
      Statement latest,
      database.Prepare("SELECT sha256 FROM file_versions WHERE run_id = ? AND file_id = ? "
                       "ORDER BY from_history DESC LIMIT 1"));
  STORED_ASSIGN_OR_RETURN(
      Statement insert,
      database.Prepare("INSERT OR IGNORE INTO file_versions (run_id, file_id, from_history, "
                       "sha256) VALUES (?, ?, ?, ?)"));
  STORED_ASSIGN_OR_RETURN(Statement unmark,
                          database.Prepare("DELETE FROM unreferenced WHERE sha256 = ?"));
  for (size_t i = 0; i < files.size(); ++i) {
    const std::string& sha256 = files[i].sha256;
    latest.BindAll(entry.run_id, file_ids[i]);
    STORED_ASSIGN_OR_RETURN(const bool row, latest.Step());
    // A file without a row is as one with an empty digest: its source was never found.
    const bool same = (row ? latest.Bytes(0) : std::string_view()) == sha256;
    latest.Reset();
    if (same) continue;
    std::optional<Blob> column;
    if (!sha256.empty()) column = Blob{sha256};
    STORED_RETURN_IF_ERROR(insert.Run(entry.run_id, file_ids[i], entry.history_id, column));
    if (column.has_value()) STORED_RETURN_IF_ERROR(unmark.Run(*column));
  }
  return absl::OkStatus();
}

}  // namespace stored::storage::sqlite
