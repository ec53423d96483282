#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "storage/sqlite/check/directory_check.h"
#include "storage/sqlite/connection/database.h"
#include "storage/sqlite/connection/migrations.h"

namespace stored::storage::sqlite {

// Opens a database to read it as it lies there, with the log that a crash left.
absl::StatusOr<std::unique_ptr<Database>> OpenAsItIs(const std::string& path, int cache_kib);

// Opens `file` to look at it and sets `*version` to that of its schema; null, with a problem noted,
// when it is not a database of that schema.
std::unique_ptr<Database> OpenToCheck(const Schema& schema, CheckedFile& file, int64_t* version);

// Checks a product's database: what SQLite finds, whether rows mention what is there, whether the
// counts of runs are true, whether every report can be read and every source has its digest.
void CheckProduct(CheckedFile& file);

}  // namespace stored::storage::sqlite
