#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "base/files/file_system.h"
#include "storage/backend.h"

namespace stored::storage::sqlite {

// Opens the embedded store in `directory`, which exists, creating what is not there yet: meta.db,
// products/, and the product "default".
//
// FAILED_PRECONDITION names a database that is newer than this program, missing, empty, of another
// program, no SQLite database or damaged, and says what to do; UNAVAILABLE one that another process
// holds. `files`, for what SQLite does not do itself, outlives the store.
absl::StatusOr<std::unique_ptr<Backend>> OpenSqliteBackend(const std::string& directory,
                                                           absl::Time now,
                                                           FileSystem& files = FileSystem::Posix());

}  // namespace stored::storage::sqlite
