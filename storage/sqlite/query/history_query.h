#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "storage/product_results.h"
#include "storage/sqlite/connection/database.h"

namespace stored::storage::sqlite {

// Implements ProductResults::ListRunHistory. REQUIRES: the Database shows one snapshot during the
// call.
absl::StatusOr<HistoryPage> QueryHistory(Database& database, const std::string& run_name,
                                         int page_size, const std::string& page_token);

}  // namespace stored::storage::sqlite
