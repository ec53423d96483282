#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "storage/sqlite/connection/database.h"

namespace stored::storage::sqlite {

// A kind of database file, with the history of its schema.
struct Schema {
  // PRAGMA application_id: tells this program's files from others, and meta.db from a product's.
  int32_t application_id;
  // The kind's name in messages, such as "stored's queue".
  const char* description;
  // Page size of a new file in bytes.
  int page_size;
  // Migration N (from 0) raises PRAGMA user_version from N to N + 1. Must not be edited once
  // released.
  absl::Span<const char* const> migrations;
};

// Opens the file in WAL mode and brings its schema up to date, in one transaction. With `create`,
// creates the file if it does not exist; a file that a crash left without a schema is completed.
// Without `create`, a file without a schema is an error.
//
// FAILED_PRECONDITION if the file is newer than this program, of another program or kind, not a
// complete SQLite database, or damaged (database_file.h lists the damage that is found).
// UNAVAILABLE if another process holds it.
absl::StatusOr<std::unique_ptr<Database>> OpenDatabase(const std::string& path,
                                                       const Schema& schema, bool create,
                                                       int cache_kib);

// Returns the version of the schema. FAILED_PRECONDITION if the database is not of the schema's
// kind, or its version is unknown to this program. With `create` the database may also be empty.
absl::StatusOr<int64_t> CheckKind(Database& database, const Schema& schema, bool create);

}  // namespace stored::storage::sqlite
