#include "engine/work/recovery.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/status.h"
#include "base/text/text.h"
#include "engine/work/outcome.h"
#include "engine/work/payload.h"

namespace stored::engine {
namespace {

using storage::StoreError;
using storage::StoreErrorCode;
using storage::StoreResult;
using storage::StoreSession;
using storage::StoreState;

constexpr int kPageSize = 1000;

class Recovery {
 public:
  Recovery(storage::Backend& backend, storage::Spool& spool, StatusHub& hub, Clock& clock,
           const RecoveryOptions& options)
      : backend_(backend), spool_(spool), hub_(hub), clock_(clock), options_(options) {}

  absl::Status Run() {
    STORED_ASSIGN_OR_RETURN(const std::vector<StoreSession> running, backend_.queue().Running());
    for (const StoreSession& session : running) STORED_RETURN_IF_ERROR(Settle(session));
    STORED_ASSIGN_OR_RETURN(const std::set<std::string> payloads, PublishEnqueued());
    STORED_ASSIGN_OR_RETURN(const int removed, RemoveOrphans(payloads));
    if (!running.empty() || removed > 0) {
      spdlog::warn(
          "recovery: {} stores were running when the server {}: {} had been committed, {} will run "
          "again, {} ended; {} files without an owner were removed from the spool",
          running.size(), died_ ? "died" : "stopped", completed_, requeued_, ended_, removed);
    }
    return absl::OkStatus();
  }

 private:
  // Ends a RUNNING store or gives it back to the queue.
  absl::Status Settle(const StoreSession& session) {
    storage::SessionQueue& queue = backend_.queue();
    std::optional<StoreResult> result;
    const absl::StatusOr<std::shared_ptr<storage::ProductResults>> results =
        backend_.Results(session.request.product);
    if (results.ok()) {
      STORED_ASSIGN_OR_RETURN(result, (*results)->Ingested(session.token));
    }
    if (result) {
      ++completed_;
      return queue.Complete(session.token, *result, clock_.Now()).status();
    }
    if (session.cancel_requested) {
      ++ended_;
      return queue.Fail(session.token, CancelledByClient(), clock_.Now()).status();
    }
    if (died_ && session.attempts >= options_.max_attempts) {
      const StoreError error{
          StoreErrorCode::kCrashed,
          fmt::format("the server died in each of {} attempts to store this", session.attempts)};
      ++ended_;
      return queue.Fail(session.token, error, clock_.Now()).status();
    }
    using Attempt = storage::SessionQueue::Attempt;
    ++requeued_;
    return queue.Requeue(session.token, died_ ? Attempt::kCounted : Attempt::kTakenBack).status();
  }

  // Tells the hub of all ENQUEUED stores; returns the files of their payloads.
  absl::StatusOr<std::set<std::string>> PublishEnqueued() {
    std::set<std::string> payloads;
    storage::SessionFilter enqueued;
    enqueued.states = {StoreState::kEnqueued};
    std::string page_token;
    do {
      STORED_ASSIGN_OR_RETURN(const storage::SessionPage page,
                              backend_.queue().List(enqueued, kPageSize, page_token));
      for (const StoreSession& session : page.sessions) {
        hub_.Publish(session);
        payloads.insert(session.payload.file);
        WarnOfLostPayload(session);
      }
      page_token = page.next_page_token;
    } while (!page_token.empty());
    return payloads;
  }

  // A restore that was interrupted may have lost payloads. The job of the store will fail and tell
  // the client.
  void WarnOfLostPayload(const StoreSession& session) const {
    const absl::Status whole = CheckPayloadIsWhole(spool_, session.payload);
    if (whole.ok()) return;
    const auto results = backend_.Results(session.request.product);
    if (!results.ok()) return;
    const auto ingested = (*results)->Ingested(session.token);
    if (ingested.ok() && ingested->has_value()) return;
    spdlog::warn("store {} into {}/{} waits, but {}", session.token, session.request.product,
                 Printable(session.request.run_name), std::string(whole.message()));
  }

  // Returns the number of files removed.
  absl::StatusOr<int> RemoveOrphans(const std::set<std::string>& payloads) {
    storage::SessionQueue& queue = backend_.queue();
    storage::Spool::Owners owners;
    owners.needs_payload = [&payloads](const std::string& file) { return payloads.contains(file); };
    owners.was_accepted = [&queue](const std::string& upload_id) -> absl::StatusOr<bool> {
      const absl::Status found = queue.FindUpload(upload_id).status();
      if (found.ok() || absl::IsNotFound(found)) return found.ok();
      return found;
    };
    return spool_.RemoveOrphans(owners);
  }

  storage::Backend& backend_;
  storage::Spool& spool_;
  StatusHub& hub_;
  Clock& clock_;
  const RecoveryOptions options_;
  // A server that stopped cleanly leaves a store RUNNING only if it could not give it back to the
  // queue; such an attempt does not count.
  const bool died_ = !backend_.stopped_cleanly();
  int completed_ = 0;
  int requeued_ = 0;
  int ended_ = 0;
};

}  // namespace

absl::Status Recover(storage::Backend& backend, storage::Spool& spool, StatusHub& hub, Clock& clock,
                     const RecoveryOptions& options) {
  return Recovery(backend, spool, hub, clock, options).Run();
}

}  // namespace stored::engine
