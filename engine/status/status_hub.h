#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/time/time.h"
#include "base/mutex.h"
#include "engine/status/live_status.h"
#include "engine/status/queue_order.h"
#include "storage/session.h"

namespace stored::engine {

// An object that is told of every change of a store.
class StatusWatcher {
 public:
  virtual ~StatusWatcher() = default;

  // Called with the present state when the watcher is added, and then with every change. Revisions
  // never go back. Called from any thread, one call at a time; must neither block nor call the hub.
  virtual void OnStatus(const std::shared_ptr<const LiveStatus>& status) = 0;
  // Called when the server stops: OnStatus will not be called any more.
  virtual void OnClosed() = 0;
};

// Holds the present state of every store in progress, so that it can be read without a database,
// and tells watchers of changes. Watchers are objects, not threads. Safe for concurrent use.
class StatusHub {
 public:
  // Publishes a session after the queue has recorded a change of it. The hub tells watchers of a
  // final state and then forgets the store: from then on only the queue knows it. It ignores a
  // revision that is older than the one it knows, and every state of a store that has ended,
  // because another thread may have published a later change first. A worker that begins a store
  // passes the monotonic time as `running_since`.
  void Publish(const storage::StoreSession& session,
               std::optional<absl::Duration> running_since = std::nullopt)
      ABSL_LOCKS_EXCLUDED(mutex_);

  // Publishes progress of a RUNNING store. Does nothing unless the hub knows the store as RUNNING.
  void PublishProgress(const std::string& token, storage::StorePhase phase, int64_t done,
                       int64_t total, absl::Time now) ABSL_LOCKS_EXCLUDED(mutex_);

  // Returns null for a store that is final or unknown.
  std::shared_ptr<const LiveStatus> Find(const std::string& token) const
      ABSL_LOCKS_EXCLUDED(mutex_);
  // Returns true if the store is in progress and a client asked to cancel it.
  bool CancelRequested(const std::string& token) const ABSL_LOCKS_EXCLUDED(mutex_);

  // Tells `watcher` the present state and every change from then on, until it is removed. Returns
  // false, and does nothing, if the store is not in progress: then the queue has its state.
  bool AddWatcher(const std::string& token, const std::shared_ptr<StatusWatcher>& watcher)
      ABSL_LOCKS_EXCLUDED(mutex_);
  void RemoveWatcher(const std::string& token, const std::shared_ptr<StatusWatcher>& watcher)
      ABSL_LOCKS_EXCLUDED(mutex_);

  // Tells all watchers, and those that are added later, that the server is stopping.
  void Close() ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  struct Entry {
    std::shared_ptr<const LiveStatus> status;
    absl::flat_hash_set<std::shared_ptr<StatusWatcher>> watchers;
  };

  // Returns `status`, with its present place in the queue if the store is ENQUEUED.
  std::shared_ptr<const LiveStatus> WithQueuePosition(
      const std::shared_ptr<const LiveStatus>& status) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  // Remembers that a store has ended.
  void NoteEnded(const std::string& token) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  // Held while watchers are called: the lock keeps the changes of a store in order, and OnStatus
  // only notes the newest state and starts a write.
  mutable Mutex mutex_;
  // The tokens of the stores that ended last, oldest first in ended_order_, so that an older state
  // does not bring one back.
  absl::flat_hash_set<std::string> ended_ ABSL_GUARDED_BY(mutex_);
  std::deque<std::string> ended_order_ ABSL_GUARDED_BY(mutex_);
  absl::flat_hash_map<std::string, Entry> entries_ ABSL_GUARDED_BY(mutex_);
  // The sessions of `entries_`.
  QueueOrder order_ ABSL_GUARDED_BY(mutex_);
  bool closed_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace stored::engine
