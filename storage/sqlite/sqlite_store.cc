#include "storage/sqlite/sqlite_store.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>

#include <cerrno>
#include <filesystem>
#include <map>
#include <mutex>
#include <utility>
#include <vector>

#include "base/file.h"
#include "base/file_system.h"
#include "base/kill_point.h"
#include "base/status.h"
#include "storage/sqlite/connections.h"
#include "storage/sqlite/meta_schema.h"
#include "storage/sqlite/migrations.h"
#include "storage/sqlite/session_rows.h"
#include "storage/sqlite/sqlite_backup.h"
#include "storage/sqlite/sqlite_result_store.h"
#include "storage/sqlite/sqlite_session_queue.h"

namespace stored::storage {
namespace {

constexpr int kMetaCacheKib = 4 << 10;
constexpr size_t kMaxProductName = 64;

absl::Status CheckProductName(const std::string& name) {
  const auto plain = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
  bool valid = !name.empty() && name.size() <= kMaxProductName && plain(name.front());
  for (const char c : name) valid = valid && (plain(c) || c == '_' || c == '-');
  if (valid) return absl::OkStatus();
  return absl::InvalidArgumentError(
      "a product's name is 1 to 64 of a-z, 0-9, '_' and '-', the first a letter or digit");
}

// Held as long as the store is open, so that no two processes work one queue.
absl::StatusOr<UniqueFd> LockDirectory(const std::string& directory) {
  const std::string path = directory + "/lock";
  STORED_ASSIGN_OR_RETURN(UniqueFd lock, OpenFile(path, O_RDWR | O_CREAT));
  if (flock(lock.get(), LOCK_EX | LOCK_NB) == 0) return lock;
  if (errno != EWOULDBLOCK) return ErrnoStatus(errno, "cannot lock " + path);
  return absl::UnavailableError(fmt::format(
      "{} is in use by another process; end that one, or use another directory", directory));
}

absl::Status RemoveDatabase(const std::string& path, FileSystem& files) {
  for (const char* suffix : {"", "-wal", "-shm"}) {
    STORED_RETURN_IF_ERROR(files.Remove(path + suffix));
  }
  return absl::OkStatus();
}

int64_t BytesOnDisk(const std::string& path) {
  int64_t bytes = 0;
  for (const char* suffix : {"", "-wal"}) {
    std::error_code error;
    const uintmax_t size = std::filesystem::file_size(path + suffix, error);
    if (!error) bytes += static_cast<int64_t>(size);
  }
  return bytes;
}

struct ProductRow {
  std::string name;
  absl::Time created_at;
  ProductState state;
};

absl::StatusOr<std::vector<ProductRow>> ReadProducts(Database& database) {
  STORED_ASSIGN_OR_RETURN(
      Statement select,
      database.Prepare("SELECT name, created_at, state FROM products ORDER BY name"));
  std::vector<ProductRow> products;
  while (true) {
    STORED_ASSIGN_OR_RETURN(const bool row, select.Step());
    if (!row) return products;
    products.push_back(
        {select.String(0), select.Time(1), static_cast<ProductState>(select.Int(2))});
  }
}

absl::StatusOr<std::optional<ProductState>> FindProduct(Database& database,
                                                        const std::string& name) {
  STORED_ASSIGN_OR_RETURN(Statement select,
                          database.Prepare("SELECT state FROM products WHERE name = ?"));
  select.BindAll(name);
  STORED_ASSIGN_OR_RETURN(const bool row, select.Step());
  if (!row) return std::nullopt;
  return static_cast<ProductState>(select.Int(0));
}

absl::Status SetProductState(Database& database, const std::string& name, ProductState state) {
  return database.Run("UPDATE products SET state = ? WHERE name = ?", static_cast<int>(state),
                      name);
}

absl::StatusOr<std::vector<StoreSession>> SessionsOfProduct(Database& database,
                                                            const std::string& product,
                                                            StoreState state) {
  STORED_ASSIGN_OR_RETURN(Statement select,
                          database.Prepare("SELECT " STORED_SESSION_COLUMNS
                                           "FROM stores WHERE product = ? AND state = ?"));
  select.BindAll(product, static_cast<int>(state));
  std::vector<StoreSession> sessions;
  while (true) {
    STORED_ASSIGN_OR_RETURN(const bool row, select.Step());
    if (!row) return sessions;
    STORED_ASSIGN_OR_RETURN(StoreSession session, ReadSession(select));
    sessions.push_back(std::move(session));
  }
}

// Ends what waits for a product that goes.
absl::Status FailWaiting(Database& database, const std::string& product, absl::Time now) {
  STORED_ASSIGN_OR_RETURN(std::vector<StoreSession> waiting,
                          SessionsOfProduct(database, product, StoreState::kEnqueued));
  for (StoreSession& session : waiting) {
    session.state = StoreState::kFailed;
    session.finished_at = now;
    session.revision += SessionQueue::kRevisionStep;
    session.error = {StoreErrorCode::kProductGone,
                     fmt::format("product \"{}\" was removed while the store waited", product)};
    STORED_RETURN_IF_ERROR(UpdateSession(database, session));
  }
  return absl::OkStatus();
}

class SqliteStore final : public Store {
 public:
  SqliteStore(FileSystem& files, std::string directory, UniqueFd lock,
              std::unique_ptr<Database> meta)
      : files_(files),
        directory_(std::move(directory)),
        lock_(std::move(lock)),
        meta_(std::move(meta)),
        meta_readers_(meta_.path()),
        queue_(meta_, meta_readers_) {}

