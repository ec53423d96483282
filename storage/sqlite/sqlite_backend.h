#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "base/files/file_system.h"
#include "storage/backend.h"

namespace stored::storage::sqlite {

// Opens the embedded backend in `directory`, and creates what is missing in it: meta.db, products/,
// and the product "default". REQUIRES: the directory exists.
//
// FAILED_PRECONDITION names a database that is newer than this program, missing, empty, of another
// program, not a SQLite database or damaged, and the remedy. UNAVAILABLE names one that another
// process holds. `files`, for the operations that SQLite does not do itself, outlives the backend.
absl::StatusOr<std::unique_ptr<Backend>> OpenSqliteBackend(const std::string& directory,
                                                           absl::Time now,
                                                           FileSystem& files = FileSystem::Posix());

}  // namespace stored::storage::sqlite
