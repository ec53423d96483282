#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "base/cancellation.h"

namespace stored::storage::sqlite {

// Returns the status of a failed SQLite call:
//   FULL, NOMEM, TOOBIG                     RESOURCE_EXHAUSTED
//   BUSY, LOCKED, CANTOPEN, PERM, READONLY  UNAVAILABLE
//   IOERR                                   that of EIO, as a system error (base/files/file.h)
//   CORRUPT, NOTADB                         DATA_LOSS
//   INTERRUPT                               CANCELLED
//   others                                  INTERNAL
// The message has the database file, `detail` (SQLite's own message) and the remedy.
absl::Status SqliteStatus(int code, const std::string& path, std::string_view detail);

// Convert between times and their columns: microseconds since the Unix epoch, UTC.
int64_t ToDatabaseTime(absl::Time time);
absl::Time FromDatabaseTime(int64_t micros);

// Bytes to bind as a BLOB. A std::string_view is bound as TEXT.
struct Blob {
  std::string_view bytes;
};

class Database;

// An argument that SQL passes to a C++ function. Valid during the call only.
class Value {
 public:
  explicit Value(sqlite3_value* value) : value_(value) {}

  int64_t Int() const { return sqlite3_value_int64(value_); }
  std::string_view Bytes() const;
  bool IsBlob() const { return sqlite3_value_type(value_) == SQLITE_BLOB; }

 private:
  sqlite3_value* value_;
};

// A condition on a row that is computed in C++. If a RowCondition is bound to ?1, the SQL function
// stored_holds(?1, value) returns the result of its Holds(value). Statements write (?1 OR
// stored_holds(?1, value)): a bound condition reads as NULL in SQL, and a null pointer as 1, so
// without a condition Holds is not called.
class RowCondition {
 public:
  virtual ~RowCondition() = default;
  // May use the Database that runs the statement. Step returns its error.
  virtual absl::StatusOr<bool> Holds(const Value& value) = 0;
};

// A prepared statement on loan from its Database's cache, to which it returns, reset, when the
// object is destroyed. Bound text and blobs must live until the statement has been stepped to its
// end or reset. Not safe for concurrent use.
class Statement {
 public:
  Statement(Statement&& other) noexcept;
  Statement& operator=(Statement&&) = delete;
  ~Statement();

  // Resets the statement and binds all its parameters, from ?1 on: integers, text, Blob,
  // absl::Time, a std::optional of one of these, std::nullopt, RowCondition*.
  template <typename... Values>
  void BindAll(const Values&... values) {
    Reset();
    int index = 0;
    (Bind(++index, values), ...);
  }
  // Returns whether there is a row. Also returns the error of an earlier bind.
  absl::StatusOr<bool> Step();
  // Binds, steps to the end, and resets. REQUIRES: the statement returns no rows.
  template <typename... Values>
  absl::Status Run(const Values&... values) {
    BindAll(values...);
    return RunBound();
  }
  void Reset();

  // Return columns of the current row, numbered from 0. Views are valid until the next Step or
  // Reset.
  int64_t Int(int column) const { return sqlite3_column_int64(statement_, column); }
  std::string_view Bytes(int column) const;
  std::string String(int column) const { return std::string(Bytes(column)); }
  bool IsNull(int column) const { return sqlite3_column_type(statement_, column) == SQLITE_NULL; }
  bool IsBlob(int column) const { return sqlite3_column_type(statement_, column) == SQLITE_BLOB; }
  absl::Time Time(int column) const { return FromDatabaseTime(Int(column)); }
  std::optional<absl::Time> OptionalTime(int column) const;

 private:
  friend class Database;
  Statement(Database* database, std::string_view sql, sqlite3_stmt* statement)
      : database_(database), sql_(sql), statement_(statement) {}

  void Bind(int index, std::string_view text);
  void Bind(int index, const std::string& text) { Bind(index, std::string_view(text)); }
  void Bind(int index, const char* text) { Bind(index, std::string_view(text)); }
  void Bind(int index, Blob blob);
  void Bind(int index, absl::Time time) { Bind(index, ToDatabaseTime(time)); }
  void Bind(int index, std::nullopt_t);
  void Bind(int index, RowCondition* condition);
  template <typename T>
  void Bind(int index, const std::optional<T>& value) {
    if (value.has_value()) {
      Bind(index, *value);
    } else {
      Bind(index, std::nullopt);
    }
  }
  template <typename T>
  requires std::is_integral_v<T>
  void Bind(int index, T value) { BindInt(index, static_cast<int64_t>(value)); }
  void BindInt(int index, int64_t value);
  void Note(int code);
  absl::Status RunBound();

