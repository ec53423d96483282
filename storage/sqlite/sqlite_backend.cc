#include "storage/sqlite/sqlite_backend.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <utility>
#include <vector>

#include "base/files/file_system.h"
#include "base/kill_point.h"
#include "base/mutex.h"
#include "base/status.h"
#include "base/text/text.h"
#include "storage/policy/field_checks.h"
#include "storage/policy/resource_errors.h"
#include "storage/policy/retention.h"
#include "storage/policy/session_transitions.h"
#include "storage/sqlite/connection/connections.h"
#include "storage/sqlite/connection/database_file.h"
#include "storage/sqlite/connection/directory_lock.h"
#include "storage/sqlite/gc/session_garbage.h"
#include "storage/sqlite/queue/meta_database.h"
#include "storage/sqlite/queue/meta_schema.h"
#include "storage/sqlite/queue/product_rows.h"
#include "storage/sqlite/queue/session_rows.h"
#include "storage/sqlite/queue/sqlite_session_queue.h"
#include "storage/sqlite/results/sqlite_product_results.h"
#include "storage/sqlite/sqlite_backup.h"

namespace stored::storage::sqlite {
namespace {

std::string OrphanWarning(const std::string& path) {
  return fmt::format(
      "database {} exists, but no product has it: its results are not served; restore the meta.db "
      "that goes with it from a backup, or move it away",
      Printable(path));
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

absl::StatusOr<std::vector<StoreSession>> SessionsOfProduct(Database& database,
                                                            const std::string& product,
                                                            StoreState state) {
  STORED_ASSIGN_OR_RETURN(Statement select,
                          database.Prepare("SELECT " STORED_SESSION_COLUMNS
                                           "FROM stores WHERE product = ? AND state = ?"));
  select.BindAll(product, static_cast<int>(state));
  return ReadSessions(select);
}

// Fails the ENQUEUED sessions of a product that is being removed.
absl::Status FailWaiting(Database& database, const std::string& product, absl::Time now) {
  STORED_ASSIGN_OR_RETURN(std::vector<StoreSession> waiting,
                          SessionsOfProduct(database, product, StoreState::kEnqueued));
  for (StoreSession& session : waiting) {
    STORED_RETURN_IF_ERROR(FailForRemovedProduct(session, now));
    STORED_RETURN_IF_ERROR(UpdateSession(database, session));
  }
  return absl::OkStatus();
}

class SqliteBackend final : public Backend {
 public:
  SqliteBackend(FileSystem& files, std::string directory, DirectoryLock lock,
                std::unique_ptr<Database> meta)
      : files_(files),
        directory_(std::move(directory)),
        stopped_cleanly_(lock.stopped_cleanly()),
        lock_(std::move(lock)),
        meta_(std::move(meta)),
        meta_readers_(meta_.path()),
        queue_(meta_, meta_readers_) {}

  // Removes the products whose creation or deletion a crash interrupted, opens all others, and
  // creates the default one if it is missing.
  absl::Status Start(absl::Time now);

  SessionQueue& queue() override { return queue_; }
  absl::Status MarkWorking() override;
  absl::Status MarkStopped() override;
  bool stopped_cleanly() const override { return stopped_cleanly_; }
  const std::vector<std::string>& start_warnings() const override { return start_warnings_; }
  absl::StatusOr<std::vector<ProductSummary>> ListProducts() override;
  absl::StatusOr<ProductSummary> CreateProduct(const std::string& name,
                                               const ProductSettings& settings,
                                               absl::Time now) override;
  absl::StatusOr<ProductSummary> UpdateProduct(const std::string& name,
                                               const ProductSettingsChange& change) override;
  absl::Status DeleteProduct(const std::string& name, absl::Time now) override;
  absl::StatusOr<std::shared_ptr<ProductResults>> Results(const std::string& product) override;
  absl::Status Backup(const std::string& work_directory, BackupTarget& target) override;
  absl::StatusOr<ProductSettings> Settings(const std::string& product) override;
  absl::Status RemoveRun(const std::string& product, const std::string& run_name) override;
  absl::Status CollectGarbage(const GarbageRules& rules, GcPace& pace, Garbage& removed) override;
  absl::StatusOr<Garbage> CountGarbage(const GarbageRules& rules, GcPace& pace) override;

 private:
  // A product in state kReady.
  struct OpenedProduct {
    std::shared_ptr<SqliteProductResults> results;
    ProductSettings settings;
  };

  std::string ProductPath(const std::string& name) const {
    return directory_ + "/products/" + name + ".db";
  }
  absl::Status OpenProduct(const ProductRow& product);
  // Adds a start warning for each database that belongs to no product. Changes no database.
  absl::Status NoteOrphans();
  absl::Status RemoveProduct(const std::string& name);
  absl::StatusOr<OpenedProduct> FindOpen(const std::string& name);
  absl::StatusOr<ProductSummary> Summarize(const ProductRow& product,
                                           SqliteProductResults& results);
  absl::Status BeginCreate(const ProductRow& product);
  absl::Status BeginDelete(const std::string& name, absl::Time now);
  UnfinishedStore UnfinishedIn(const std::string& product);
  absl::StatusOr<std::vector<std::string>> ReadyProducts();
  // Calls `visit(bounds, product, results, found)` for one product after another, and adds what it
  // found to `garbage`. Continues after an error, and returns the first one.
  template <typename Visit>
  absl::Status ForEachProduct(const GarbageRules& rules, GcPace& pace, Garbage& garbage,
                              Visit visit);

  FileSystem& files_;
  const std::string directory_;
  const bool stopped_cleanly_;
  Mutex lock_mutex_;
  DirectoryLock lock_ ABSL_GUARDED_BY(lock_mutex_);
  Writer meta_;
  // Declared after the writer, so that its connections are closed first: SQLite copies the
  // write-ahead log into the database when the last connection closes, and only the writer can.
  ReaderPool meta_readers_;
  SqliteSessionQueue queue_;

  // Written by Start only.
  std::vector<std::string> start_warnings_;

  // Held during a backup, and while ended sessions are removed.
  Mutex backup_mutex_;
  // Held while a product is created, changed or deleted.
  Mutex change_mutex_ ABSL_ACQUIRED_BEFORE(products_mutex_);
  Mutex products_mutex_;
  std::map<std::string, OpenedProduct> products_ ABSL_GUARDED_BY(products_mutex_);
};

absl::Status SqliteBackend::MarkWorking() {
  const MutexLock lock(lock_mutex_);
  return lock_.MarkWorking();
}

absl::Status SqliteBackend::MarkStopped() {
  const MutexLock lock(lock_mutex_);
  return lock_.MarkStopped();
}

absl::Status SqliteBackend::Start(absl::Time now) {
  std::vector<ProductRow> products;
  {
    STORED_ASSIGN_OR_RETURN(const ReaderPool::Reader reader, meta_readers_.Acquire());
    STORED_ASSIGN_OR_RETURN(products, ReadProducts(*reader));
  }
  for (const ProductRow& product : products) STORED_RETURN_IF_ERROR(OpenProduct(product));
  STORED_RETURN_IF_ERROR(NoteOrphans());
  if (FindOpen(kDefaultProduct).ok()) return absl::OkStatus();
  return CreateProduct(kDefaultProduct, NewProductSettings(), now).status();
}

absl::Status SqliteBackend::OpenProduct(const ProductRow& product) {
  if (product.state != ProductState::kReady) return RemoveProduct(product.name);
  STORED_ASSIGN_OR_RETURN(
      std::shared_ptr<SqliteProductResults> results,
      SqliteProductResults::Open(product.name, ProductPath(product.name), /*create=*/false));
  const MutexLock lock(products_mutex_);
  products_[product.name] = {std::move(results), product.settings};
  return absl::OkStatus();
}

absl::Status SqliteBackend::NoteOrphans() {
  STORED_ASSIGN_OR_RETURN(const std::vector<FileSystem::Entry> entries,
                          files_.List(directory_ + "/products"));
  constexpr std::string_view kSuffix = ".db";
  for (const FileSystem::Entry& entry : entries) {
    if (!entry.name.ends_with(kSuffix)) continue;
    const std::string product = entry.name.substr(0, entry.name.size() - kSuffix.size());
    if (!FindOpen(product).ok()) start_warnings_.push_back(OrphanWarning(ProductPath(product)));
  }
  std::sort(start_warnings_.begin(), start_warnings_.end());
  return absl::OkStatus();
}

// Removes the files before the row: as long as there is a row, the next start completes the removal
// after a crash.
absl::Status SqliteBackend::RemoveProduct(const std::string& name) {
  STORED_KILL_POINT("product.before_remove_file");
  STORED_RETURN_IF_ERROR(RemoveDatabase(ProductPath(name), files_));
  STORED_KILL_POINT("product.after_remove_file");
  STORED_RETURN_IF_ERROR(files_.SyncDirectory(directory_ + "/products"));
  return meta_.Write([&](Database& database) {
    return database.Run("DELETE FROM products WHERE name = ?", name);
  });
}

absl::StatusOr<SqliteBackend::OpenedProduct> SqliteBackend::FindOpen(const std::string& name) {
  const MutexLock lock(products_mutex_);
  const auto found = products_.find(name);
  if (found == products_.end()) return ProductNotFoundError(name);
  return found->second;
}

absl::StatusOr<std::shared_ptr<ProductResults>> SqliteBackend::Results(const std::string& product) {
  STORED_ASSIGN_OR_RETURN(OpenedProduct opened, FindOpen(product));
  return opened.results;
}

absl::StatusOr<ProductSettings> SqliteBackend::Settings(const std::string& product) {
  STORED_ASSIGN_OR_RETURN(const OpenedProduct opened, FindOpen(product));
  return opened.settings;
}

absl::StatusOr<ProductSummary> SqliteBackend::Summarize(const ProductRow& product,
                                                        SqliteProductResults& results) {
  STORED_ASSIGN_OR_RETURN(const int64_t runs, results.CountRuns());
  return ProductSummary{product.name, product.created_at, static_cast<int32_t>(runs),
                        BytesOnDisk(ProductPath(product.name)), product.settings};
}

absl::Status SqliteBackend::Backup(const std::string& work_directory, BackupTarget& target) {
  const BackupSource source = {
      meta_readers_, [this](const std::string& product) -> absl::StatusOr<BackupSource::Snapshot> {
        STORED_ASSIGN_OR_RETURN(const OpenedProduct opened, FindOpen(product));
        STORED_ASSIGN_OR_RETURN(ReaderPool::Reader reader, opened.results->Snapshot());
        return BackupSource::Snapshot{opened.results, std::move(reader)};
      }};
  const MutexLock lock(backup_mutex_);
  return BackupDatabases(source, work_directory, target);
}

absl::StatusOr<std::vector<ProductSummary>> SqliteBackend::ListProducts() {
  std::vector<ProductRow> rows;
  {
    STORED_ASSIGN_OR_RETURN(const ReaderPool::Reader reader, meta_readers_.Acquire());
    STORED_ASSIGN_OR_RETURN(rows, ReadProducts(*reader));
  }
  std::vector<ProductSummary> products;
  for (const ProductRow& row : rows) {
    // Skips a product that is being created or removed.
    const absl::StatusOr<OpenedProduct> opened = FindOpen(row.name);
    if (row.state != ProductState::kReady || !opened.ok()) continue;
    absl::StatusOr<ProductSummary> summary = Summarize(row, *opened->results);
    if (absl::IsNotFound(summary.status())) continue;
    STORED_RETURN_IF_ERROR(summary.status());
    products.push_back(*std::move(summary));
  }
  return products;
}

absl::Status SqliteBackend::BeginCreate(const ProductRow& product) {
  return meta_.Write([&](Database& database) -> absl::Status {
    STORED_ASSIGN_OR_RETURN(const std::optional<ProductRow> there,
                            FindProduct(database, product.name));
    if (there.has_value()) return ProductExistsError(product.name);
    return InsertProduct(database, product);
  });
}

absl::StatusOr<ProductSummary> SqliteBackend::CreateProduct(const std::string& name,
                                                            const ProductSettings& settings,
                                                            absl::Time now) {
  STORED_RETURN_IF_ERROR(CheckNewProductName(name));
  const MutexLock lock(change_mutex_);
  const std::string path = ProductPath(name);
  if (IsThere(path) && !FindOpen(name).ok()) {
    return absl::FailedPreconditionError(
        fmt::format("database {} exists, but no product has it; move it away first", path));
  }
  const ProductRow product = {name, FromDatabaseTime(ToDatabaseTime(now)), ProductState::kCreating,
                              settings};
  STORED_RETURN_IF_ERROR(BeginCreate(product));
  STORED_KILL_POINT("product.before_create_file");
  absl::StatusOr<std::shared_ptr<SqliteProductResults>> results =
      SqliteProductResults::Open(name, path, /*create=*/true);
  if (!results.ok()) {
    static_cast<void>(RemoveProduct(name));  // The caller needs the first error.
    return results.status();
  }
  STORED_KILL_POINT("product.before_directory_sync");
  // SQLite syncs the directory with the first sync of a log, but does not promise that the name of
  // the database is durable.
  absl::Status ready = files_.SyncDirectory(directory_ + "/products");
  if (ready.ok()) {
    ready = meta_.Write(
        [&](Database& database) { return SetProductState(database, name, ProductState::kReady); });
  }
  if (!ready.ok()) {
    results->reset();
    static_cast<void>(RemoveProduct(name));
    return ready;
  }
  {
    const MutexLock products_lock(products_mutex_);
    products_[name] = {*results, settings};
  }
  return Summarize(product, **results);
}

absl::StatusOr<ProductSummary> SqliteBackend::UpdateProduct(const std::string& name,
                                                            const ProductSettingsChange& change) {
  const MutexLock lock(change_mutex_);
  STORED_ASSIGN_OR_RETURN(const OpenedProduct opened, FindOpen(name));
  std::optional<ProductRow> product;
  STORED_RETURN_IF_ERROR(meta_.Write([&](Database& database) -> absl::Status {
    STORED_ASSIGN_OR_RETURN(product, FindProduct(database, name));
    if (!product.has_value()) return ProductNotFoundError(name);
    change.ApplyTo(product->settings);
    return SetProductSettings(database, name, product->settings);
  }));
  {
    const MutexLock products_lock(products_mutex_);
    products_[name].settings = product->settings;
  }
  return Summarize(*product, *opened.results);
}

absl::Status SqliteBackend::BeginDelete(const std::string& name, absl::Time now) {
  return meta_.Write([&](Database& database) -> absl::Status {
    STORED_ASSIGN_OR_RETURN(const std::optional<ProductRow> product, FindProduct(database, name));
    if (!product.has_value()) return ProductNotFoundError(name);
    STORED_ASSIGN_OR_RETURN(const std::vector<StoreSession> running,
                            SessionsOfProduct(database, name, StoreState::kRunning));
    if (!running.empty()) {
      return ProductInUseError(name, running.front().request.run_name);
    }
    STORED_RETURN_IF_ERROR(FailWaiting(database, name, now));
    return SetProductState(database, name, ProductState::kDeleting);
  });
}

absl::Status SqliteBackend::DeleteProduct(const std::string& name, absl::Time now) {
  if (name == kDefaultProduct) return DefaultProductError();
  const MutexLock lock(change_mutex_);
  STORED_RETURN_IF_ERROR(BeginDelete(name, now));
  {
    const MutexLock products_lock(products_mutex_);
    const auto found = products_.find(name);
    if (found != products_.end()) {
      found->second.results->MarkGone();
      products_.erase(found);
    }
  }
  return RemoveProduct(name);
}

UnfinishedStore SqliteBackend::UnfinishedIn(const std::string& product) {
  return
      [this, product](const std::string& run_name) -> absl::StatusOr<std::optional<std::string>> {
        STORED_ASSIGN_OR_RETURN(const ReaderPool::Reader reader, meta_readers_.Acquire());
        return FindUnfinished(*reader, product, run_name);
      };
}

absl::Status SqliteBackend::RemoveRun(const std::string& product, const std::string& run_name) {
  STORED_ASSIGN_OR_RETURN(const OpenedProduct opened, FindOpen(product));
  return opened.results->RemoveRun(run_name, UnfinishedIn(product));
}

absl::StatusOr<std::vector<std::string>> SqliteBackend::ReadyProducts() {
  const MutexLock lock(products_mutex_);
  std::vector<std::string> names;
  names.reserve(products_.size());
  for (const auto& [name, opened] : products_) names.push_back(name);
  return names;
}

template <typename Visit>
absl::Status SqliteBackend::ForEachProduct(const GarbageRules& rules, GcPace& pace,
                                           Garbage& garbage, Visit visit) {
  STORED_ASSIGN_OR_RETURN(const absl::Time oldest, OldestUnfinished(meta_readers_));
  STORED_ASSIGN_OR_RETURN(const std::vector<std::string> names, ReadyProducts());
  absl::Status first;
  for (const std::string& name : names) {
    STORED_RETURN_IF_ERROR(CheckStopped(pace));
    const absl::StatusOr<OpenedProduct> opened = FindOpen(name);
    if (!opened.ok()) continue;  // It was removed meanwhile.
    const GcBounds bounds = BoundsFor(rules, opened->settings, oldest);
    ProductGarbage found;
    found.product = name;
    absl::Status status = visit(bounds, name, *opened->results, found);
    if (!found.empty()) garbage.products.push_back(std::move(found));
    if (absl::IsNotFound(status)) continue;
    if (absl::IsCancelled(status)) return status;
    first.Update(Annotate(status, "garbage of product " + name));
  }
  return first;
}

absl::Status SqliteBackend::CollectGarbage(const GarbageRules& rules, GcPace& pace,
                                           Garbage& removed) {
  const auto forget = [&](const std::string& product, const std::vector<std::string>& tokens) {
    const absl::StatusOr<OpenedProduct> opened = FindOpen(product);
    if (!opened.ok()) return absl::OkStatus();
    const absl::Status status = opened->results->ForgetIngested(tokens, pace);
    return absl::IsNotFound(status) ? absl::OkStatus() : status;
  };
  // Skipped during a backup, which may have copied the queue but not yet the results. A store that
  // ends in between is found, after a restore, by the results that `forget` would remove.
  if (TryMutexLock lock(backup_mutex_); lock.TryLock()) {
    STORED_RETURN_IF_ERROR(RemoveEndedSessions(meta_, meta_readers_, rules, forget, pace, removed));
  }
  return ForEachProduct(rules, pace, removed,
                        [&](const GcBounds& bounds, const std::string& name,
                            SqliteProductResults& results, ProductGarbage& garbage) {
                          return results.CollectGarbage(bounds, UnfinishedIn(name), pace, garbage);
                        });
}

absl::StatusOr<Garbage> SqliteBackend::CountGarbage(const GarbageRules& rules, GcPace& pace) {
  Garbage counted;
  STORED_RETURN_IF_ERROR(CountEndedSessions(meta_readers_, rules, counted));
  STORED_RETURN_IF_ERROR(
      ForEachProduct(rules, pace, counted,
                     [&](const GcBounds& bounds, const std::string& name,
                         SqliteProductResults& results, ProductGarbage& garbage) {
                       return results.CountGarbage(bounds, UnfinishedIn(name), pace, garbage);
                     }));
  return counted;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Backend>> OpenSqliteBackend(const std::string& directory,
                                                           absl::Time now, FileSystem& files) {
  STORED_ASSIGN_OR_RETURN(DirectoryLock lock, DirectoryLock::Take(directory, files));
  STORED_ASSIGN_OR_RETURN(std::unique_ptr<Database> meta, OpenMetaDatabase(directory, files));
  STORED_RETURN_IF_ERROR(CreateDirectories(directory + "/products", files));
  auto backend =
      std::make_unique<SqliteBackend>(files, directory, std::move(lock), std::move(meta));
  STORED_RETURN_IF_ERROR(backend->Start(now));
  return backend;
}

}  // namespace stored::storage::sqlite
