#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "base/files/file_system.h"
#include "storage/sqlite/connection/database.h"

namespace stored::storage::sqlite {

// Opens DIR/meta.db, or creates it in a directory that never had one. It is created under another
// name and renamed once it is complete, so that neither a crash nor a full disk leaves an
// incomplete meta.db.
//
// Returns FAILED_PRECONDITION as OpenDatabase does, and if meta.db is missing although `directory`
// has products or payloads, which only a meta.db refers to.
absl::StatusOr<std::unique_ptr<Database>> OpenMetaDatabase(const std::string& directory,
                                                           FileSystem& files);

// Removes the files of a database: the file itself, then its log.
absl::Status RemoveDatabase(const std::string& path, FileSystem& files);

}  // namespace stored::storage::sqlite