  Database* database_;
  std::string_view sql_;
  sqlite3_stmt* statement_;
  // The first error of a bind since the last Reset.
  int bind_error_ = SQLITE_OK;
};

// A connection to a database file, with a cache of its statements. Used by one thread at a time.
// Adds two SQL functions: stored_glob(pattern, text), which is GlobMatch of base/text/text.h, and
// stored_holds (see RowCondition).
class Database {
 public:
  enum class Mode {
    kReadOnly,
    // As kReadOnly, for a file that has no log and that nothing changes meanwhile. Creates no files
    // beside it, so that it works on a read-only file system.
    kImmutable,
    kReadWrite,
    // As kReadWrite, and creates the file if it does not exist.
    kCreate,
  };

  // REQUIRES: the file exists, or `mode` is kCreate. `cache_kib` limits SQLite's page cache.
  static absl::StatusOr<std::unique_ptr<Database>> Open(const std::string& path, Mode mode,
                                                        int cache_kib);
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  const std::string& path() const { return path_; }

  // Returns the statement `sql`, which the cache keeps. REQUIRES: `sql` is one statement, and lives
  // as long as the Database: a literal.
  absl::StatusOr<Statement> Prepare(std::string_view sql);
  // Prepares, binds, runs.
  template <typename... Values>
  absl::Status Run(std::string_view sql, const Values&... values) {
    absl::StatusOr<Statement> statement = Prepare(sql);
    if (!statement.ok()) return statement.status();
    return statement->Run(values...);
  }
  // Runs a script of any number of statements.
  absl::Status Execute(const std::string& script);
  // Returns the integer in the first row and column of the result of `sql`.
  absl::StatusOr<int64_t> QueryInt(std::string_view sql);

  int64_t last_insert_id() const { return sqlite3_last_insert_rowid(handle_); }
  // Returns how many rows the last INSERT, UPDATE or DELETE changed.
  int64_t changes() const { return sqlite3_changes64(handle_); }
  // Returns how many rows all statements since the connection was opened changed.
  int64_t total_changes() const { return sqlite3_total_changes64(handle_); }
  // Sets whether a commit that leaves much in the write-ahead log copies the log into the database.
  // It does by default.
  void SetCheckpointAtCommit(bool on);
  // Copies the write-ahead log into the database, except what a reader still needs. Ignores errors:
  // what was not copied stays in the log, and nothing is lost.
  void Checkpoint() {
    sqlite3_wal_checkpoint_v2(handle_, nullptr, SQLITE_CHECKPOINT_PASSIVE, nullptr, nullptr);
  }
  // Frees memory of the page cache.
  void ReleaseMemory() { sqlite3_db_release_memory(handle_); }
  // Returns the connection, for calls of SQLite that have no member here.
  sqlite3* handle() const { return handle_; }
  // Returns the status for `code`, with the message of this connection if its last error is `code`.
  absl::Status ErrorStatus(int code) const;

 private:
  friend class Statement;
  Database(std::string path, sqlite3* handle) : path_(std::move(path)), handle_(handle) {}
  absl::Status Configure(Mode mode, int cache_kib);
  static void HoldsFunction(sqlite3_context* context, int argc, sqlite3_value** argv);
  // Returns the status of a failed step: the error of a RowCondition if that made it fail.
  absl::Status StepError(int code);
  void GiveBack(std::string_view sql, sqlite3_stmt* statement);

  std::string path_;
  sqlite3* handle_;
  // Statements that are not on loan, by their SQL.
  std::unordered_map<std::string_view, std::vector<sqlite3_stmt*>> idle_;
  // Set by a RowCondition that failed, until the step that called it ends.
  absl::Status condition_error_;
};

// While it lives, polls `stop` about once every millisecond in which SQLite works for the
// connection. When that is requested, the running statement ends with CANCELLED. Both arguments
// outlive it. A connection has at most one at a time.
class StopCheck {
 public:
  StopCheck(Database& database, const Cancellation& stop);
  StopCheck(const StopCheck&) = delete;
  StopCheck& operator=(const StopCheck&) = delete;
  ~StopCheck();

 private:
  Database& database_;
};

// A transaction, rolled back unless committed. The Database outlives it.
class Transaction {
 public:
  // kRead: all reads see one snapshot. kWrite: takes SQLite's write lock at once.
  enum class Kind { kRead, kWrite };
  static absl::StatusOr<Transaction> Begin(Database& database, Kind kind);
  Transaction(Transaction&& other) noexcept : database_(std::exchange(other.database_, nullptr)) {}
  Transaction& operator=(Transaction&&) = delete;
  ~Transaction();

  absl::Status Commit();

 private:
  explicit Transaction(Database* database) : database_(database) {}

  Database* database_;
};

}  // namespace stored::storage::sqlite
