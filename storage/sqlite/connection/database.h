#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace stored::storage::sqlite {

// The status of a failed SQLite call: FULL is RESOURCE_EXHAUSTED; BUSY, LOCKED and IOERR are
// UNAVAILABLE, the last a system error (base/files/file.h); CORRUPT and NOTADB are DATA_LOSS;
// INTERRUPT is CANCELLED; anything else is INTERNAL. The message names the database file, what
// SQLite says and what to do.
absl::Status SqliteStatus(int code, const std::string& path, std::string_view detail);

// Times are kept as microseconds since the Unix epoch, UTC.
int64_t ToDatabaseTime(absl::Time time);
absl::Time FromDatabaseTime(int64_t micros);

// Bytes to be bound as a BLOB; a std::string_view is bound as TEXT.
struct Blob {
  std::string_view bytes;
};

class Database;

// What SQL hands to C++. Valid while it is looked at.
class Value {
 public:
  explicit Value(sqlite3_value* value) : value_(value) {}

  int64_t Int() const { return sqlite3_value_int64(value_); }
  std::string_view Bytes() const;
  bool IsBlob() const { return sqlite3_value_type(value_) == SQLITE_BLOB; }

 private:
  sqlite3_value* value_;
};

// What a statement asks C++ about its rows: where one is bound to ?1, stored_holds(?1, value) is
// its Holds. Bound, it reads as NULL; a null pointer, for what any row will do, reads as 1. So
// (?1 OR stored_holds(?1, value)) asks no more than it must.
class Condition {
 public:
  virtual ~Condition() = default;
  // May use the Database that asks. An error is what Step answers with.
  virtual absl::StatusOr<bool> Holds(const Value& value) = 0;
};

// A prepared statement on loan from its Database's cache; goes back, reset, when the object goes.
// Text and blobs that are bound must live until the statement has been stepped to its end or reset.
// Not safe for concurrent use.
class Statement {
 public:
  Statement(Statement&& other) noexcept;
  Statement& operator=(Statement&&) = delete;
  ~Statement();

  // Binds all parameters, from ?1 on: integers, text, Blob, std::optional of one, std::nullopt,
  // Condition*.
  template <typename... Values>
  void BindAll(const Values&... values) {
    Reset();
    int index = 0;
    (Bind(++index, values), ...);
  }
  // True when there is a row. Binding errors are reported here.
  absl::StatusOr<bool> Step();
  // Binds, steps to the end, resets: for a statement without rows.
  template <typename... Values>
  absl::Status Run(const Values&... values) {
    BindAll(values...);
    return RunBound();
  }
  void Reset();

  // Columns of the present row, from 0. Views live until the next Step or Reset.
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
  void Bind(int index, Condition* condition);
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

// A connection to a database file, with its statement cache. One thread at a time. Besides SQLite's
// own functions there are stored_glob(pattern, text), base/text/text.h's GlobMatch, and
// stored_holds (see Condition).
class Database {
 public:
  enum class Mode {
    kReadOnly,
    // As kReadOnly, of a file that has no log and that nothing changes meanwhile: makes no files
    // beside it, so that it works on a file system that cannot be written to.
    kImmutable,
    kReadWrite,
    // As kReadWrite; makes the file when it is not there.
    kCreate,
  };

  // The file must be there unless `mode` is kCreate. `cache_kib` bounds SQLite's page cache.
  static absl::StatusOr<std::unique_ptr<Database>> Open(const std::string& path, Mode mode,
                                                        int cache_kib);
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  const std::string& path() const { return path_; }

  // `sql` must live as long as the Database: a literal. One statement, kept for the next time.
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
  // The one integer that `sql` answers with.
  absl::StatusOr<int64_t> QueryInt(std::string_view sql);

  int64_t last_insert_id() const { return sqlite3_last_insert_rowid(handle_); }
  // Rows changed by the last INSERT, UPDATE or DELETE.
  int64_t changes() const { return sqlite3_changes64(handle_); }
  // Whether a commit that leaves much in the write-ahead log copies it into the database, as is the
  // rule.
  void SetCheckpointAtCommit(bool on);
  // Copies of the write-ahead log what no reader stands in the way of. At best: what is left stays
  // where it is, and nothing is lost.
  void Checkpoint() {
    sqlite3_wal_checkpoint_v2(handle_, nullptr, SQLITE_CHECKPOINT_PASSIVE, nullptr, nullptr);
  }
  // Gives back memory of the page cache.
  void ReleaseMemory() { sqlite3_db_release_memory(handle_); }
  // For what of SQLite has no member here.
  sqlite3* handle() const { return handle_; }
  // The status for `code` with what this connection has to say about it.
  absl::Status ErrorStatus(int code) const;

 private:
  friend class Statement;
  Database(std::string path, sqlite3* handle) : path_(std::move(path)), handle_(handle) {}
  absl::Status Configure(Mode mode, int cache_kib);
  static void HoldsFunction(sqlite3_context* context, int argc, sqlite3_value** argv);
  // Of a step that failed: the Condition's error where that is why.
  absl::Status StepError(int code);
  void GiveBack(std::string_view sql, sqlite3_stmt* statement);

  std::string path_;
  sqlite3* handle_;
  // Statements not on loan, by their SQL.
  std::unordered_map<std::string_view, std::vector<sqlite3_stmt*>> idle_;
  absl::Status condition_error_;
};

// While it lives, `stop` is asked every millisecond or so that SQLite works for the connection;
// once it says true, what runs ends with CANCELLED. An empty one is never asked. Both must outlive
// it; one at a time.
class StopCheck {
 public:
  StopCheck(Database& database, const std::function<bool()>& stop);
  StopCheck(const StopCheck&) = delete;
  StopCheck& operator=(const StopCheck&) = delete;
  ~StopCheck();

 private:
  Database& database_;
};

// A transaction; rolled back unless committed. The Database must outlive it.
class Transaction {
 public:
  // kRead: one snapshot for all that follows. kWrite: takes the write lock at once.
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
