#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "absl/container/flat_hash_map.h"

namespace stored::bench::floor {

// A report in the floor's database: one row, with the bug path in one blob.
struct Row {
  std::string report_hash;
  std::string identity;
  std::string checker;
  std::string category;
  std::string type;
  std::string message;
  uint32_t file = 0;
  uint32_t line = 0;
  uint32_t column = 0;
  uint32_t severity = 0;
  std::string bug_path;
};

// The smallest database that can keep reports: the indispensable part of stored's, and nothing
// else. It is as durable as stored's (write-ahead log, so that readers wait for no store;
// synchronous=FULL) and is filled in one transaction. Ends the program if SQLite fails.
class ReportDatabase {
 public:
  explicit ReportDatabase(const std::string& path);
  ~ReportDatabase();
  ReportDatabase(const ReportDatabase&) = delete;
  ReportDatabase& operator=(const ReportDatabase&) = delete;

  void AddFile(uint32_t id, std::string_view path, std::string_view sha256);
  void AddReport(const Row& row);
  void AddContent(std::string_view sha256, std::string_view zstd, uint64_t size);
  // Returns when the data is on disk.
  void Commit();

 private:
  int64_t CheckerId(const std::string& name);
  sqlite3_stmt* Prepare(const char* sql);
  void Run(sqlite3_stmt* statement);

  sqlite3* database_ = nullptr;
  sqlite3_stmt* insert_file_ = nullptr;
  sqlite3_stmt* insert_report_ = nullptr;
  sqlite3_stmt* insert_content_ = nullptr;
  sqlite3_stmt* insert_checker_ = nullptr;
  absl::flat_hash_map<std::string, int64_t> checkers_;
};

}  // namespace stored::bench::floor
