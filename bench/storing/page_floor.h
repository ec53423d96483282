#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace stored::bench {

// The cost of a page of ListReports in SQLite alone: hand-written SQL through the C API, on a
// read-only connection of its own. Reads every column of each report and keeps none. Statements are
// prepared once. Not safe for concurrent use.
class PageFloor {
 public:
  // `database` is a product's database, which a server may have open.
  static absl::StatusOr<PageFloor> Open(const std::string& database);

  absl::StatusOr<int64_t> RunId(const std::string& name);
  absl::StatusOr<int64_t> CheckerId(const std::string& name);

  struct Page {
    std::vector<int64_t> ids;
    bool more = false;
    uint64_t text_bytes = 0;  // In all texts and blobs.
  };
  // Reads at most `page_size` of the run's reports with ids after `after`, only those of `checker`
  // if one is given, and whether there are more.
  absl::StatusOr<Page> Read(int64_t run, int64_t after, std::optional<int64_t> checker,
                            size_t page_size);

 private:
  struct Close {
    void operator()(sqlite3* database) const { sqlite3_close_v2(database); }
    void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
  };
  using Statement = std::unique_ptr<sqlite3_stmt, Close>;

  explicit PageFloor(sqlite3* database) : database_(database) {}

  absl::Status Error() const;
  absl::StatusOr<Statement> Prepare(const char* sql);
  absl::StatusOr<int64_t> Find(const char* sql, const std::string& name);
  absl::Status ReadReport(int64_t id, Page& page);

  std::unique_ptr<sqlite3, Close> database_;
  Statement scan_;
  Statement report_;
  Statement file_;
  std::vector<bool> files_;  // By id: true if the page already has the file's path.
};

}  // namespace stored::bench
