#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "base/cancellation.h"
#include "base/mutex.h"
#include "storage/sqlite/connection/database.h"

namespace stored::storage::sqlite {

// A pool of read-only connections to one database. Connections are opened as they are needed, and a
// few are kept. Safe for concurrent use. Must outlive the Readers that it lends.
class ReaderPool {
 public:
  explicit ReaderPool(std::string path) : path_(std::move(path)) {}

  // A connection on loan with an open read transaction: all its reads see one snapshot.
  class Reader {
   public:
    Reader(Reader&& other) = default;
    Reader& operator=(Reader&&) = delete;
    ~Reader();

    Database& operator*() const { return *database_; }
    Database* operator->() const { return database_.get(); }

   private:
    friend class ReaderPool;
    Reader(ReaderPool* pool, std::unique_ptr<Database> database, Transaction snapshot)
        : pool_(pool), database_(std::move(database)), snapshot_(std::move(snapshot)) {}

    ReaderPool* pool_;
    std::unique_ptr<Database> database_;
    std::optional<Transaction> snapshot_;
  };

  absl::StatusOr<Reader> Acquire() ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  absl::StatusOr<std::unique_ptr<Database>> Take() ABSL_LOCKS_EXCLUDED(mutex_);
  void GiveBack(std::unique_ptr<Database> database) ABSL_LOCKS_EXCLUDED(mutex_);

  const std::string path_;
  Mutex mutex_;
  std::vector<std::unique_ptr<Database>> idle_ ABSL_GUARDED_BY(mutex_);
};

// Options of Writer::Write: its wait for the write lock, and its commit. The defaults wait for as
// long as it takes.
struct WriteOptions {
  // Polled about every 20 ms while the call waits for the write lock, and ends the wait with
  // CANCELLED. Must be cheap: it is polled with a mutex held.
  Cancellation stopped;
  // If set, the wait ends with UNAVAILABLE after this time.
  std::optional<absl::Duration> patience;
  // Set for background work: also waits until no caller without this option waits.
  bool when_idle = false;
  // If false, the commit leaves all it wrote in the write-ahead log; Writer::Checkpoint or the next
  // write copies it into the database. After a large transaction that copy takes long, and a client
  // may be waiting for the commit.
  bool checkpoint_at_commit = true;
};

// The only connection of a database that writes. Safe for concurrent use: a write lock lets one
// thread at a time use the connection.
class Writer {
 public:
  explicit Writer(std::unique_ptr<Database> database) : database_(std::move(database)) {}

  // Runs `body` inside a write transaction, which is committed (and synced to disk) if `body`
  // returns OK, and rolled back otherwise. Does nothing if the wait for the write lock ends early
  // (see WriteOptions). REQUIRES: `body` does not call Write.
  absl::Status Write(const WriteOptions& options, absl::FunctionRef<absl::Status(Database&)> body)
      ABSL_LOCKS_EXCLUDED(mutex_);
  // The same with the default options.
  absl::Status Write(absl::FunctionRef<absl::Status(Database&)> body) {
    return Write(WriteOptions(), body);
  }

  const std::string& path() const { return database_->path(); }
  // Returns how many calls without `when_idle` are waiting for the write lock.
  int waiting() ABSL_LOCKS_EXCLUDED(mutex_);
  // Copies the write-ahead log into the database and frees memory that a large transaction took.
  // Returns at once if another thread already waits for the write lock to do that.
  void Checkpoint() ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  // Holds the right to use database_ for as long as it lives.
  class WriteLock;

  absl::Status AcquireWriteLock(const WriteOptions& options) ABSL_LOCKS_EXCLUDED(mutex_);
  void ReleaseWriteLock() ABSL_LOCKS_EXCLUDED(mutex_);
  // Waits until the write lock is free for a caller with `options`.
  absl::Status AwaitWriteLock(const WriteOptions& options, MutexLock& lock)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  bool IsFree(const WriteOptions& options) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Status RunTransaction(absl::FunctionRef<absl::Status(Database&)> body);

  Mutex mutex_;
  // Notified when the write lock is released, and when waiting_ falls without an acquisition.
  Condition changed_;
  bool locked_ ABSL_GUARDED_BY(mutex_) = false;
  int waiting_ ABSL_GUARDED_BY(mutex_) = 0;
  // True while a thread waits to checkpoint.
  std::atomic<bool> checkpoint_waits_ = false;
  // Used only by the thread that holds the write lock.
  const std::unique_ptr<Database> database_;
};

}  // namespace stored::storage::sqlite
