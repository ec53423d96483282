#include "engine/stores.h"

#include <utility>

#include "base/status.h"
#include "storage/policy/field_checks.h"

namespace stored::engine {
namespace {

constexpr int kDefaultPageSize = 100;
constexpr int kMaxPageSize = 1000;

}  // namespace

Stores::Stores(const Parts& parts, const UploadLimits& limits)
    : queue_(parts.backend.queue()),
      spool_(parts.spool),
      hub_(parts.hub),
      advice_(parts.advice),
      notes_(parts.notes),
      clock_(parts.clock),
      workers_(parts.executor.workers()),
      statuses_(queue_, hub_),
      registry_(spool_),
      uploads_{.backend = parts.backend,
               .spool = parts.spool,
               .registry = registry_,
               .hub = parts.hub,
               .advice = parts.advice,
               .clock = parts.clock,
               .limits = limits,
               .on_accepted = [&executor = parts.executor] { executor.Wake(); }} {}

storage::PollTimes Stores::TimesOf(const LiveStatus& status) const {
  if (storage::IsFinal(status.session.state)) return {};
  const absl::Duration remaining = advice_.Remaining(status, workers_, clock_.Monotonic());
  return {PollAdvice::PollAfter(remaining), remaining};
}

absl::StatusOr<Stores::Upload> Stores::FindUpload(const std::string& upload_id) {
  STORED_RETURN_IF_ERROR(storage::CheckUploadId(upload_id));
  const absl::StatusOr<storage::StoreSession> session = queue_.FindUpload(upload_id);
  if (session.ok()) {
    STORED_ASSIGN_OR_RETURN(LiveStatus status, statuses_.Find(session->token));
    return Upload{session->payload.size, std::move(status)};
  }
  if (!absl::IsNotFound(session.status())) return session.status();
  const absl::StatusOr<int64_t> committed = registry_.CommittedSize(upload_id);
  if (committed.ok()) return Upload{*committed, std::nullopt};
  // The upload may have been accepted after the queue was read.
  if (queue_.FindUpload(upload_id).ok()) {
    return absl::UnavailableError("the upload is being accepted: ask again");
  }
  return committed.status();
}

absl::StatusOr<Stores::Page> Stores::List(const storage::SessionFilter& filter, int64_t page_size,
                                          const std::string& page_token) const {
  STORED_RETURN_IF_ERROR(storage::CheckSessionFilter(filter));
  STORED_ASSIGN_OR_RETURN(const int size,
                          storage::CheckPageSize(page_size, kDefaultPageSize, kMaxPageSize));
  STORED_ASSIGN_OR_RETURN(storage::SessionPage sessions, queue_.List(filter, size, page_token));
  Page page;
  page.stores.reserve(sessions.sessions.size());
  for (const storage::StoreSession& session : sessions.sessions) {
    // The hub knows the progress of a store that is still in the state that the filter matched.
    const std::shared_ptr<const LiveStatus> live = statuses_.FindLive(session.token);
    const bool same = live != nullptr && live->session.state == session.state;
    page.stores.push_back(same ? *live : StatusOf(session));
  }
  page.next_page_token = std::move(sessions.next_page_token);
  return page;
}

absl::StatusOr<LiveStatus> Stores::Cancel(const std::string& token) {
  STORED_RETURN_IF_ERROR(statuses_.Find(token).status());
  STORED_ASSIGN_OR_RETURN(const storage::StoreSession session,
                          queue_.RequestCancel(token, clock_.Now()));
  hub_.Publish(session);
  if (session.state == storage::StoreState::kCancelled) {
    // A file that cannot be removed now is removed at the next start.
    spool_.Remove(session.payload.file).IgnoreError();
  }
  return statuses_.Newest(session);
}

void Stores::NoteConsumed(const LiveStatus& status) {
  if (!storage::IsFinal(status.session.state) || status.session.consumed) return;
  notes_.Post(
      [&queue = queue_, token = status.session.token] { queue.MarkConsumed(token).IgnoreError(); });
}

}  // namespace stored::engine
