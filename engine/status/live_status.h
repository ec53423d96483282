#pragma once

#include <optional>

#include "absl/time/time.h"
#include "storage/session.h"
#include "storage/store_progress.h"

namespace stored::engine {

// A store session with its progress, as the running server knows it.
struct LiveStatus {
  storage::StoreSession session;
  storage::StoreProgress progress;
  // While RUNNING, once the worker has reported it: when the work began, by the monotonic clock.
  // Estimates use this and not `started_at`, because a wall clock may be set.
  std::optional<absl::Duration> running_since;
};

// Returns the status of a session that no worker is processing, as the queue keeps it.
LiveStatus StatusOf(const storage::StoreSession& session);

}  // namespace stored::engine
