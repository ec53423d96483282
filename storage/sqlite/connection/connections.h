#pragma once

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "storage/sqlite/connection/database.h"

namespace stored::storage::sqlite {

// Read-only connections to one database, made as they are needed; a few are kept. Safe for
// concurrent use. Must outlive what it lends.
class ReaderPool {
 public:
  explicit ReaderPool(std::string path) : path_(std::move(path)) {}

  // A connection on loan with a read transaction open: everything read through it is of one
  // snapshot.
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

  absl::StatusOr<Reader> Acquire();

 private:
  absl::StatusOr<std::unique_ptr<Database>> Take();
  void GiveBack(std::unique_ptr<Database> database);

  const std::string path_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<Database>> idle_;
};

// The one connection of a database that writes. Safe for concurrent use: writers take turns.
class Writer {
 public:
  explicit Writer(std::unique_ptr<Database> database) : database_(std::move(database)) {}

  // Runs `body` inside a write transaction, committed (and on disk) when it answers OK, rolled back
  // otherwise. `body` must not call Write.
  absl::Status Write(absl::FunctionRef<absl::Status(Database&)> body);
  // The same for work that may be called off while it waits for its turn: CANCELLED, with nothing
  // done, once `stopped`, which is asked now and then, says so. What it wrote stays in the
  // write-ahead log until Checkpoint or the next write: copying it takes as long as a good part of
  // the work itself, and somebody waits for the work's end.
  absl::Status WriteUnless(absl::FunctionRef<bool()> stopped,
                           absl::FunctionRef<absl::Status(Database&)> body);
  // The same for somebody who waits for an answer: UNAVAILABLE, with nothing done, when others have
  // their turn for longer than `patience`.
  absl::Status WriteWithin(absl::Duration patience,
                           absl::FunctionRef<absl::Status(Database&)> body);
  // The same for work in the background: only while nobody else waits for a turn. CANCELLED, with
  // nothing done, once `stopped`, which is asked now and then, says so.
  absl::Status WriteWhenIdle(absl::FunctionRef<bool()> stopped,
                             absl::FunctionRef<absl::Status(Database&)> body);

  const std::string& path() const { return database_->path(); }
  // How many wait for a turn, those in the background left out.
  int waiting();
  // Copies the write-ahead log into the database and gives back memory that a large transaction
  // took. Returns at once when another thread waits for its turn to do that.
  void Checkpoint();

 private:
  // The right to use database_, for as long as the object lives.
  class Turn;

  absl::Status WriteInTurn(absl::FunctionRef<absl::Status(Database&)> body);

  std::mutex mutex_;
  std::condition_variable changed_;
  // Under the mutex: whether somebody has the turn, and how many wait that are not in the
  // background.
  bool taken_ = false;
  int waiting_ = 0;
  std::atomic<bool> tidy_up_waits_ = false;
  const std::unique_ptr<Database> database_;
};

}  // namespace stored::storage::sqlite
