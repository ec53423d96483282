#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "storage/policy/claim_order.h"
#include "storage/session_queue.h"
#include "storage/sqlite/connection/connections.h"

namespace stored::storage::sqlite {

// The queue, in meta.db.
class SqliteSessionQueue final : public SessionQueue {
 public:
  // REQUIRES: `writer` and `readers` outlive it.
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
  // Reads the session, applies `change` and writes the session back, in one transaction. Returns
  // the changed session. `change` raises the revision (storage/policy/session_transitions.h).
  absl::StatusOr<StoreSession> Change(const std::string& token,
                                      absl::FunctionRef<absl::Status(StoreSession&)> change);

  // Claims the session. Returns nothing if it can no longer be claimed.
  absl::StatusOr<std::optional<StoreSession>> Claim(int64_t sequence, absl::Time now,
                                                    const ClaimRules& rules);

  Writer& writer_;
  ReaderPool& readers_;
  ClaimOrder order_;
};

}  // namespace stored::storage::sqlite
