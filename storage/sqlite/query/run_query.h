#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "storage/product_results.h"
#include "storage/sqlite/connection/database.h"

// Queries for runs. REQUIRES: the Database shows one snapshot during a call: in a read transaction,
// or because nothing changes the file.
namespace stored::storage::sqlite {

// Implements ProductResults::ListRuns.
absl::StatusOr<RunPage> QueryRuns(Database& database, const std::string& name_pattern,
                                  int page_size, const std::string& page_token);

// Returns NOT_FOUND if the product has no such run.
absl::StatusOr<RunSummary> QueryRun(Database& database, const std::string& name);

}  // namespace stored::storage::sqlite
