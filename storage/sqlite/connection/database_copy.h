#pragma once

#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "storage/sqlite/connection/database.h"

namespace stored::storage::sqlite {

// Copies the snapshot that `source` reads (a read transaction must be open) into a new database at
// `path`, by SQLite's online backup. Writers go on meanwhile. `cancelled` is asked from time to
// time; true ends the copy with CANCELLED. What is left of a failed copy is the caller's to remove.
absl::Status CopyDatabase(Database& source, const std::string& path,
                          absl::FunctionRef<bool()> cancelled);

}  // namespace stored::storage::sqlite
