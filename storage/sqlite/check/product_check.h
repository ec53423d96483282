#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "storage/sqlite/check/directory_check.h"
#include "storage/sqlite/connection/database.h"
#include "storage/sqlite/connection/migrations.h"

namespace stored::storage::sqlite {

// Opens a database read-only, including a write-ahead log that a crash left. Changes no file.
absl::StatusOr<std::unique_ptr<Database>> OpenAsItIs(const std::string& path, int cache_kib);

// Opens `file` read-only and sets `*version` to the version of its schema. If it is not a database
// of that schema, adds a problem to `file` and returns nullptr.
std::unique_ptr<Database> OpenToCheck(const Schema& schema, CheckedFile& file, int64_t* version);

// Checks a product's database: SQLite's own check, references between rows, the counts of runs,
// that every report can be read, and that every source has its digest. Adds problems to `file`.
void CheckProduct(CheckedFile& file);

}  // namespace stored::storage::sqlite