  // Finishes what a crash cut short, opens all products, makes the default one.
  absl::Status Start(absl::Time now);

  SessionQueue& queue() override { return queue_; }
  absl::StatusOr<std::vector<ProductSummary>> ListProducts() override;
  absl::StatusOr<ProductSummary> CreateProduct(const std::string& name, absl::Time now) override;
  absl::Status DeleteProduct(const std::string& name, absl::Time now) override;
  absl::StatusOr<std::shared_ptr<ResultStore>> Results(const std::string& product) override;
  absl::Status Backup(const std::string& work_directory, BackupTarget& target) override;

 private:
  std::string ProductPath(const std::string& name) const {
    return directory_ + "/products/" + name + ".db";
  }
  absl::Status OpenProduct(const ProductRow& product);
  absl::Status RemoveProduct(const std::string& name);
  absl::StatusOr<std::shared_ptr<SqliteResultStore>> FindOpen(const std::string& name);
  absl::Status BeginCreate(const std::string& name, absl::Time now);
  absl::Status BeginDelete(const std::string& name, absl::Time now);

  FileSystem& files_;
  const std::string directory_;
  const UniqueFd lock_;
  Writer meta_;
  // Goes before the writer: only that, closed last, folds the write-ahead log into the database.
  ReaderPool meta_readers_;
  SqliteSessionQueue queue_;

