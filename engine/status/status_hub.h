#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "absl/time/time.h"
#include "storage/session.h"

namespace stored::engine {

// A store session with what only the running server knows of it.
struct LiveStatus {
  storage::StoreSession session;
  // Of the session and of the progress below; grows with every change of either.
  int64_t revision = 0;
  storage::StorePhase phase = storage::StorePhase::kNone;
  int64_t done = 0;
  int64_t total = 0;
  std::optional<absl::Time> heartbeat_at;
  // While RUNNING, once its worker has said so: since when, by the monotonic clock. What is left of
  // it is judged by this and not by `started_at`: that is a wall clock's, and may be put right.
  std::optional<absl::Duration> running_since;
  // While ENQUEUED: stores in progress that come before it, products taking turns, and bytes of
  // their payloads.
  int32_t stores_ahead = 0;
  int64_t bytes_ahead = 0;
};

// A status as the queue keeps it, of a store that no worker is at.
LiveStatus StatusOf(const storage::StoreSession& session);

// Somebody who wants to know of every change of a store.
class StatusWatcher {
 public:
  virtual ~StatusWatcher() = default;

  // A change, or the present state at the start. Revisions never go back. Called from any thread,
  // one call at a time; must neither block nor call the hub.
  virtual void OnStatus(const std::shared_ptr<const LiveStatus>& status) = 0;
  // The server is stopping: no more changes will be told.
  virtual void OnClosed() = 0;
};

// Where the present state of every store in progress is known without asking a database, and where
// changes are told to those who watch. Watchers are objects, not threads. Safe for concurrent use.
class StatusHub {
 public:
  // A change that the queue has kept. One that is final is told and then forgotten: from then on
  // the queue knows it. An older revision than the known one is ignored, also of a store that has
  // ended: whoever publishes may have been overtaken by the worker that ended it. A worker that
  // begins says when, `running_since`.
  void Publish(const storage::StoreSession& session,
               std::optional<absl::Duration> running_since = std::nullopt);

  // Progress of a RUNNING store; ignored when it is not known as that.
  void PublishProgress(const std::string& token, storage::StorePhase phase, int64_t done,
                       int64_t total, absl::Time now);

  // Nothing for a store that is final, or unknown.
  std::shared_ptr<const LiveStatus> Find(const std::string& token) const;
  // Whether the store is in progress and somebody asked for its end.
  bool CancelRequested(const std::string& token) const;

  // Tells `watcher` the present state and every change from then on, until it is removed. False,
  // and nothing done, when the store is not in progress (ask the queue).
  bool AddWatcher(const std::string& token, const std::shared_ptr<StatusWatcher>& watcher);
  void RemoveWatcher(const std::string& token, const std::shared_ptr<StatusWatcher>& watcher);

  // Tells all watchers, those to come too, that the server is stopping.
  void Close();

 private:
  struct Entry {
    std::shared_ptr<const LiveStatus> status;
    absl::flat_hash_set<std::shared_ptr<StatusWatcher>> watchers;
  };

  // `status` with what stands before it in the queue now. With the mutex held.
  std::shared_ptr<const LiveStatus> WithQueuePosition(
      const std::shared_ptr<const LiveStatus>& status) const;

  // Notes that a store has ended. With the mutex held.
  void Forget(const std::string& token);

  mutable std::mutex mutex_;
  // The last stores that ended, and in which order, so that none comes back.
  absl::flat_hash_set<std::string> ended_;
  std::deque<std::string> ended_order_;
  absl::flat_hash_map<std::string, Entry> entries_;
  bool closed_ = false;
};

}  // namespace stored::engine
