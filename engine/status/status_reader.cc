#include "engine/status/status_reader.h"

#include <fmt/format.h>

#include <utility>

#include "base/status.h"
#include "base/text/text.h"

namespace stored::engine {
namespace {

constexpr size_t kTokenBytes = 32;

}  // namespace

absl::StatusOr<LiveStatus> StatusReader::Find(const std::string& token) const {
  if (const std::shared_ptr<const LiveStatus> live = FindLive(token)) return *live;
  absl::StatusOr<storage::StoreSession> session = absl::NotFoundError("");
  if (token.size() == kTokenBytes) session = queue_.Get(token);
  if (absl::IsNotFound(session.status())) {
    return absl::NotFoundError(fmt::format("no store has the token '{}' on this server",
                                           Printable(Utf8Prefix(token, 2 * kTokenBytes))));
  }
  if (!session.ok()) return session.status();
  return StatusOf(*session);
}

LiveStatus StatusReader::Newest(const storage::StoreSession& session) const {
  const std::shared_ptr<const LiveStatus> live = FindLive(session.token);
  return live != nullptr ? *live : StatusOf(session);
}

absl::Status StatusReader::Watch(const std::string& token,
                                 const std::shared_ptr<StatusWatcher>& watcher) const {
  // A store may be committed and not yet published, or may end between AddWatcher and Find; it
  // cannot do so every time.
  constexpr int kAttempts = 3;
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    if (hub_.AddWatcher(token, watcher)) return absl::OkStatus();
    STORED_ASSIGN_OR_RETURN(LiveStatus status, Find(token));
    if (storage::IsFinal(status.session.state)) {
      watcher->OnStatus(std::make_shared<const LiveStatus>(std::move(status)));
      return absl::OkStatus();
    }
    hub_.Publish(status.session);
  }
  return absl::UnavailableError("the store cannot be watched at the moment: try again");
}

}  // namespace stored::engine
