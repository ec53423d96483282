#include "storage/sqlite/sqlite_backup.h"

#include <fmt/format.h>
#include <unistd.h>

#include <utility>
#include <vector>

#include "base/status.h"
#include "storage/sqlite/connection/database_copy.h"
#include "storage/sqlite/queue/meta_schema.h"
#include "storage/sqlite/queue/session_rows.h"

namespace stored::storage::sqlite {
namespace {

constexpr int kCopyCacheKib = 1 << 10;

class Backup {
 public:
  Backup(const BackupSource& source, const std::string& work_directory, BackupTarget& target)
      : source_(source),
        target_(target),
        meta_copy_(work_directory + "/meta.db"),
        product_copy_(work_directory + "/product.db") {}

  absl::Status Run() {
    {
      STORED_ASSIGN_OR_RETURN(const ReaderPool::Reader meta, source_.meta.Acquire());
      STORED_RETURN_IF_ERROR(Copy(*meta, meta_copy_));
    }
    STORED_ASSIGN_OR_RETURN(meta_,
                            Database::Open(meta_copy_, Database::Mode::kReadWrite, kCopyCacheKib));
    // Keeps the copy in one file, without a log beside it.
    STORED_RETURN_IF_ERROR(meta_->Execute("PRAGMA journal_mode = DELETE"));
    STORED_RETURN_IF_ERROR(TakePayloads());
    STORED_RETURN_IF_ERROR(TakeProducts());
    meta_.reset();
    return target_.TakeDatabase("meta.db", meta_copy_);
  }

 private:
  absl::Status Copy(Database& database, const std::string& path) {
    return CopyDatabase(database, path, [this] { return target_.Cancelled(); });
  }

  absl::StatusOr<std::vector<StoreSession>> InProgress() {
    STORED_ASSIGN_OR_RETURN(Statement select,
                            meta_->Prepare("SELECT " STORED_SESSION_COLUMNS
                                           "FROM stores WHERE state IN (?, ?) ORDER BY sequence"));
    select.BindAll(static_cast<int>(StoreState::kEnqueued), static_cast<int>(StoreState::kRunning));
    return ReadSessions(select);
  }

  absl::Status TakePayloads() {
    STORED_ASSIGN_OR_RETURN(const std::vector<StoreSession> sessions, InProgress());
    for (const StoreSession& session : sessions) {
      STORED_ASSIGN_OR_RETURN(const bool there, target_.TakePayload(session.payload.file));
      if (there) continue;
      // The store has ended: payloads are removed for no other reason.
      STORED_ASSIGN_OR_RETURN(const ReaderPool::Reader now, source_.meta.Acquire());
      STORED_ASSIGN_OR_RETURN(const std::optional<StoreSession> ended,
                              FindSession(*now, session.token));
      if (ended.has_value()) STORED_RETURN_IF_ERROR(UpdateSession(*meta_, *ended));
    }
    return absl::OkStatus();
  }

  absl::Status TakeProducts() {
    std::vector<std::string> names;
    {
      STORED_ASSIGN_OR_RETURN(
          Statement select,
          meta_->Prepare("SELECT name FROM products WHERE state = ? ORDER BY name"));
      select.BindAll(static_cast<int>(ProductState::kReady));
      while (true) {
        STORED_ASSIGN_OR_RETURN(const bool row, select.Step());
        if (!row) break;
        names.push_back(select.String(0));
      }
    }
    for (const std::string& name : names) STORED_RETURN_IF_ERROR(TakeProduct(name));
    return absl::OkStatus();
  }

  absl::Status TakeProduct(const std::string& name) {
    {
      absl::StatusOr<BackupSource::Snapshot> snapshot = source_.product(name);
      if (absl::IsNotFound(snapshot.status())) {
        // Leaves the row as a server does that died while it removed the product.
        return meta_->Run("UPDATE products SET state = ? WHERE name = ?",
                          static_cast<int>(ProductState::kDeleting), name);
      }
      STORED_RETURN_IF_ERROR(snapshot.status());
      STORED_RETURN_IF_ERROR(Copy(*snapshot->reader, product_copy_));
    }
    absl::Status taken = target_.TakeDatabase(fmt::format("products/{}.db", name), product_copy_);
    ::unlink(product_copy_.c_str());
    return taken;
  }

  const BackupSource& source_;
  BackupTarget& target_;
  const std::string meta_copy_;
  const std::string product_copy_;
  // The copy of meta.db.
  std::unique_ptr<Database> meta_;
};

}  // namespace

absl::Status BackupDatabases(const BackupSource& source, const std::string& work_directory,
                             BackupTarget& target) {
  return Backup(source, work_directory, target).Run();
}

}  // namespace stored::storage::sqlite
