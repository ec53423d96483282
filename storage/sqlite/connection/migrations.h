#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "storage/sqlite/connection/database.h"

namespace stored::storage::sqlite {

// A kind of database file: what it is and how its schema came to be.
struct Schema {
  // PRAGMA application_id: tells our files from others, and meta.db from a product's.
  int32_t application_id;
  // For messages: "stored's queue".
  const char* description;
  // Page size of a file that is made, bytes.
  int page_size;
  // Migration N (from 0) brings PRAGMA user_version from N to N + 1. Never edited once released.
  absl::Span<const char* const> migrations;
};

// Opens the file in WAL mode and brings its schema up to date, in one transaction. With `create` it
// is made when not there, or made anew where a crash came between that and the transaction's end;
// without, what has no schema is damage.
//
// FAILED_PRECONDITION: the file is newer than this program, of another program or kind, no whole
// SQLite database, or damaged (database_file.h says what of that is found). UNAVAILABLE: another
// process holds it.
absl::StatusOr<std::unique_ptr<Database>> OpenDatabase(const std::string& path,
                                                       const Schema& schema, bool create,
                                                       int cache_kib);

// Checks that the database is of the schema's kind and of a version that this program knows, which
// it returns: FAILED_PRECONDITION otherwise. With `create` it may also be one that nothing was
// written to.
absl::StatusOr<int64_t> CheckKind(Database& database, const Schema& schema, bool create);

}  // namespace stored::storage::sqlite
