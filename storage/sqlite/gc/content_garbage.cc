#include "storage/sqlite/gc/content_garbage.h"

#include <string>
#include <utility>
#include <vector>

#include "base/status.h"

namespace stored::storage::sqlite {
namespace {

// The largest number of contents that are scanned in one snapshot.
constexpr int kContentsPerScan = 10'000;

// Returns digests of contents marked before `before`, sorted, that are greater than `after`; at
// most as many as one transaction removes.
absl::StatusOr<std::vector<std::string>> MarkedBefore(Database& database, absl::Time before,
                                                      const std::string& after) {
  STORED_ASSIGN_OR_RETURN(Statement select,
                          database.Prepare("SELECT sha256 FROM unreferenced WHERE sha256 > ? AND "
                                           "since < ? ORDER BY sha256 LIMIT ?"));
  select.BindAll(Blob{after}, before, TransactionBudget::kRows);
  std::vector<std::string> marked;
  while (true) {
    STORED_ASSIGN_OR_RETURN(const bool row, select.Step());
    if (!row) return marked;
    marked.push_back(select.String(0));
  }
}

// Returns whether a file version refers to the content.
absl::StatusOr<bool> IsReferenced(Database& database, const std::string& sha256) {
  STORED_ASSIGN_OR_RETURN(Statement select,
                          database.Prepare("SELECT 1 FROM file_versions WHERE sha256 = ?"));
  select.BindAll(Blob{sha256});
  return select.Step();
}

// Returns the compressed size of a content. SQLite does not read the column for its length.
absl::StatusOr<int64_t> CompressedBytes(Database& database, const std::string& sha256) {
  STORED_ASSIGN_OR_RETURN(Statement select,
                          database.Prepare("SELECT length(zstd) FROM contents WHERE sha256 = ?"));
  select.BindAll(Blob{sha256});
  STORED_ASSIGN_OR_RETURN(const bool row, select.Step());
  return row ? select.Int(0) : 0;
}

absl::Status RemoveContent(Database& database, const std::string& sha256, ProductGarbage& removed) {
  STORED_ASSIGN_OR_RETURN(const int64_t bytes, CompressedBytes(database, sha256));
  STORED_RETURN_IF_ERROR(database.Run("DELETE FROM contents WHERE sha256 = ?", Blob{sha256}));
  removed.contents += database.changes();
  removed.content_bytes += bytes;
  return absl::OkStatus();
}

// The contents in a range of digests that no file version refers to and that have no mark yet.
struct Scan {
  std::vector<std::string> unreferenced;
  // The last digest of the range, after which the next scan begins; empty after the last scan.
  std::string next;
};

absl::StatusOr<Scan> ScanFrom(const GcTarget& target, const std::string& after) {
  STORED_ASSIGN_OR_RETURN(const ReaderPool::Reader reader, target.read());
  // The indexes of both tables are sorted by digest.
  STORED_ASSIGN_OR_RETURN(
      Statement select,
      reader->Prepare(
          "SELECT sha256, EXISTS (SELECT 1 FROM file_versions WHERE file_versions.sha256 = "
          "contents.sha256) OR EXISTS (SELECT 1 FROM unreferenced WHERE unreferenced.sha256 = "
          "contents.sha256) FROM contents WHERE sha256 > ? ORDER BY sha256 LIMIT ?"));
  select.BindAll(Blob{after}, kContentsPerScan);
  Scan scan;
  int rows = 0;
  std::string last;
  while (true) {
    STORED_ASSIGN_OR_RETURN(const bool row, select.Step());
    if (!row) break;
    ++rows;
    last = select.String(0);
    if (select.Int(1) == 0) scan.unreferenced.push_back(last);
  }
  if (rows == kContentsPerScan) scan.next = std::move(last);
  return scan;
}

absl::Status Mark(const GcTarget& target, const std::vector<std::string>& contents) {
  return ForEachInSmallTransactions<std::string>(
      target, contents, [&](Database& database, const std::string& content) {
        // Checks the content again: an ingest may have added a reference since the scan.
        return database.Run(
            "INSERT OR IGNORE INTO unreferenced (sha256, since) SELECT ?1, ?2 WHERE NOT EXISTS "
            "(SELECT 1 FROM file_versions WHERE sha256 = ?1)",
            Blob{content}, target.bounds.now);
      });
}

}  // namespace

absl::Status RemoveMarkedContents(const GcTarget& target, ProductGarbage& removed) {
  std::string after;
  return InSmallTransactions(
      target.writer, target.pace,
      [&](Database& database, TransactionBudget& budget) -> absl::StatusOr<bool> {
        STORED_ASSIGN_OR_RETURN(const std::vector<std::string> marked,
                                MarkedBefore(database, target.bounds.marked_before, after));
        for (const std::string& sha256 : marked) {
          if (!budget.Spend()) return true;
          STORED_ASSIGN_OR_RETURN(const bool referenced, IsReferenced(database, sha256));
          if (!referenced) STORED_RETURN_IF_ERROR(RemoveContent(database, sha256, removed));
          STORED_RETURN_IF_ERROR(
              database.Run("DELETE FROM unreferenced WHERE sha256 = ?", Blob{sha256}));
          after = sha256;
        }
        return marked.size() == TransactionBudget::kRows;
      });
}

absl::Status CountMarkedContents(const GcTarget& target, ProductGarbage& counted) {
  STORED_ASSIGN_OR_RETURN(const ReaderPool::Reader reader, target.read());
  STORED_ASSIGN_OR_RETURN(
      Statement select,
      reader->Prepare("SELECT length(zstd) FROM unreferenced JOIN contents USING (sha256) WHERE "
                      "since < ? AND NOT EXISTS (SELECT 1 FROM file_versions WHERE "
                      "file_versions.sha256 = unreferenced.sha256)"));
  select.BindAll(target.bounds.marked_before);
  while (true) {
    STORED_ASSIGN_OR_RETURN(const bool row, select.Step());
    if (!row) return absl::OkStatus();
    STORED_RETURN_IF_ERROR(CheckStopped(target.pace));
    ++counted.contents;
    counted.content_bytes += select.Int(0);
  }
}

absl::Status MarkUnreferencedContents(const GcTarget& target) {
  std::string after;
  do {
    STORED_RETURN_IF_ERROR(CheckStopped(target.pace));
    STORED_ASSIGN_OR_RETURN(Scan scan, ScanFrom(target, after));
    if (!scan.unreferenced.empty()) STORED_RETURN_IF_ERROR(Mark(target, scan.unreferenced));
    after = std::move(scan.next);
  } while (!after.empty());
  return absl::OkStatus();
}

}  // namespace stored::storage::sqlite
