#include "storage/sqlite/connection/database_copy.h"

#include <sqlite3.h>

#include <memory>

#include "base/status.h"

namespace stored::storage::sqlite {
namespace {

// The number of pages copied between two calls of `cancelled`: 4 MiB.
constexpr int kPagesAStep = 1024;
constexpr int kCopyCacheKib = 1 << 10;

struct FinishBackup {
  void operator()(sqlite3_backup* backup) const { sqlite3_backup_finish(backup); }
};

}  // namespace

absl::Status CopyDatabase(Database& source, const std::string& path,
                          absl::FunctionRef<bool()> cancelled) {
  STORED_ASSIGN_OR_RETURN(const std::unique_ptr<Database> copy,
                          Database::Open(path, Database::Mode::kCreate, kCopyCacheKib));
  // The caller makes the copy durable in its final place.
  STORED_RETURN_IF_ERROR(copy->Execute("PRAGMA synchronous = OFF"));
  const std::unique_ptr<sqlite3_backup, FinishBackup> backup(
      sqlite3_backup_init(copy->handle(), "main", source.handle(), "main"));
  if (backup == nullptr) return copy->ErrorStatus(sqlite3_errcode(copy->handle()));
  while (true) {
    if (cancelled()) return absl::CancelledError("the backup was given up");
    const int code = sqlite3_backup_step(backup.get(), kPagesAStep);
    if (code == SQLITE_DONE) return absl::OkStatus();
    if (code != SQLITE_OK) return SqliteStatus(code, path, sqlite3_errstr(code));
  }
}

}  // namespace stored::storage::sqlite
