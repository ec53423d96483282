#include "engine/work/progress_observer.h"

#include <utility>

namespace stored::engine {

using storage::StorePhase;

ProgressObserver::ProgressObserver(std::string token, StatusHub& hub, const StopSignal& stop,
                                   Clock& clock)
    : token_(std::move(token)), hub_(hub), stop_(stop), clock_(clock) {}

void ProgressObserver::Progress(StorePhase phase, int64_t done, int64_t total) {
  const absl::Duration now = clock_.Monotonic();
  const MutexLock lock(mutex_);
  if (phase == StorePhase::kParsing) {
    parsing_ = done < total;
  } else if (parsing_) {
    return;
  }
  if (phase == phase_ && now - published_at_ < kInterval) return;
  phase_ = phase;
  published_at_ = now;
  hub_.PublishProgress(token_, phase, done, total, clock_.Now());
}

bool ProgressObserver::Cancelled() { return stop_.raised() || hub_.CancelRequested(token_); }

}  // namespace stored::engine
