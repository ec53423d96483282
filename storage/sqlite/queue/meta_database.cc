#include "storage/sqlite/queue/meta_database.h"

#include <fmt/format.h>
#include <sqlite3.h>

#include <filesystem>
#include <optional>
#include <string_view>

#include "base/kill_point.h"
#include "base/status.h"
#include "storage/sqlite/connection/database_file.h"
#include "storage/sqlite/connection/migrations.h"
#include "storage/sqlite/queue/meta_schema.h"

namespace stored::storage::sqlite {
namespace {

constexpr int kMetaCacheKib = 4 << 10;

// Returns a file of `directory` whose name ends in one of `suffixes`; nothing if there is none.
std::optional<std::string> FindFile(const std::string& directory,
                                    std::initializer_list<std::string_view> suffixes) {
  std::error_code error;
  std::filesystem::directory_iterator entries(directory, error);
  if (error) return std::nullopt;
  for (const auto& entry : entries) {
    const std::string path = entry.path().string();
    for (const std::string_view suffix : suffixes) {
      if (path.ends_with(suffix)) return path;
    }
  }
  return std::nullopt;
}

// Returns FAILED_PRECONDITION if `directory` is not new but has lost its meta.db: then it has files
// that only a meta.db refers to.
absl::Status CheckNeverThere(const std::string& directory, const std::string& path) {
  std::optional<std::string> other;
  if (IsThere(path + "-wal")) other = path + "-wal";
  if (!other.has_value()) other = FindFile(directory + "/products", {".db", ".db-wal"});
  if (!other.has_value()) other = FindFile(directory + "/spool", {".payload", ".part"});
  if (!other.has_value()) return absl::OkStatus();
  return absl::FailedPreconditionError(fmt::format(
      "database {} is missing, but {} exists; restore the directory from a backup, or use an empty "
      "directory to begin anew",
      path, *other));
}

// Copies the whole write-ahead log into the database and syncs it, so that the file is complete
// without its log.
absl::Status EmptyLog(Database& database) {
  const int code = sqlite3_wal_checkpoint_v2(database.handle(), nullptr, SQLITE_CHECKPOINT_TRUNCATE,
                                             nullptr, nullptr);
  return code == SQLITE_OK ? absl::OkStatus() : database.ErrorStatus(code);
}

absl::Status MakeDatabase(const std::string& directory, const std::string& path,
                          FileSystem& files) {
  const std::string unfinished = path + ".new";
  STORED_RETURN_IF_ERROR(RemoveDatabase(unfinished, files));
  {
    STORED_ASSIGN_OR_RETURN(const std::unique_ptr<Database> made,
                            OpenDatabase(unfinished, MetaSchema(), /*create=*/true, kMetaCacheKib));
    STORED_RETURN_IF_ERROR(EmptyLog(*made));
  }
  STORED_KILL_POINT("meta.before_rename");
  STORED_RETURN_IF_ERROR(files.Rename(unfinished, path));
  STORED_KILL_POINT("meta.after_rename");
  return files.SyncDirectory(directory);
}

}  // namespace

absl::Status RemoveDatabase(const std::string& path, FileSystem& files) {
  for (const char* suffix : {"", "-wal", "-shm"}) {
    STORED_RETURN_IF_ERROR(files.Remove(path + suffix));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<Database>> OpenMetaDatabase(const std::string& directory,
                                                           FileSystem& files) {
  const std::string path = directory + "/meta.db";
  if (!IsThere(path)) {
    STORED_RETURN_IF_ERROR(CheckNeverThere(directory, path));
    STORED_RETURN_IF_ERROR(MakeDatabase(directory, path, files));
  }
  STORED_ASSIGN_OR_RETURN(std::unique_ptr<Database> meta,
                          OpenDatabase(path, MetaSchema(), /*create=*/false, kMetaCacheKib));
  // SQLite syncs the directory, and with it the log's name, only when it syncs the log itself.
  STORED_RETURN_IF_ERROR(files.SyncDirectory(directory));
  return meta;
}

}  // namespace stored::storage::sqlite
