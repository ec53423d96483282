#pragma once

#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "base/time/clock.h"
#include "engine/status/poll_advice.h"
#include "engine/status/status_hub.h"
#include "reports/limits.h"
#include "storage/backend.h"
#include "storage/spool/spool.h"

namespace stored::engine {

// Works the queue: a fixed number of threads, each claiming the next store
// (SessionQueue::ClaimNext) and bringing it to its end. Safe for concurrent use.
class Executor {
 public:
  struct Options {
    // Stores worked on at the same time. Where there are two or more, a store whose product has
    // none RUNNING waits only while as many products have one (SessionQueue::ClaimRules).
    int workers = 2;
    reports::Limits limits;
    // A store that was running this often when the server died is FAILED.
    int max_attempts = 3;
  };

  // Everything given outlives the executor.
  Executor(storage::Backend& store, storage::Spool& spool, StatusHub& hub, PollAdvice& advice,
           Clock& clock, const Options& options);
  ~Executor();
  Executor(const Executor&) = delete;
  Executor& operator=(const Executor&) = delete;

  // Before Start: brings what an earlier server left RUNNING to order. A store whose results were
  // committed is completed, others go back to the queue or, after too many attempts with servers
  // that died, FAIL. Removes what nobody owns from the spool. Tells the hub of every store in
  // progress. Logs one line.
  absl::Status Recover();

  // An error: the store could not be told, and no worker runs.
  absl::Status Start();
  // There may be something new to claim.
  void Wake();
  // Claims nothing more, lets running stores go on for `drain`, gives back to the queue what is not
  // done then, and returns when no worker runs.
  void Stop(absl::Duration drain);

  int workers() const { return options_.workers; }

 private:
  class Observer;

  // Whether the store's payload is in the spool, as long as it was when it was acknowledged:
  // INTERNAL otherwise.
  absl::Status CheckPayload(const storage::StoreSession& session) const;
  void WarnOfLostPayload(const storage::StoreSession& session) const;
  // Removes from the spool what is neither of these payloads nor an upload that somebody may go on
  // with; returns how many files.
  absl::StatusOr<int> RemoveOrphans(const std::set<std::string>& payloads);
  void Work();
  void Checkpoint(const std::string& product);
  void Run(const storage::StoreSession& session);
  // Notes that the product is in trouble that may pass: a full disk, a database that another
  // process has. Its stores go back to the queue and wait; what was acknowledged is not to fail for
  // that.
  void PutOff(const storage::StoreSession& session, const absl::Status& status);
  // Those not to be claimed from now; `*next` is when the first of them may be again. With the
  // mutex held.
  std::set<std::string> ProductsInTrouble(absl::Duration* next) const;
  // `*fault` says whose fault an error is, unless it is CANCELLED.
  absl::StatusOr<storage::StoreResult> IngestWithinMemory(const storage::StoreSession& session,
                                                          Observer& observer,
                                                          storage::StoreErrorCode* fault);
  absl::StatusOr<storage::StoreResult> Ingest(const storage::StoreSession& session,
                                              Observer& observer, storage::StoreErrorCode* fault);
  // Tells the queue the end; answers with the session as it is then.
  absl::StatusOr<storage::StoreSession> RecordEnd(
      const storage::StoreSession& session, const absl::StatusOr<storage::StoreResult>& result,
      storage::StoreErrorCode fault);
  // Tells queue and hub the end, as often as the queue needs; logs one line. `start` is when the
  // work began, by the monotonic clock.
  void End(const storage::StoreSession& session, const absl::StatusOr<storage::StoreResult>& result,
           storage::StoreErrorCode fault, absl::Duration start);
  bool stopping_hard() const;

  storage::Backend& store_;
  storage::Spool& spool_;
  StatusHub& hub_;
  PollAdvice& advice_;
  Clock& clock_;
  const Options options_;

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  // Under the mutex.
  int64_t wakes_ = 0;
  int running_ = 0;
  bool stopping_ = false;
  bool stopping_hard_ = false;
  struct Trouble {
    absl::Duration delay;
    // By the monotonic clock.
    absl::Duration over_at;
  };
  std::map<std::string, Trouble> troubles_;

  // Between Start and Stop.
  bool working_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace stored::engine
