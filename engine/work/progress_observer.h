#pragma once

#include <cstdint>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/time/time.h"
#include "base/mutex.h"
#include "base/time/clock.h"
#include "engine/status/status_hub.h"
#include "engine/work/stop_signal.h"
#include "storage/product_results.h"

namespace stored::engine {

// Publishes the progress of one store to the hub, and tells its ingest when to stop: when a client
// asked for the cancellation or the stop signal is raised. Safe for concurrent use: an input may be
// parsed on one thread while its reports are compared or written on another.
class ProgressObserver final : public storage::IngestObserver {
 public:
  // While the phase stays the same, progress is published at most once in this time, because
  // watchers and pollers have no use for more.
  static constexpr absl::Duration kInterval = absl::Milliseconds(100);

  // All that is referred to outlives the observer.
  ProgressObserver(std::string token, StatusHub& hub, const StopSignal& stop, Clock& clock);

  // While the input is being parsed, ignores the progress of other phases.
  void Progress(storage::StorePhase phase, int64_t done, int64_t total) override;
  bool Cancelled() override;

 private:
  const std::string token_;
  StatusHub& hub_;
  const StopSignal& stop_;
  Clock& clock_;

  Mutex mutex_;
  bool parsing_ ABSL_GUARDED_BY(mutex_) = false;
  storage::StorePhase phase_ ABSL_GUARDED_BY(mutex_) = storage::StorePhase::kNone;
  // By the monotonic clock.
  absl::Duration published_at_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace stored::engine
