#include "engine/status/status_hub.h"

#include <algorithm>
#include <string_view>
#include <utility>

namespace stored::engine {
namespace {

// More than can end while somebody is about to publish an older state of one of them.
constexpr size_t kRememberedEnds = 10'000;

}  // namespace

LiveStatus StatusOf(const storage::StoreSession& session) {
  LiveStatus status;
  status.session = session;
  status.session.request.trim_path_prefixes.clear();  // Of interest to the worker alone.
  status.revision = session.revision;
  return status;
}

// Watchers are called with the mutex held: it is what puts the changes of a store in order, and
// OnStatus does no more than note the newest state and start a write.

void StatusHub::Publish(const storage::StoreSession& session,
                        std::optional<absl::Duration> running_since) {
  auto status = std::make_shared<LiveStatus>(StatusOf(session));
  status->running_since = running_since;
  const std::lock_guard lock(mutex_);
  const auto found = entries_.find(session.token);
  if (found == entries_.end()) {
    if (storage::IsFinal(session.state)) {
      Forget(session.token);
    } else if (!ended_.contains(session.token)) {
      entries_[session.token].status = std::move(status);
    }
    return;
  }
  Entry& entry = found->second;
  if (session.revision <= entry.status->session.revision) {
    // Somebody who found it in the queue may have been faster than its worker, but cannot know
    // this.
    if (running_since && session.revision == entry.status->session.revision) {
      auto known = std::make_shared<LiveStatus>(*entry.status);
      known->running_since = running_since;
      entry.status = std::move(known);
    }
    return;
  }
  if (session.state == storage::StoreState::kRunning) {
    if (!running_since) status->running_since = entry.status->running_since;
    status->phase = entry.status->phase;
    status->done = entry.status->done;
    status->total = entry.status->total;
    status->heartbeat_at = entry.status->heartbeat_at;
  }
  entry.status = std::move(status);
  const std::shared_ptr<const LiveStatus> told =
      entry.watchers.empty() ? entry.status : WithQueuePosition(entry.status);
  for (const std::shared_ptr<StatusWatcher>& watcher : entry.watchers) watcher->OnStatus(told);
  if (storage::IsFinal(session.state)) {
    entries_.erase(found);
    Forget(session.token);
  }
}

void StatusHub::Forget(const std::string& token) {
  if (!ended_.insert(token).second) return;
  ended_order_.push_back(token);
  if (ended_order_.size() <= kRememberedEnds) return;
  ended_.erase(ended_order_.front());
  ended_order_.pop_front();
}

void StatusHub::PublishProgress(const std::string& token, storage::StorePhase phase, int64_t done,
                                int64_t total, absl::Time now) {
  const std::lock_guard lock(mutex_);
  const auto found = entries_.find(token);
  if (found == entries_.end()) return;
  Entry& entry = found->second;
  if (entry.status->session.state != storage::StoreState::kRunning) return;
  auto status = std::make_shared<LiveStatus>(*entry.status);
  ++status->revision;
  status->phase = phase;
  status->done = done;
  status->total = total;
  status->heartbeat_at = now;
  entry.status = std::move(status);
  for (const std::shared_ptr<StatusWatcher>& watcher : entry.watchers) {
    watcher->OnStatus(entry.status);
  }
}

std::shared_ptr<const LiveStatus> StatusHub::Find(const std::string& token) const {
  const std::lock_guard lock(mutex_);
  const auto found = entries_.find(token);
  return found == entries_.end() ? nullptr : WithQueuePosition(found->second.status);
}

bool StatusHub::CancelRequested(const std::string& token) const {
  const std::lock_guard lock(mutex_);
  const auto found = entries_.find(token);
  return found != entries_.end() && found->second.status->session.cancel_requested;
}

std::shared_ptr<const LiveStatus> StatusHub::WithQueuePosition(
    const std::shared_ptr<const LiveStatus>& status) const {
  if (status->session.state != storage::StoreState::kEnqueued) return status;
  struct Waiting {
    int64_t stores = 0;
    int64_t bytes = 0;
  };
  Waiting before;
  absl::flat_hash_map<std::string_view, Waiting> others;
  for (const auto& [token, entry] : entries_) {
    const storage::StoreSession& other = entry.status->session;
    const bool same = other.request.product == status->session.request.product;
    if (same && other.sequence >= status->session.sequence) continue;
    // What is worked on stands in nobody's way but its own run's.
    const bool running = other.state == storage::StoreState::kRunning;
    if (running && !(same && other.request.run_name == status->session.request.run_name)) continue;
    Waiting& waiting = same ? before : others[other.request.product];
    ++waiting.stores;
    waiting.bytes += other.payload.size;
  }
  auto placed = std::make_shared<LiveStatus>(*status);
  placed->stores_ahead = static_cast<int32_t>(before.stores);
  placed->bytes_ahead = before.bytes;
  // Products take turns: of each other one, as many stores come first as of this one.
  for (const auto& [product, waiting] : others) {
    const int64_t turns = std::min(waiting.stores, before.stores);
    placed->stores_ahead += static_cast<int32_t>(turns);
    placed->bytes_ahead += waiting.bytes / waiting.stores * turns;
  }
  return placed;
}

bool StatusHub::AddWatcher(const std::string& token,
                           const std::shared_ptr<StatusWatcher>& watcher) {
  const std::lock_guard lock(mutex_);
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
  const std::lock_guard lock(mutex_);
  const auto found = entries_.find(token);
  if (found != entries_.end()) found->second.watchers.erase(watcher);
}

void StatusHub::Close() {
  const std::lock_guard lock(mutex_);
  closed_ = true;
  for (auto& [token, entry] : entries_) {
    for (const std::shared_ptr<StatusWatcher>& watcher : entry.watchers) watcher->OnClosed();
    entry.watchers.clear();
  }
}

}  // namespace stored::engine
