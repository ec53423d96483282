#include "bench/storing/page_floor.h"

#include <fmt/format.h>

#include "base/status.h"

namespace stored::bench {
namespace {

// The statements that one would write by hand: all of a report with its checker, in the order of
// the run's index.
constexpr char kScan[] =
    "SELECT id, state, reopened, opened_by, checker_id, file_id, severity, review_status, "
    "report_hash FROM reports INDEXED BY reports_by_run WHERE run_id = ? AND id > ? ORDER BY id";
constexpr char kReport[] =
    "SELECT report_hash, checkers.name, checkers.analyzer, category, type, message, severity, "
    "file_id, line, col, review_status, review_comment, review_in_source, detected_at, fixed_at, "
    "bug_path_length, annotations FROM reports JOIN checkers ON checkers.id = checker_id "
    "WHERE reports.id = ?";
constexpr char kFile[] = "SELECT path FROM files WHERE id = ?";
constexpr int kCheckerColumn = 4;  // In kScan.
constexpr int kFileColumn = 7;     // In kReport.
// The same cache size as a reader of stored.
constexpr char kConfigure[] = "PRAGMA cache_size = -4096";

// Reads every column of a row. Returns the number of bytes in texts and blobs.
uint64_t ReadColumns(sqlite3_stmt* row) {
  uint64_t bytes = 0;
  for (int column = 0; column < sqlite3_column_count(row); ++column) {
    if (sqlite3_column_type(row, column) == SQLITE_INTEGER) {
      static_cast<void>(sqlite3_column_int64(row, column));
    } else if (sqlite3_column_blob(row, column) != nullptr) {
      bytes += static_cast<uint64_t>(sqlite3_column_bytes(row, column));
    }
  }
  return bytes;
}

}  // namespace

absl::StatusOr<PageFloor> PageFloor::Open(const std::string& database) {
  sqlite3* handle = nullptr;
  const int code = sqlite3_open_v2(database.c_str(), &handle,
                                   SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, nullptr);
  PageFloor floor(handle);
  if (code != SQLITE_OK ||
      sqlite3_exec(handle, kConfigure, nullptr, nullptr, nullptr) != SQLITE_OK) {
    return floor.Error();
  }
  STORED_ASSIGN_OR_RETURN(floor.scan_, floor.Prepare(kScan));
  STORED_ASSIGN_OR_RETURN(floor.report_, floor.Prepare(kReport));
  STORED_ASSIGN_OR_RETURN(floor.file_, floor.Prepare(kFile));
  return floor;
}

absl::Status PageFloor::Error() const {
  return absl::InternalError(
      fmt::format("the floor of a page: {}", sqlite3_errmsg(database_.get())));
}

absl::StatusOr<PageFloor::Statement> PageFloor::Prepare(const char* sql) {
  sqlite3_stmt* statement = nullptr;
  const int code =
      sqlite3_prepare_v3(database_.get(), sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
  if (code != SQLITE_OK) return Error();
  return Statement(statement);
}

absl::StatusOr<int64_t> PageFloor::Find(const char* sql, const std::string& name) {
  STORED_ASSIGN_OR_RETURN(const Statement statement, Prepare(sql));
  sqlite3_bind_text(statement.get(), 1, name.data(), static_cast<int>(name.size()), SQLITE_STATIC);
  if (sqlite3_step(statement.get()) != SQLITE_ROW) return Error();
  return sqlite3_column_int64(statement.get(), 0);
}

absl::StatusOr<int64_t> PageFloor::RunId(const std::string& name) {
  return Find("SELECT id FROM runs WHERE name = ?", name);
}

absl::StatusOr<int64_t> PageFloor::CheckerId(const std::string& name) {
  return Find("SELECT id FROM checkers WHERE name = ?", name);
}

absl::StatusOr<PageFloor::Page> PageFloor::Read(int64_t run, int64_t after,
                                                std::optional<int64_t> checker, size_t page_size) {
  Page page;
  files_.assign(files_.size(), false);
  sqlite3_stmt* const scan = scan_.get();
  sqlite3_bind_int64(scan, 1, run);
  sqlite3_bind_int64(scan, 2, after);
  int code = sqlite3_step(scan);
  for (; code == SQLITE_ROW; code = sqlite3_step(scan)) {
    if (checker && sqlite3_column_int64(scan, kCheckerColumn) != *checker) continue;
    if (page.ids.size() == page_size) {
      page.more = true;
      break;
    }
    page.text_bytes += ReadColumns(scan);
    page.ids.push_back(sqlite3_column_int64(scan, 0));
    STORED_RETURN_IF_ERROR(ReadReport(page.ids.back(), page));
  }
  sqlite3_reset(scan);
  if (code != SQLITE_DONE && !page.more) return Error();
  return page;
}

absl::Status PageFloor::ReadReport(int64_t id, Page& page) {
  sqlite3_stmt* const report = report_.get();
  sqlite3_bind_int64(report, 1, id);
  if (sqlite3_step(report) != SQLITE_ROW) return Error();
  page.text_bytes += ReadColumns(report);
  const int64_t file = sqlite3_column_int64(report, kFileColumn);
  sqlite3_reset(report);
  if (file >= static_cast<int64_t>(files_.size())) files_.resize(static_cast<size_t>(file) + 1);
  if (files_[static_cast<size_t>(file)]) return absl::OkStatus();
  files_[static_cast<size_t>(file)] = true;
  sqlite3_bind_int64(file_.get(), 1, file);
  if (sqlite3_step(file_.get()) != SQLITE_ROW) return Error();
  page.text_bytes += ReadColumns(file_.get());
  sqlite3_reset(file_.get());
  return absl::OkStatus();
}

}  // namespace stored::bench
