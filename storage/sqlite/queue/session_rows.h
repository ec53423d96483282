#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "storage/session.h"
#include "storage/sqlite/connection/database.h"

// Reads and writes rows of meta.db's table `stores`.
namespace stored::storage::sqlite {

// The columns that ReadSession() reads, to be written between SELECT and FROM.
#define STORED_SESSION_COLUMNS                                                              \
  "sequence, token, upload_id, product, run_name, tag, description, format, force, "        \
  "trim_path_prefixes, skip_bad_files, payload_file, payload_size, payload_sha256, state, " \
  "revision, enqueued_at, started_at, finished_at, attempts, cancel_requested, consumed, "  \
  "result, error_code, error_message, expire_after "

// Reads the current row of a statement that selects STORED_SESSION_COLUMNS.
absl::StatusOr<StoreSession> ReadSession(const Statement& row);

// Reads all remaining rows of such a statement.
absl::StatusOr<std::vector<StoreSession>> ReadSessions(Statement& select);

// Inserts a new session and sets its sequence.
absl::Status InsertSession(Database& database, StoreSession& session);
// Updates the columns of a session that can change. Those of the request, the payload and
// enqueued_at cannot.
absl::Status UpdateSession(Database& database, const StoreSession& session);

// Return nothing if there is no such session.
absl::StatusOr<std::optional<StoreSession>> FindSession(Database& database,
                                                        const std::string& token);
absl::StatusOr<std::optional<StoreSession>> FindSessionOfUpload(Database& database,
                                                                const std::string& upload_id);
// Returns the token of an ENQUEUED or RUNNING store into the run; nothing if there is none.
absl::StatusOr<std::optional<std::string>> FindUnfinished(Database& database,
                                                          const std::string& product,
                                                          const std::string& run_name);

}  // namespace stored::storage::sqlite
