#pragma once

#include <memory>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "base/time/clock.h"
#include "engine/status/poll_advice.h"
#include "engine/status/status_hub.h"
#include "engine/work/outcome.h"
#include "engine/work/payload.h"
#include "engine/work/product_backoff.h"
#include "engine/work/progress_observer.h"
#include "engine/work/stop_signal.h"
#include "reports/limits.h"
#include "storage/backend.h"
#include "storage/spool/spool.h"

namespace stored::engine {

// Runs one store, from its claim to its end. Used by one thread.
class StoreJob {
 public:
  // The parts of the server that jobs work with. All of them outlive the jobs.
  struct Context {
    storage::Backend& backend;
    storage::Spool& spool;
    StatusHub& hub;
    PollAdvice& advice;
    ProductBackoff& backoff;
    // Once raised, a running job returns its store to the queue as soon as it can.
    StopSignal& stop;
    Clock& clock;
    reports::Limits limits;
  };

  // `context` and `session` outlive the job.
  // REQUIRES: `session` is RUNNING, as SessionQueue::ClaimNext() returned it.
  StoreJob(const Context& context, const storage::StoreSession& session);
  StoreJob(const StoreJob&) = delete;
  StoreJob& operator=(const StoreJob&) = delete;

  // Ingests the payload and records the end of the store, or that it goes back to the queue, in the
  // queue. Tells the hub of every change, the backoff whether the store was put off, and the advice
  // how long a completed store took; removes the payload of a store that ended; logs one line.
  // Retries until the queue can be written or the stop signal is raised. In the latter case the
  // store stays RUNNING, and the recovery of the next server ends or requeues it. Gives up if the
  // queue no longer has the store as RUNNING.
  void Run();

 private:
  // Ingest(), with failures to allocate memory or create threads turned into outcomes.
  Outcome Attempt();
  Outcome Ingest(ProgressObserver& observer);
  absl::StatusOr<std::unique_ptr<Payload>> OpenPayload(ProgressObserver& observer);
  storage::IngestRequest MakeRequest(const storage::ProductSettings& settings) const;
  // OutcomeOfError() for this store.
  Outcome AfterError(ErrorSource source, const absl::Status& status) const;

  // Puts off the product of this store, and logs `reason`.
  void Delay(const absl::Status& reason);
  // Records the outcome in the queue; returns the session as it is then.
  absl::StatusOr<storage::StoreSession> RecordOnce(const Outcome& outcome);
  // `start` is when the work began, by the monotonic clock.
  void Record(const Outcome& outcome, absl::Duration start);

  const Context& context_;
  const storage::StoreSession& session_;
};

}  // namespace stored::engine
