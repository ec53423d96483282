#pragma once

#include "absl/status/status.h"
#include "base/time/clock.h"
#include "engine/status/status_hub.h"
#include "storage/backend.h"
#include "storage/spool/spool.h"

namespace stored::engine {

struct RecoveryOptions {
  // A store becomes FAILED if this many servers died while they ran it.
  int max_attempts = 3;
};

// Completes the work that an earlier server on these directories left unfinished:
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
