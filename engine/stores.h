#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "base/time/clock.h"
#include "engine/intake/upload_receiver.h"
#include "engine/lanes.h"
#include "engine/status/poll_advice.h"
#include "engine/status/status_hub.h"
#include "engine/status/status_reader.h"
#include "engine/work/executor.h"
#include "storage/backend.h"
#include "storage/session_queue.h"
#include "storage/spool/spool.h"
#include "storage/store_progress.h"

namespace stored::engine {

// The operations of clients on stores, whichever protocol they use: upload, look up, watch, list,
// cancel. Safe for concurrent use.
class Stores {
 public:
  // All of it outlives the object.
  struct Parts {
    storage::Backend& backend;
    storage::Spool& spool;
    StatusHub& hub;
    PollAdvice& advice;
    Executor& executor;
    // Runs NoteConsumed's writes, which no client waits for.
    WorkThreads& notes;
    Clock& clock;
  };

  Stores(const Parts& parts, const UploadLimits& limits);
  Stores(const Stores&) = delete;
  Stores& operator=(const Stores&) = delete;

  // Returns the context for the UploadReceivers of all connections. It wakes a worker for each
  // store that is accepted.
  UploadContext& uploads() { return uploads_; }
  // Makes every further message of an upload return UNAVAILABLE.
  void StopAccepting() { uploads_.accepting = false; }

  const StatusReader& statuses() const { return statuses_; }

  // Returns the present estimates for a store in progress; zeros for one that has ended.
  storage::PollTimes TimesOf(const LiveStatus& status) const;

  struct Upload {
    // The number of bytes that the server has.
    int64_t committed_size = 0;
    // Not set while the upload is still arriving.
    std::optional<LiveStatus> store;
  };
  // Finds out how far an upload got. INVALID_ARGUMENT if the id is malformed; NOT_FOUND if nothing
  // arrived under it; UNAVAILABLE while it is being accepted.
  absl::StatusOr<Upload> FindUpload(const std::string& upload_id);

  struct Page {
    // Newest first.
    std::vector<LiveStatus> stores;
    // Empty on the last page.
    std::string next_page_token;
  };
  // Returns a page of 1 to 1,000 stores; 0 is a page of 100. INVALID_ARGUMENT names the field.
  absl::StatusOr<Page> List(const storage::SessionFilter& filter, int64_t page_size,
                            const std::string& page_token) const;

  // Cancels a store that waits, or asks the worker of a running one to cancel it, and returns the
  // status after that. Repeating it is harmless. NOT_FOUND if no store has the token;
  // FAILED_PRECONDITION if the store has COMPLETED or FAILED.
  absl::StatusOr<LiveStatus> Cancel(const std::string& token);

  // Records, later and on another thread, that a client has seen a final state. Does nothing for
  // any other state. Errors are ignored: the session is only kept longer.
  void NoteConsumed(const LiveStatus& status);

 private:
  storage::SessionQueue& queue_;
  storage::Spool& spool_;
  StatusHub& hub_;
  const PollAdvice& advice_;
  WorkThreads& notes_;
  Clock& clock_;
  const int workers_;
  const StatusReader statuses_;
  UploadRegistry registry_;
  UploadContext uploads_;
};

}  // namespace stored::engine
