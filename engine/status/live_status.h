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
  // When the worker began, by the monotonic clock. Set while RUNNING, once the worker has reported
  // it. Estimates use this and not `started_at`, because the wall clock may be changed.
  std::optional<absl::Duration> running_since;
};

// Returns the status of a session that no worker is processing, as the queue keeps it.
LiveStatus StatusOf(const storage::StoreSession& session);

}  // namespace stored::engine
