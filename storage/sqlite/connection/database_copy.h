#pragma once

#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "storage/sqlite/connection/database.h"

namespace stored::storage::sqlite {

// Copies the snapshot that `source` reads into a new database at `path`, by SQLite's online backup.
// Writers of the source go on meanwhile. Calls `cancelled` from time to time; true ends the copy
// with CANCELLED. After an error the caller removes the file. REQUIRES: a read transaction of
// `source` is open.
absl::Status CopyDatabase(Database& source, const std::string& path,
                          absl::FunctionRef<bool()> cancelled);

}  // namespace stored::storage::sqlite
