#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "storage/sqlite/connection/database.h"

// Checks that tell a complete database from the remains of an interrupted restore or a full disk,
// and from a file of another program.
namespace stored::storage::sqlite {

// Checks a database's file and its write-ahead log without SQLite, which takes an empty file for a
// new database, and a foreign log for an empty one.
//
// FAILED_PRECONDITION names the file, the problem and the remedy: the file is missing, empty or not
// a regular file, or the log beside it belongs to another file.
absl::Status CheckDatabaseFile(const std::string& path);

// Returns whether anything has this name, even a symbolic link to a missing file: the disk that the
// link points to may not be mounted.
bool IsThere(const std::string& path);

// kQuick finds the first problem. kThorough finds up to ten, and compares indexes with their tables
// too, which takes several times as long.
enum class CheckDepth { kQuick, kThorough };
// Returns the problems that SQLite finds in the whole file, each in one line. DATA_LOSS if the file
// is too damaged for that.
absl::StatusOr<std::vector<std::string>> FindDamage(Database& database, CheckDepth depth);

inline constexpr int64_t kQuickCheckBytes = int64_t{64} << 20;
// Returns DATA_LOSS if a database of at most kQuickCheckBytes is damaged. Does not check larger
// ones, so that they do not slow down the start of a server.
absl::Status QuickCheck(Database& database);

}  // namespace stored::storage::sqlite
