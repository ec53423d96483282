#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "base/files/file_system.h"
#include "storage/sqlite/connection/database.h"

namespace stored::storage::sqlite {

// Opens DIR/meta.db, creating it in a directory that never had one. What has the name is whole:
// it is made under another one and renamed, so that neither a crash nor a full disk leaves a file
// that could be taken for one that has lost what was in it.
//
// FAILED_PRECONDITION as OpenDatabase; also where meta.db is missing while `directory` has products
// or payloads, which only it names.
absl::StatusOr<std::unique_ptr<Database>> OpenMetaDatabase(const std::string& directory,
                                                           FileSystem& files);

// Removes the files of a database: the file itself, then its log.
absl::Status RemoveDatabase(const std::string& path, FileSystem& files);

}  // namespace stored::storage::sqlite
