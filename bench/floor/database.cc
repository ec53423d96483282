#include "bench/floor/database.h"

#include <fcntl.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

namespace stored::bench::floor {
namespace {

// The page size is the same as stored's. A cache as large as that of its writer gained nothing
// measurable. The table has one index, because a run's reports must be found again.
constexpr char kSchema[] = R"sql(
PRAGMA page_size = 4096;
PRAGMA journal_mode = WAL;
PRAGMA synchronous = FULL;
CREATE TABLE files (id INTEGER PRIMARY KEY, path TEXT NOT NULL UNIQUE, sha256 BLOB);
CREATE TABLE contents (sha256 BLOB NOT NULL UNIQUE, size INTEGER NOT NULL, zstd BLOB NOT NULL);
CREATE TABLE checkers (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
CREATE TABLE reports (
  id INTEGER PRIMARY KEY, run_id INTEGER NOT NULL, checker_id INTEGER NOT NULL,
  file_id INTEGER NOT NULL, line INTEGER NOT NULL, col INTEGER NOT NULL, severity INTEGER NOT NULL,
  report_hash ANY NOT NULL, identity BLOB NOT NULL, category TEXT NOT NULL, type TEXT NOT NULL,
  message TEXT NOT NULL, bug_path BLOB NOT NULL) STRICT;
CREATE INDEX reports_by_run ON reports (run_id);
BEGIN IMMEDIATE;
)sql";

void Check(int code, sqlite3* database) {
  if (code == SQLITE_OK || code == SQLITE_DONE) return;
  std::fprintf(stderr, "bench_floor: %s\n", sqlite3_errmsg(database));
  std::exit(1);
}

void BindText(sqlite3_stmt* statement, int index, std::string_view text) {
  sqlite3_bind_text(statement, index, text.data(), static_cast<int>(text.size()), SQLITE_STATIC);
}

void BindBlob(sqlite3_stmt* statement, int index, std::string_view bytes) {
  sqlite3_bind_blob(statement, index, bytes.data(), static_cast<int>(bytes.size()), SQLITE_STATIC);
}

}  // namespace

ReportDatabase::ReportDatabase(const std::string& path) {
  Check(sqlite3_open_v2(path.c_str(), &database_,
                        SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, nullptr),
        database_);
  Check(sqlite3_exec(database_, kSchema, nullptr, nullptr, nullptr), database_);
  insert_file_ = Prepare("INSERT INTO files VALUES (?, ?, ?)");
  insert_report_ = Prepare("INSERT INTO reports VALUES (NULL, 1, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
  insert_content_ = Prepare("INSERT INTO contents VALUES (?, ?, ?)");
  insert_checker_ = Prepare("INSERT INTO checkers VALUES (NULL, ?)");
}

ReportDatabase::~ReportDatabase() {
  for (sqlite3_stmt* statement : {insert_file_, insert_report_, insert_content_, insert_checker_}) {
    sqlite3_finalize(statement);
  }
  sqlite3_close(database_);
}

sqlite3_stmt* ReportDatabase::Prepare(const char* sql) {
  sqlite3_stmt* statement = nullptr;
  Check(sqlite3_prepare_v3(database_, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, nullptr),
        database_);
  return statement;
}

void ReportDatabase::Run(sqlite3_stmt* statement) {
  Check(sqlite3_step(statement), database_);
  sqlite3_reset(statement);
}

void ReportDatabase::AddFile(uint32_t id, std::string_view path, std::string_view sha256) {
  sqlite3_bind_int64(insert_file_, 1, id);
  BindText(insert_file_, 2, path);
  BindBlob(insert_file_, 3, sha256);
  Run(insert_file_);
}

int64_t ReportDatabase::CheckerId(const std::string& name) {
  const auto [entry, fresh] = checkers_.try_emplace(name, 0);
  if (fresh) {
    BindText(insert_checker_, 1, name);
    Run(insert_checker_);
    entry->second = sqlite3_last_insert_rowid(database_);
  }
  return entry->second;
}

void ReportDatabase::AddReport(const Row& row) {
  int at = 0;
  sqlite3_bind_int64(insert_report_, ++at, CheckerId(row.checker));
  sqlite3_bind_int64(insert_report_, ++at, row.file);
  sqlite3_bind_int64(insert_report_, ++at, row.line);
  sqlite3_bind_int64(insert_report_, ++at, row.column);
  sqlite3_bind_int64(insert_report_, ++at, row.severity);
  BindBlob(insert_report_, ++at, row.report_hash);
  BindBlob(insert_report_, ++at, row.identity);
  BindText(insert_report_, ++at, row.category);
  BindText(insert_report_, ++at, row.type);
  BindText(insert_report_, ++at, row.message);
  BindBlob(insert_report_, ++at, row.bug_path);
  Run(insert_report_);
}

void ReportDatabase::AddContent(std::string_view sha256, std::string_view zstd, uint64_t size) {
  BindBlob(insert_content_, 1, sha256);
  sqlite3_bind_int64(insert_content_, 2, static_cast<int64_t>(size));
  BindBlob(insert_content_, 3, zstd);
  Run(insert_content_);
}

// With synchronous=FULL SQLite syncs the log itself.
void ReportDatabase::Commit() {
  Check(sqlite3_exec(database_, "COMMIT", nullptr, nullptr, nullptr), database_);
}

}  // namespace stored::bench::floor
