#pragma once

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "engine/status/live_status.h"
#include "engine/status/status_hub.h"
#include "storage/session_queue.h"

namespace stored::engine {

// Finds the status of a store: in the hub while it is in progress, else in the queue. Safe for
// concurrent use.
class StatusReader {
 public:
  // Both outlive the object.
  StatusReader(storage::SessionQueue& queue, StatusHub& hub) : queue_(queue), hub_(hub) {}

  // Returns the status of a store in progress from memory, null for any other. Never blocks on a
  // database.
  std::shared_ptr<const LiveStatus> FindLive(const std::string& token) const {
    return hub_.Find(token);
  }

  // Returns the status of any store; may read the database. NOT_FOUND if no store has the token.
  absl::StatusOr<LiveStatus> Find(const std::string& token) const;

  // Returns the status of a session just read from the queue: the hub's, if it has one.
  LiveStatus Newest(const storage::StoreSession& session) const;

  // Tells `watcher` the present state and every change; only the final state if the store has
  // ended. May read the database. NOT_FOUND if no store has the token; UNAVAILABLE if the store
  // kept changing while this looked for it.
  absl::Status Watch(const std::string& token, const std::shared_ptr<StatusWatcher>& watcher) const;
  void Unwatch(const std::string& token, const std::shared_ptr<StatusWatcher>& watcher) const {
    hub_.RemoveWatcher(token, watcher);
  }

 private:
  storage::SessionQueue& queue_;
  StatusHub& hub_;
};

}  // namespace stored::engine
