#include "services/status_answers.h"

#include <fmt/format.h>

#include <utility>

#include "base/status.h"
#include "base/text/text.h"
#include "marshalling/store_marshalling.h"
#include "marshalling/time_marshalling.h"

namespace stored::services {
namespace {

constexpr size_t kTokenBytes = 32;

}  // namespace

v1::StoreStatus StatusAnswers::Answer(const engine::LiveStatus& status) const {
  if (storage::IsFinal(status.session.state))
    return marshalling::ToProto(status, absl::ZeroDuration());
  const absl::Duration now = context_.clock.Monotonic();
  const int workers = context_.executor.workers();
  v1::StoreStatus answer =
      marshalling::ToProto(status, context_.advice.PollAfter(status, workers, now));
  *answer.mutable_estimate() =
      marshalling::ToProto(context_.advice.Remaining(status, workers, now));
  return answer;
}

std::shared_ptr<const engine::LiveStatus> StatusAnswers::FindLive(const std::string& token) const {
  return context_.hub.Find(token);
}

absl::StatusOr<engine::LiveStatus> StatusAnswers::Find(const std::string& token) const {
  if (const std::shared_ptr<const engine::LiveStatus> live = FindLive(token)) return *live;
  absl::StatusOr<storage::StoreSession> session = absl::NotFoundError("");
  if (token.size() == kTokenBytes) session = context_.store.queue().Get(token);
  if (absl::IsNotFound(session.status())) {
    return absl::NotFoundError(fmt::format("no store has the token '{}' on this server",
                                           Printable(token.substr(0, 2 * kTokenBytes))));
  }
  if (!session.ok()) return session.status();
  return engine::StatusOf(*session);
}

absl::Status StatusAnswers::Watch(const std::string& token,
                                  const std::shared_ptr<engine::StatusWatcher>& watcher) const {
  // A store may be committed and not published yet, or end between two looks; not both, again and
  // again.
  constexpr int kLooks = 3;
  for (int look = 0; look < kLooks; ++look) {
    if (context_.hub.AddWatcher(token, watcher)) return absl::OkStatus();
    STORED_ASSIGN_OR_RETURN(engine::LiveStatus status, Find(token));
    if (storage::IsFinal(status.session.state)) {
      watcher->OnStatus(std::make_shared<const engine::LiveStatus>(std::move(status)));
      return absl::OkStatus();
    }
    context_.hub.Publish(status.session);
  }
  return absl::UnavailableError("the store cannot be watched at the moment: try again");
}

void StatusAnswers::NoteConsumed(const engine::LiveStatus& status) const {
  if (!storage::IsFinal(status.session.state) || status.session.consumed) return;
  // Not worth an error to the client: it is asked again, or never.
  context_.notes.Post([this, token = status.session.token] {
    context_.store.queue().MarkConsumed(token).IgnoreError();
  });
}

}  // namespace stored::services