  // Held while a product is created or deleted; before products_mutex_.
  std::mutex change_mutex_;
  std::mutex products_mutex_;
  // Those that are ready.
  std::map<std::string, std::shared_ptr<SqliteResultStore>> products_;
};

absl::Status SqliteStore::Start(absl::Time now) {
  std::vector<ProductRow> products;
  {
    STORED_ASSIGN_OR_RETURN(const ReaderPool::Reader reader, meta_readers_.Acquire());
    STORED_ASSIGN_OR_RETURN(products, ReadProducts(*reader));
  }
  for (const ProductRow& product : products) STORED_RETURN_IF_ERROR(OpenProduct(product));
  if (products_.count(kDefaultProduct) > 0) return absl::OkStatus();
  return CreateProduct(kDefaultProduct, now).status();
}

absl::Status SqliteStore::OpenProduct(const ProductRow& product) {
  if (product.state != ProductState::kReady) return RemoveProduct(product.name);
  STORED_ASSIGN_OR_RETURN(
      products_[product.name],
      SqliteResultStore::Open(product.name, ProductPath(product.name), /*create=*/false));
  return absl::OkStatus();
}

// The files first: as long as the row is there, a crash is made good at the next start.
absl::Status SqliteStore::RemoveProduct(const std::string& name) {
  STORED_KILL_POINT("product.before_remove_file");
  STORED_RETURN_IF_ERROR(RemoveDatabase(ProductPath(name), files_));
  STORED_KILL_POINT("product.after_remove_file");
  STORED_RETURN_IF_ERROR(files_.SyncDirectory(directory_ + "/products"));
  return meta_.Write([&](Database& database) {
    return database.Run("DELETE FROM products WHERE name = ?", name);
  });
}

absl::StatusOr<std::shared_ptr<SqliteResultStore>> SqliteStore::FindOpen(const std::string& name) {
  const std::lock_guard<std::mutex> lock(products_mutex_);
  const auto found = products_.find(name);
  if (found == products_.end()) {
    return absl::NotFoundError(fmt::format("no product named \"{}\"", name));
  }
  return found->second;
}

absl::StatusOr<std::shared_ptr<ResultStore>> SqliteStore::Results(const std::string& product) {
  STORED_ASSIGN_OR_RETURN(std::shared_ptr<SqliteResultStore> results, FindOpen(product));
  return results;
}

absl::Status SqliteStore::Backup(const std::string& work_directory, BackupTarget& target) {
  const BackupSource source = {
      meta_readers_,
      [this](const std::string& product) -> absl::StatusOr<BackupSource::Snapshot> {
        STORED_ASSIGN_OR_RETURN(const std::shared_ptr<SqliteResultStore> results,
                                FindOpen(product));
        STORED_ASSIGN_OR_RETURN(ReaderPool::Reader reader, results->Snapshot());
        return BackupSource::Snapshot{results, std::move(reader)};
      }};
  return BackupDatabases(source, work_directory, target);
}

absl::StatusOr<std::vector<ProductSummary>> SqliteStore::ListProducts() {
  std::vector<ProductRow> rows;
  {
    STORED_ASSIGN_OR_RETURN(const ReaderPool::Reader reader, meta_readers_.Acquire());
    STORED_ASSIGN_OR_RETURN(rows, ReadProducts(*reader));
  }
  std::vector<ProductSummary> products;
  for (const ProductRow& row : rows) {
    // One that goes or comes at this moment is left out.
    const absl::StatusOr<std::shared_ptr<SqliteResultStore>> results = FindOpen(row.name);
    if (row.state != ProductState::kReady || !results.ok()) continue;
    const absl::StatusOr<int64_t> runs = (*results)->CountRuns();
    if (absl::IsNotFound(runs.status())) continue;
    STORED_RETURN_IF_ERROR(runs.status());
    products.push_back({row.name, row.created_at, static_cast<int32_t>(*runs),
                        BytesOnDisk(ProductPath(row.name))});
  }
  return products;
}

absl::Status SqliteStore::BeginCreate(const std::string& name, absl::Time now) {
  return meta_.Write([&](Database& database) -> absl::Status {
    STORED_ASSIGN_OR_RETURN(const std::optional<ProductState> state, FindProduct(database, name));
    if (state.has_value()) {
      return absl::AlreadyExistsError(fmt::format("there is a product named \"{}\"", name));
    }
    return database.Run("INSERT INTO products (name, created_at, state) VALUES (?, ?, ?)", name,
                        now, static_cast<int>(ProductState::kCreating));
  });
}

absl::StatusOr<ProductSummary> SqliteStore::CreateProduct(const std::string& name, absl::Time now) {
  STORED_RETURN_IF_ERROR(CheckProductName(name));
  const std::lock_guard<std::mutex> lock(change_mutex_);
  const std::string path = ProductPath(name);
  std::error_code error;
  if (std::filesystem::exists(path, error) && !FindOpen(name).ok()) {
    return absl::FailedPreconditionError(
        fmt::format("database {} is there, but no product has it; move it away first", path));
  }
  STORED_RETURN_IF_ERROR(BeginCreate(name, now));
  STORED_KILL_POINT("product.before_create_file");
  absl::StatusOr<std::shared_ptr<SqliteResultStore>> results =
      SqliteResultStore::Open(name, path, /*create=*/true);
  if (!results.ok()) {
    static_cast<void>(RemoveProduct(name));  // The error to tell is the first one.
    return results.status();
  }
  STORED_KILL_POINT("product.before_directory_sync");
  STORED_RETURN_IF_ERROR(files_.SyncDirectory(directory_ + "/products"));
  STORED_RETURN_IF_ERROR(meta_.Write(
      [&](Database& database) { return SetProductState(database, name, ProductState::kReady); }));
  const std::lock_guard<std::mutex> products_lock(products_mutex_);
  products_[name] = *std::move(results);
  return ProductSummary{name, FromDatabaseTime(ToDatabaseTime(now)), 0, BytesOnDisk(path)};
}

absl::Status SqliteStore::BeginDelete(const std::string& name, absl::Time now) {
  return meta_.Write([&](Database& database) -> absl::Status {
    STORED_ASSIGN_OR_RETURN(const std::optional<ProductState> state, FindProduct(database, name));
    if (!state.has_value()) {
      return absl::NotFoundError(fmt::format("no product named \"{}\"", name));
    }
    STORED_ASSIGN_OR_RETURN(const std::vector<StoreSession> running,
                            SessionsOfProduct(database, name, StoreState::kRunning));
    if (!running.empty()) {
      return absl::FailedPreconditionError(
          fmt::format("product \"{}\" is in use: store {} into it is running; wait for it or "
                      "cancel it",
                      name, running.front().token));
    }
    STORED_RETURN_IF_ERROR(FailWaiting(database, name, now));
    return SetProductState(database, name, ProductState::kDeleting);
  });
}

absl::Status SqliteStore::DeleteProduct(const std::string& name, absl::Time now) {
  if (name == kDefaultProduct) {
    return absl::FailedPreconditionError(
        fmt::format("product \"{}\" is always there and cannot be removed", name));
  }
  const std::lock_guard<std::mutex> lock(change_mutex_);
  STORED_RETURN_IF_ERROR(BeginDelete(name, now));
  {
    const std::lock_guard<std::mutex> products_lock(products_mutex_);
    const auto found = products_.find(name);
    if (found != products_.end()) {
      found->second->MarkGone();
      products_.erase(found);
    }
  }
  return RemoveProduct(name);
}

}  // namespace

absl::StatusOr<std::unique_ptr<Store>> OpenSqliteStore(const std::string& directory, absl::Time now,
                                                       FileSystem& files) {
  STORED_ASSIGN_OR_RETURN(UniqueFd lock, LockDirectory(directory));
  STORED_RETURN_IF_ERROR(CreateDirectories(directory + "/products", files));
  STORED_ASSIGN_OR_RETURN(
      std::unique_ptr<Database> meta,
      OpenDatabase(directory + "/meta.db", MetaSchema(), /*create=*/true, kMetaCacheKib));
  STORED_RETURN_IF_ERROR(files.SyncDirectory(directory));
  auto store = std::make_unique<SqliteStore>(files, directory, std::move(lock), std::move(meta));
  STORED_RETURN_IF_ERROR(store->Start(now));
  return store;
}

}  // namespace stored::storage
