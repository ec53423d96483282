#include "engine/status/status_hub.h"

#include <utility>

namespace stored::engine {
namespace {

// The number of ended stores that are remembered: more than can end while a thread is about to
// publish an older state of one of them.
constexpr size_t kRememberedEnds = 10'000;

}  // namespace

LiveStatus StatusOf(const storage::StoreSession& session) {
  LiveStatus status;
  status.session = session;
  status.session.request.trim_path_prefixes.clear();  // Only the worker needs them.
  status.progress.revision = session.revision;
  return status;
}

void StatusHub::Publish(const storage::StoreSession& session,
                        std::optional<absl::Duration> running_since) {
  auto status = std::make_shared<LiveStatus>(StatusOf(session));
  status->running_since = running_since;
  const MutexLock lock(mutex_);
  const auto found = entries_.find(session.token);
  if (found == entries_.end()) {
    if (storage::IsFinal(session.state)) {
      NoteEnded(session.token);
    } else if (!ended_.contains(session.token)) {
      entries_[session.token].status = std::move(status);
      order_.Add(session);
    }
    return;
  }
  Entry& entry = found->second;
  if (session.revision <= entry.status->session.revision) {
    // A thread that read the session from the queue may have been faster than the worker, but only
    // the worker knows when it began.
    if (running_since && session.revision == entry.status->session.revision) {
      auto known = std::make_shared<LiveStatus>(*entry.status);
      known->running_since = running_since;
      entry.status = std::move(known);
    }
    return;
  }
  if (session.state == storage::StoreState::kRunning) {
    if (!running_since) status->running_since = entry.status->running_since;
    const int64_t revision = status->progress.revision;
    status->progress = entry.status->progress;
    status->progress.revision = revision;
  }
  const storage::StoreState before = entry.status->session.state;
  if (session.state != before) {
    order_.Remove(entry.status->session);
    if (!storage::IsFinal(session.state)) order_.Add(session);
  }
  entry.status = std::move(status);
  const std::shared_ptr<const LiveStatus> told =
      entry.watchers.empty() ? entry.status : WithQueuePosition(entry.status);
  for (const std::shared_ptr<StatusWatcher>& watcher : entry.watchers) watcher->OnStatus(told);
  if (storage::IsFinal(session.state)) {
    entries_.erase(found);
    NoteEnded(session.token);
  }
}

void StatusHub::NoteEnded(const std::string& token) {
  if (!ended_.insert(token).second) return;
  ended_order_.push_back(token);
  if (ended_order_.size() <= kRememberedEnds) return;
  ended_.erase(ended_order_.front());
  ended_order_.pop_front();
}

void StatusHub::PublishProgress(const std::string& token, storage::StorePhase phase, int64_t done,
                                int64_t total, absl::Time now) {
  const MutexLock lock(mutex_);
  const auto found = entries_.find(token);
  if (found == entries_.end()) return;
  Entry& entry = found->second;
  if (entry.status->session.state != storage::StoreState::kRunning) return;
  auto status = std::make_shared<LiveStatus>(*entry.status);
  ++status->progress.revision;
  status->progress.phase = phase;
  status->progress.done = done;
  status->progress.total = total;
  status->progress.heartbeat_at = now;
  entry.status = std::move(status);
  for (const std::shared_ptr<StatusWatcher>& watcher : entry.watchers) {
    watcher->OnStatus(entry.status);
  }
}

std::shared_ptr<const LiveStatus> StatusHub::Find(const std::string& token) const {
  const MutexLock lock(mutex_);
  const auto found = entries_.find(token);
  return found == entries_.end() ? nullptr : WithQueuePosition(found->second.status);
}

bool StatusHub::CancelRequested(const std::string& token) const {
  const MutexLock lock(mutex_);
  const auto found = entries_.find(token);
  return found != entries_.end() && found->second.status->session.cancel_requested;
}

std::shared_ptr<const LiveStatus> StatusHub::WithQueuePosition(
    const std::shared_ptr<const LiveStatus>& status) const {
  if (status->session.state != storage::StoreState::kEnqueued) return status;
  const QueueOrder::Ahead ahead = order_.Before(status->session);
  auto placed = std::make_shared<LiveStatus>(*status);
  placed->progress.stores_ahead = static_cast<int32_t>(ahead.stores);
  placed->progress.bytes_ahead = ahead.bytes;
  return placed;
}

bool StatusHub::AddWatcher(const std::string& token,
                           const std::shared_ptr<StatusWatcher>& watcher) {
  const MutexLock lock(mutex_);
  if (closed_) {
    watcher->OnClosed();
    return true;
  }
  const auto found = entries_.find(token);
  if (found == entries_.end()) return false;
  found->second.watchers.insert(watcher);
  watcher->OnStatus(WithQueuePosition(found->second.status));
  return true;
}

void StatusHub::RemoveWatcher(const std::string& token,
                              const std::shared_ptr<StatusWatcher>& watcher) {
  const MutexLock lock(mutex_);
  const auto found = entries_.find(token);
  if (found != entries_.end()) found->second.watchers.erase(watcher);
}

void StatusHub::Close() {
  const MutexLock lock(mutex_);
  closed_ = true;
  for (auto& [token, entry] : entries_) {
    for (const std::shared_ptr<StatusWatcher>& watcher : entry.watchers) watcher->OnClosed();
    entry.watchers.clear();
  }
}

}  // namespace stored::engine
