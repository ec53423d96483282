#pragma once

#include <cstdint>
#include <optional>

#include "absl/time/time.h"
#include "storage/session.h"

namespace stored::storage {

// The part of a store's status that only the running server knows; no database keeps it.
struct StoreProgress {
  // Grows with every change of the session and of the fields from `phase` to `heartbeat_at`, but
  // not with the place in the queue.
  int64_t revision = 0;
  // While RUNNING. PARSING counts result files, other phases count reports; `total` is 0 while it
  // is not known.
  StorePhase phase = StorePhase::kNone;
  int64_t done = 0;
  int64_t total = 0;
  // When the worker last reported progress.
  std::optional<absl::Time> heartbeat_at;
  // While ENQUEUED: how many stores in progress are expected to be claimed before this one, since
  // products take turns, and the bytes of their payloads.
  int32_t stores_ahead = 0;
  int64_t bytes_ahead = 0;
};

// When a client should ask again for the status of a store in progress. Zeros for one that has
// ended.
struct PollTimes {
  // How long the client should wait before it polls again.
  absl::Duration poll_after;
  // How long until the store should be done.
  absl::Duration estimate;
};

}  // namespace stored::storage
