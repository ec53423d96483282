#pragma once

#include "absl/status/status.h"
#include "base/time/clock.h"
#include "engine/status/status_hub.h"
#include "storage/backend.h"
#include "storage/spool/spool.h"

namespace stored::engine {

struct RecoveryOptions {
  // A store that was running in this many servers that died is FAILED.
  int max_attempts = 3;
};

// Brings to order what an earlier server on these directories left behind:
//   - A store that is RUNNING is completed if its results were committed, CANCELLED if a client
//     asked for that, FAILED after too many attempts with servers that died, and otherwise goes
//     back to the queue.
//   - The hub is told of every store in progress, and a warning is logged for each whose payload is
//     lost.
//   - Files that belong neither to a store in progress nor to an upload that may be resumed are
//     removed from the spool.
// Logs one line if there was anything to do.
//
// REQUIRES: no executor has been started on these directories.
absl::Status Recover(storage::Backend& backend, storage::Spool& spool, StatusHub& hub, Clock& clock,
                     const RecoveryOptions& options = {});

}  // namespace stored::engine
