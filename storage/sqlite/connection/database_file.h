#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "storage/sqlite/connection/database.h"

// Tells a whole database from leftovers of a restore that was cut short, of a full disk or of
// another program.
namespace stored::storage::sqlite {

// Looks at a database's file and its write-ahead log as they lie there, without SQLite, which takes
// an empty file for a new database and a foreign log for one that holds nothing.
//
// FAILED_PRECONDITION names the file, what is wrong and what to do: it is missing, empty or no
// regular file, or a log lies beside it that belongs to another file.
absl::Status CheckDatabaseFile(const std::string& path);

// Returns whether there is anything of this name, also a symbolic link to what is not there: as
// where the disk that it points to is not mounted.
bool IsThere(const std::string& path);

// kQuick finds the first problem; kThorough some, and compares indexes with their tables too, which
// takes several times as long.
enum class CheckDepth { kQuick, kThorough };
// Returns what SQLite finds wrong in the whole file, each problem in a line. DATA_LOSS where the
// file is too damaged for that.
absl::StatusOr<std::vector<std::string>> FindDamage(Database& database, CheckDepth depth);

// DATA_LOSS when a database of at most kQuickCheckBytes is damaged. Larger ones are not looked at:
// a start takes no longer for them.
inline constexpr int64_t kQuickCheckBytes = int64_t{64} << 20;
absl::Status QuickCheck(Database& database);

}  // namespace stored::storage::sqlite
