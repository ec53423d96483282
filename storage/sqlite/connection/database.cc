#include "storage/sqlite/connection/database.h"

#include <fmt/format.h>

#include <cctype>
#include <cerrno>
#include <new>
#include <utility>

#include "base/files/file.h"
#include "base/status.h"
#include "base/text/text.h"

namespace stored::storage::sqlite {
namespace {

// The time that a connection waits for the lock of another process.
constexpr int kBusyTimeoutMs = 5000;
// The size to which SQLite truncates the write-ahead log file when it starts it again.
constexpr int64_t kJournalSizeLimit = int64_t{64} << 20;

// Steps of SQLite's virtual machine between two polls of a StopCheck's `stop`: about a millisecond.
constexpr int kStepsPerPoll = 10'000;
// Tells a RowCondition from other pointers that could be bound.
constexpr char kConditionType[] = "stored::storage::sqlite::RowCondition";

void GlobFunction(sqlite3_context* context, int /*argc*/, sqlite3_value** argv) {
  const bool matches = GlobMatch(Value(argv[0]).Bytes(), Value(argv[1]).Bytes());
  sqlite3_result_int(context, matches ? 1 : 0);
}

bool ReadsOnly(Database::Mode mode) {
  return mode == Database::Mode::kReadOnly || mode == Database::Mode::kImmutable;
}

std::string ImmutableUri(const std::string& path) {
  std::string uri = "file:";
  for (const char c : path) {
    const auto byte = static_cast<unsigned char>(c);
    const bool plain = std::isalnum(byte) != 0 || c == '/' || c == '.' || c == '-' || c == '_';
    uri += plain ? std::string(1, c) : fmt::format("%{:02X}", byte);
  }
  return uri + "?immutable=1";
}

}  // namespace

absl::Status SqliteStatus(int code, const std::string& path, std::string_view detail) {
  const int primary = code & 0xff;
  const auto message = [&](std::string_view advice) {
    return fmt::format("database {}: {}{}{}", path, detail, advice.empty() ? "" : "; ", advice);
  };
  switch (primary) {
    case SQLITE_FULL:
      return absl::ResourceExhaustedError(message("free space on its disk and try again"));
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return absl::UnavailableError(
          message("another process holds it; end that process and try again"));
    case SQLITE_IOERR:
      return ErrnoStatus(EIO, message("check the disk and the system's log"));
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
    case SQLITE_READONLY:
      return absl::UnavailableError(message("check that it is there and may be written"));
    case SQLITE_CORRUPT:
      return absl::DataLossError(message("it is damaged; restore it from a backup"));
    case SQLITE_NOTADB:
      return absl::DataLossError(
          message("it is not a SQLite database; move it away or restore it from a backup"));
    case SQLITE_INTERRUPT:
      return absl::CancelledError("stopped: no client waits for the result any more");
    case SQLITE_NOMEM:
      return absl::ResourceExhaustedError(message("there is not enough memory"));
    case SQLITE_TOOBIG:
      return absl::ResourceExhaustedError(message("a text is too long to be kept"));
    default:
      return absl::InternalError(message(""));
  }
}

int64_t ToDatabaseTime(absl::Time time) { return absl::ToUnixMicros(time); }
absl::Time FromDatabaseTime(int64_t micros) { return absl::FromUnixMicros(micros); }

std::string_view Value::Bytes() const {
  const auto* bytes = static_cast<const char*>(sqlite3_value_blob(value_));
  if (bytes == nullptr) return {};
  return {bytes, static_cast<size_t>(sqlite3_value_bytes(value_))};
}

Statement::Statement(Statement&& other) noexcept
    : database_(other.database_),
      sql_(other.sql_),
      statement_(std::exchange(other.statement_, nullptr)),
      bind_error_(other.bind_error_) {}

Statement::~Statement() {
  if (statement_ == nullptr) return;
  Reset();
  sqlite3_clear_bindings(statement_);
  database_->GiveBack(sql_, statement_);
}

void Statement::Note(int code) {
  if (code != SQLITE_OK && bind_error_ == SQLITE_OK) bind_error_ = code;
}

// An empty text needs a pointer that is not null, which would bind NULL.
void Statement::Bind(int index, std::string_view text) {
  Note(sqlite3_bind_text64(statement_, index, text.data() == nullptr ? "" : text.data(),
                           text.size(), SQLITE_STATIC, SQLITE_UTF8));
}

void Statement::Bind(int index, Blob blob) {
  Note(sqlite3_bind_blob64(statement_, index, blob.bytes.data() == nullptr ? "" : blob.bytes.data(),
                           blob.bytes.size(), SQLITE_STATIC));
}

void Statement::Bind(int index, std::nullopt_t) { Note(sqlite3_bind_null(statement_, index)); }

void Statement::Bind(int index, RowCondition* condition) {
  if (condition == nullptr) return BindInt(index, 1);
  Note(sqlite3_bind_pointer(statement_, index, condition, kConditionType, nullptr));
}

void Statement::BindInt(int index, int64_t value) {
  Note(sqlite3_bind_int64(statement_, index, value));
}

absl::StatusOr<bool> Statement::Step() {
  if (bind_error_ != SQLITE_OK) return database_->ErrorStatus(bind_error_);
  const int code = sqlite3_step(statement_);
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  absl::Status status = database_->StepError(code);
  Reset();
  return status;
}

absl::Status Statement::RunBound() {
  STORED_ASSIGN_OR_RETURN(const bool row, Step());
  static_cast<void>(row);
  Reset();
  return absl::OkStatus();
}

void Statement::Reset() {
  sqlite3_reset(statement_);
  bind_error_ = SQLITE_OK;
}

std::string_view Statement::Bytes(int column) const {
  const auto* bytes = static_cast<const char*>(sqlite3_column_blob(statement_, column));
  if (bytes == nullptr) return {};
  return {bytes, static_cast<size_t>(sqlite3_column_bytes(statement_, column))};
}

std::optional<absl::Time> Statement::OptionalTime(int column) const {
  if (IsNull(column)) return std::nullopt;
  return Time(column);
}

absl::StatusOr<std::unique_ptr<Database>> Database::Open(const std::string& path, Mode mode,
                                                         int cache_kib) {
  int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
  flags |= ReadsOnly(mode) ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE;
  if (mode == Mode::kCreate) flags |= SQLITE_OPEN_CREATE;
  if (mode == Mode::kImmutable) flags |= SQLITE_OPEN_URI;
  const std::string name = mode == Mode::kImmutable ? ImmutableUri(path) : path;
  sqlite3* handle = nullptr;
  const int code = sqlite3_open_v2(name.c_str(), &handle, flags, nullptr);
  // SQLite returns a connection even if it could not open the file: it has the error message, and
  // must be closed.
  std::unique_ptr<Database> database(new Database(path, handle));
  if (handle == nullptr) return absl::ResourceExhaustedError("out of memory for " + path);
  if (code != SQLITE_OK) return database->ErrorStatus(code);
  STORED_RETURN_IF_ERROR(database->Configure(mode, cache_kib));
  return database;
}

void Database::HoldsFunction(sqlite3_context* context, int /*argc*/, sqlite3_value** argv) {
  auto* condition = static_cast<RowCondition*>(sqlite3_value_pointer(argv[0], kConditionType));
  if (condition == nullptr) {
    sqlite3_result_error(context, "stored_holds has no condition", -1);
    return;
  }
  // No exception may pass through SQLite, which is C.
  try {
    const absl::StatusOr<bool> holds = condition->Holds(Value(argv[1]));
    if (holds.ok()) {
      sqlite3_result_int(context, *holds ? 1 : 0);
      return;
    }
    static_cast<Database*>(sqlite3_user_data(context))->condition_error_ = holds.status();
    sqlite3_result_error_code(context, SQLITE_ABORT);
  } catch (const std::bad_alloc&) {
    sqlite3_result_error_nomem(context);
  }
}

absl::Status Database::StepError(int code) {
  if (condition_error_.ok()) return ErrorStatus(code);
  return std::exchange(condition_error_, absl::OkStatus());
}

absl::Status Database::Configure(Mode mode, int cache_kib) {
  sqlite3_busy_timeout(handle_, kBusyTimeoutMs);
  // Keeps a schema that an attacker may have made from doing harm.
  sqlite3_db_config(handle_, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_db_config(handle_, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  int code = sqlite3_create_function_v2(handle_, "stored_glob", 2,
                                        SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_DIRECTONLY,
                                        nullptr, &GlobFunction, nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) return ErrorStatus(code);
  code = sqlite3_create_function_v2(handle_, "stored_holds", 2, SQLITE_UTF8 | SQLITE_DIRECTONLY,
                                    this, &Database::HoldsFunction, nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) return ErrorStatus(code);
  std::string script =
      fmt::format("PRAGMA cache_size = -{}; PRAGMA temp_store = MEMORY;", cache_kib);
  if (!ReadsOnly(mode)) {
    script += fmt::format("PRAGMA synchronous = FULL; PRAGMA journal_size_limit = {};",
                          kJournalSizeLimit);
  }
  return Execute(script);
}

Database::~Database() {
  for (auto& [sql, statements] : idle_) {
    for (sqlite3_stmt* statement : statements) sqlite3_finalize(statement);
  }
  sqlite3_close_v2(handle_);
}

absl::Status Database::ErrorStatus(int code) const {
  // The connection's message belongs to its last error only.
  const bool own = sqlite3_extended_errcode(handle_) == code;
  return SqliteStatus(code, path_, own ? sqlite3_errmsg(handle_) : sqlite3_errstr(code));
}

absl::StatusOr<Statement> Database::Prepare(std::string_view sql) {
  std::vector<sqlite3_stmt*>& idle = idle_[sql];
  if (!idle.empty()) {
    sqlite3_stmt* statement = idle.back();
    idle.pop_back();
    return Statement(this, sql, statement);
  }
  sqlite3_stmt* statement = nullptr;
  const int code = sqlite3_prepare_v3(handle_, sql.data(), static_cast<int>(sql.size()),
                                      SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
  if (code != SQLITE_OK) return ErrorStatus(code);
  return Statement(this, sql, statement);
}

void Database::GiveBack(std::string_view sql, sqlite3_stmt* statement) {
  idle_[sql].push_back(statement);
}

void Database::SetCheckpointAtCommit(bool on) {
  // In pages of the log; the number is SQLite's own (SQLITE_DEFAULT_WAL_AUTOCHECKPOINT).
  sqlite3_wal_autocheckpoint(handle_, on ? 1000 : 0);
}

absl::Status Database::Execute(const std::string& script) {
  const int code = sqlite3_exec(handle_, script.c_str(), nullptr, nullptr, nullptr);
  return code == SQLITE_OK ? absl::OkStatus() : ErrorStatus(code);
}

absl::StatusOr<int64_t> Database::QueryInt(std::string_view sql) {
  STORED_ASSIGN_OR_RETURN(Statement statement, Prepare(sql));
  STORED_ASSIGN_OR_RETURN(const bool row, statement.Step());
  if (!row) return absl::InternalError(fmt::format("database {}: no row from {}", path_, sql));
  return statement.Int(0);
}

absl::StatusOr<Transaction> Transaction::Begin(Database& database, Kind kind) {
  STORED_RETURN_IF_ERROR(database.Run(kind == Kind::kWrite ? "BEGIN IMMEDIATE" : "BEGIN DEFERRED"));
  Transaction transaction(&database);
  // SQLite takes the snapshot with the first read, not with BEGIN.
  if (kind == Kind::kRead) {
    STORED_RETURN_IF_ERROR(database.QueryInt("SELECT count(*) FROM sqlite_schema").status());
  }
  return transaction;
}

absl::Status Transaction::Commit() {
  STORED_RETURN_IF_ERROR(database_->Run("COMMIT"));
  database_ = nullptr;
  return absl::OkStatus();
}

Transaction::~Transaction() {
  // Fails only if SQLite has rolled back by itself (disk full), which is as good.
  if (database_ != nullptr) static_cast<void>(database_->Run("ROLLBACK"));
}

StopCheck::StopCheck(Database& database, const Cancellation& stop) : database_(database) {
  if (!stop.CanBeRequested()) return;
  const auto poll = [](void* polled) {
    return static_cast<const Cancellation*>(polled)->Requested() ? 1 : 0;
  };
  sqlite3_progress_handler(database_.handle(), kStepsPerPoll, poll,
                           const_cast<Cancellation*>(&stop));
}

StopCheck::~StopCheck() { sqlite3_progress_handler(database_.handle(), 0, nullptr, nullptr); }

}  // namespace stored::storage::sqlite
