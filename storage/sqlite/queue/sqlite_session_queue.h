#pragma once

#include <optional>
#include <string>
#include <vector>

#include "storage/session_queue.h"
#include "storage/sqlite/connection/connections.h"
#include "storage/sqlite/queue/claim_order.h"

namespace stored::storage::sqlite {

// The queue in meta.db.
class SqliteSessionQueue final : public SessionQueue {
 public:
  // Both outlive it.
  SqliteSessionQueue(Writer& writer, ReaderPool& readers) : writer_(writer), readers_(readers) {}

  absl::StatusOr<Enqueued> Enqueue(const StoreRequest& request, const SpooledPayload& payload,
                                   const EnqueueOptions& options, absl::Time now) override;
  absl::StatusOr<StoreSession> Get(const std::string& token) override;
  absl::StatusOr<StoreSession> FindUpload(const std::string& upload_id) override;
  absl::StatusOr<SessionPage> List(const SessionFilter& filter, int page_size,
                                   const std::string& page_token) override;
  absl::StatusOr<std::optional<StoreSession>> ClaimNext(absl::Time now,
                                                        const ClaimRules& rules) override;
  absl::StatusOr<StoreSession> Complete(const std::string& token, const StoreResult& result,
                                        absl::Time now) override;
  absl::StatusOr<StoreSession> Fail(const std::string& token, const StoreError& error,
                                    absl::Time now) override;
  absl::StatusOr<StoreSession> Requeue(const std::string& token, Attempt attempt) override;
  absl::StatusOr<StoreSession> RequestCancel(const std::string& token, absl::Time now) override;
  absl::Status MarkConsumed(const std::string& token) override;
  absl::StatusOr<std::vector<StoreSession>> Running() override;

 private:
  // Reads the session, lets `change` alter it, keeps it with a new revision, all in one
  // transaction; answers with the session as it is then.
  absl::StatusOr<StoreSession> Change(const std::string& token,
                                      absl::FunctionRef<absl::Status(StoreSession&)> change);
  // As Change, for a session that must be RUNNING; `what` is for the error otherwise.
  absl::StatusOr<StoreSession> ChangeRunning(const std::string& token, const char* what,
                                             absl::FunctionRef<void(StoreSession&)> change);

  // Claims that store unless it is no longer to be claimed.
  absl::StatusOr<std::optional<StoreSession>> Claim(int64_t sequence, absl::Time now,
                                                    const ClaimRules& rules);

  Writer& writer_;
  ReaderPool& readers_;
  ClaimOrder order_;
};

}  // namespace stored::storage::sqlite
