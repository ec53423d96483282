#include "storage/sqlite/connection/migrations.h"

#include <fmt/format.h>

#include "base/kill_point.h"
#include "base/status.h"
#include "storage/sqlite/connection/database_file.h"

namespace stored::storage::sqlite {

absl::StatusOr<int64_t> CheckKind(Database& database, const Schema& schema, bool create) {
  STORED_ASSIGN_OR_RETURN(const int64_t id, database.QueryInt("PRAGMA application_id"));
  STORED_ASSIGN_OR_RETURN(const int64_t version, database.QueryInt("PRAGMA user_version"));
  STORED_ASSIGN_OR_RETURN(const int64_t objects,
                          database.QueryInt("SELECT count(*) FROM sqlite_schema"));
  const bool fresh = id == 0 && version == 0 && objects == 0;
  if (fresh && !create) {
    return absl::FailedPreconditionError(
        fmt::format("database {} has no tables; restore it from a backup", database.path()));
  }
  if (!fresh && id != schema.application_id) {
    return absl::FailedPreconditionError(
        fmt::format("database {} is not {}, but another program's; move it away and restore the "
                    "right one from a backup",
                    database.path(), schema.description));
  }
  const auto known = static_cast<int64_t>(schema.migrations.size());
  if (version < 0 || version > known) {
    return absl::FailedPreconditionError(fmt::format(
        "database {} has schema version {}, newer than this program, which knows versions up to "
        "{}; run a newer stored",
        database.path(), version, known));
  }
  return version;
}

namespace {

// Commits even if there is nothing to migrate. A process that was killed may have left commits in
// the log that were never synced. SQLite reads them as committed, and clients will be told of them,
// so they must be durable: this commit syncs the whole log.
absl::Status Migrate(Database& database, const Schema& schema) {
  STORED_ASSIGN_OR_RETURN(Transaction transaction,
                          Transaction::Begin(database, Transaction::Kind::kWrite));
  STORED_ASSIGN_OR_RETURN(const int64_t version, database.QueryInt("PRAGMA user_version"));
  const auto known = static_cast<int64_t>(schema.migrations.size());
  for (int64_t next = version; next < known; ++next) {
    STORED_RETURN_IF_ERROR(Annotate(database.Execute(schema.migrations[static_cast<size_t>(next)]),
                                    fmt::format("migration to version {}", next + 1)));
  }
  STORED_RETURN_IF_ERROR(database.Execute(fmt::format(
      "PRAGMA user_version = {}; PRAGMA application_id = {};", known, schema.application_id)));
  STORED_KILL_POINT("migration.before_commit");
  return transaction.Commit();
}

absl::Status Prepare(Database& database, const Schema& schema, bool create) {
  STORED_RETURN_IF_ERROR(database.Execute(fmt::format("PRAGMA page_size = {}", schema.page_size)));
  STORED_RETURN_IF_ERROR(CheckKind(database, schema, create).status());
  if (!create) STORED_RETURN_IF_ERROR(QuickCheck(database));
  STORED_RETURN_IF_ERROR(database.Execute("PRAGMA journal_mode = WAL"));
  return Migrate(database, schema);
}

absl::StatusOr<std::unique_ptr<Database>> OpenAndPrepare(const std::string& path,
                                                         const Schema& schema, bool create,
                                                         int cache_kib) {
  if (!create) STORED_RETURN_IF_ERROR(CheckDatabaseFile(path));
  STORED_ASSIGN_OR_RETURN(
      std::unique_ptr<Database> database,
      Database::Open(path, create ? Database::Mode::kCreate : Database::Mode::kReadWrite,
                     cache_kib));
  STORED_RETURN_IF_ERROR(Prepare(*database, schema, create));
  return database;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Database>> OpenDatabase(const std::string& path,
                                                       const Schema& schema, bool create,
                                                       int cache_kib) {
  absl::StatusOr<std::unique_ptr<Database>> database =
      OpenAndPrepare(path, schema, create, cache_kib);
  if (absl::IsDataLoss(database.status())) {
    return absl::FailedPreconditionError(std::string(database.status().message()));
  }
  return database;
}

}  // namespace stored::storage::sqlite
