#include "storage/sqlite/queue/session_rows.h"

#include <utility>

#include "base/status.h"
#include "storage/columns/record.h"

namespace stored::storage::sqlite {
namespace {

absl::StatusOr<std::optional<StoreSession>> FindOne(Database& database, std::string_view sql,
                                                    const std::string& key) {
  STORED_ASSIGN_OR_RETURN(Statement select, database.Prepare(sql));
  select.BindAll(key);
  STORED_ASSIGN_OR_RETURN(const bool row, select.Step());
  if (!row) return std::nullopt;
  STORED_ASSIGN_OR_RETURN(StoreSession session, ReadSession(select));
  return session;
}

std::optional<std::string> EncodedResult(const StoreSession& session) {
  if (!session.result.has_value()) return std::nullopt;
  return EncodeResult(*session.result);
}

std::optional<Blob> AsBlob(const std::optional<std::string>& bytes) {
  if (!bytes.has_value()) return std::nullopt;
  return Blob{*bytes};
}

std::optional<std::string_view> UploadId(const StoreRequest& request) {
  if (request.upload_id.empty()) return std::nullopt;
  return std::string_view(request.upload_id);
}

std::optional<int64_t> ExpireAfter(const StoreRequest& request) {
  if (!request.expire_after.has_value()) return std::nullopt;
  return absl::ToInt64Microseconds(*request.expire_after);
}

}  // namespace

absl::StatusOr<StoreSession> ReadSession(const Statement& row) {
  StoreSession session;
  int column = 0;
  session.sequence = row.Int(column++);
  session.token = row.String(column++);
  StoreRequest& request = session.request;
  request.upload_id = row.String(column++);
  request.product = row.String(column++);
  request.run_name = row.String(column++);
  request.tag = row.String(column++);
  request.description = row.String(column++);
  request.format = static_cast<PayloadFormat>(row.Int(column++));
  request.force = row.Int(column++) != 0;
  STORED_ASSIGN_OR_RETURN(request.trim_path_prefixes, DecodeStrings(row.Bytes(column++)));
  request.skip_bad_files = row.Int(column++) != 0;
  session.payload.file = row.String(column++);
  session.payload.size = row.Int(column++);
  session.payload.sha256 = row.String(column++);
  session.state = static_cast<StoreState>(row.Int(column++));
  session.revision = row.Int(column++);
  session.enqueued_at = row.Time(column++);
  session.started_at = row.OptionalTime(column++);
  session.finished_at = row.OptionalTime(column++);
  session.attempts = static_cast<int32_t>(row.Int(column++));
  session.cancel_requested = row.Int(column++) != 0;
  session.consumed = row.Int(column++) != 0;
  if (!row.IsNull(column)) {
    STORED_ASSIGN_OR_RETURN(session.result, DecodeResult(row.Bytes(column)));
  }
  ++column;
  session.error.code = static_cast<StoreErrorCode>(row.Int(column++));
  session.error.message = row.String(column++);
  if (!row.IsNull(column)) request.expire_after = absl::Microseconds(row.Int(column));
  return session;
}

absl::StatusOr<std::vector<StoreSession>> ReadSessions(Statement& select) {
  std::vector<StoreSession> sessions;
  while (true) {
    STORED_ASSIGN_OR_RETURN(const bool row, select.Step());
    if (!row) return sessions;
    STORED_ASSIGN_OR_RETURN(StoreSession session, ReadSession(select));
    sessions.push_back(std::move(session));
  }
}

absl::Status InsertSession(Database& database, StoreSession& session) {
  const StoreRequest& request = session.request;
  const std::string prefixes = EncodeStrings(request.trim_path_prefixes);
  const std::optional<std::string> result = EncodedResult(session);
  STORED_RETURN_IF_ERROR(database.Run(
      "INSERT INTO stores (token, upload_id, product, run_name, tag, description, format, force, "
      "trim_path_prefixes, skip_bad_files, payload_file, payload_size, payload_sha256, state, "
      "revision, enqueued_at, started_at, finished_at, attempts, cancel_requested, consumed, "
      "result, error_code, error_message, expire_after) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, "
      "?, "
      "?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
      session.token, UploadId(request), request.product, request.run_name, request.tag,
      request.description, static_cast<int>(request.format), request.force, Blob{prefixes},
      request.skip_bad_files, session.payload.file, session.payload.size,
      Blob{session.payload.sha256}, static_cast<int>(session.state), session.revision,
      session.enqueued_at, session.started_at, session.finished_at, session.attempts,
      session.cancel_requested, session.consumed, AsBlob(result),
      static_cast<int>(session.error.code), session.error.message, ExpireAfter(request)));
  session.sequence = database.last_insert_id();
  return absl::OkStatus();
}

absl::Status UpdateSession(Database& database, const StoreSession& session) {
  const std::optional<std::string> result = EncodedResult(session);
  return database.Run(
      "UPDATE stores SET state = ?, revision = ?, started_at = ?, finished_at = ?, attempts = ?, "
      "cancel_requested = ?, consumed = ?, result = ?, error_code = ?, error_message = ? "
      "WHERE sequence = ?",
      static_cast<int>(session.state), session.revision, session.started_at, session.finished_at,
      session.attempts, session.cancel_requested, session.consumed, AsBlob(result),
      static_cast<int>(session.error.code), session.error.message, session.sequence);
}

absl::StatusOr<std::optional<StoreSession>> FindSession(Database& database,
                                                        const std::string& token) {
  return FindOne(database, "SELECT " STORED_SESSION_COLUMNS "FROM stores WHERE token = ?", token);
}

absl::StatusOr<std::optional<StoreSession>> FindSessionOfUpload(Database& database,
                                                                const std::string& upload_id) {
  return FindOne(database, "SELECT " STORED_SESSION_COLUMNS "FROM stores WHERE upload_id = ?",
                 upload_id);
}

absl::StatusOr<std::optional<std::string>> FindUnfinished(Database& database,
                                                          const std::string& product,
                                                          const std::string& run_name) {
  STORED_ASSIGN_OR_RETURN(Statement select,
                          database.Prepare("SELECT token FROM stores WHERE product = ? AND "
                                           "run_name = ? AND state IN (?, ?) LIMIT 1"));
  select.BindAll(product, run_name, static_cast<int>(StoreState::kEnqueued),
                 static_cast<int>(StoreState::kRunning));
  STORED_ASSIGN_OR_RETURN(const bool row, select.Step());
  if (!row) return std::nullopt;
  return select.String(0);
}

}  // namespace stored::storage::sqlite
