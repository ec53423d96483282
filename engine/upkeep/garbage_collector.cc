#include "engine/upkeep/garbage_collector.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <utility>

#include "base/status.h"
#include "base/time/deadline.h"

namespace stored::engine {
namespace {

constexpr absl::Duration kLongestFirstWait = absl::Minutes(5);
// After each transaction the gc rests for as long as the transaction took, so that it uses at most
// half of the disk's time, but not for longer than this.
constexpr absl::Duration kLongestRest = absl::Milliseconds(100);

std::string Describe(const GcResult& result) {
  const storage::Garbage& garbage = result.garbage;
  std::string text = fmt::format("{} stores, {} uploads ({} bytes)",
                                 garbage.consumed_stores + garbage.unconsumed_stores,
                                 result.uploads.uploads, result.uploads.bytes);
  for (const storage::ProductGarbage& product : garbage.products) {
    text += fmt::format(
        "; of product {}: {} runs, {} reports, {} history entries, {} sources ({} "
        "bytes)",
        product.product, product.expired_run_count, product.reports, product.history_entries,
        product.contents, product.content_bytes);
  }
  return text;
}

absl::Status Stopped() {
  return absl::AbortedError(
      "the server is stopping; the next garbage collection removes what is left");
}

}  // namespace

class GarbageCollector::Pace final : public storage::GcPace {
 public:
  explicit Pace(GarbageCollector& collector) : collector_(collector) {}

  void Rest(absl::Duration took) override {
    const auto deadline =
        std::chrono::steady_clock::now() + absl::ToChronoMicroseconds(std::min(took, kLongestRest));
    MutexLock lock(collector_.mutex_);
    while (!collector_.stopping_) {
      if (collector_.changed_.WaitUntil(lock, deadline) == std::cv_status::timeout) return;
    }
  }

  bool Stopped() override {
    const MutexLock lock(collector_.mutex_);
    return collector_.stopping_;
  }

 private:
  GarbageCollector& collector_;
};

GarbageCollector::GarbageCollector(storage::Backend& backend, storage::Spool& spool, Clock& clock,
                                   const GarbageOptions& options)
    : backend_(backend), spool_(spool), clock_(clock), options_(options) {}

GarbageCollector::~GarbageCollector() { Stop(); }

void GarbageCollector::Start() {
  thread_ = std::thread([this] { Run(); });
}

void GarbageCollector::Stop() {
  std::vector<Request> unserved;
  {
    const MutexLock lock(mutex_);
    stopping_ = true;
    unserved.swap(requests_);
  }
  changed_.NotifyAll();
  for (const Request& request : unserved) request.done(Stopped());
  if (thread_.joinable()) thread_.join();
}

void GarbageCollector::Collect(bool dry_run, Done done) {
  {
    const MutexLock lock(mutex_);
    if (!stopping_) {
      requests_.push_back({dry_run, std::move(done)});
      changed_.NotifyAll();
      return;
    }
  }
  done(Stopped());
}

void GarbageCollector::Run() {
  absl::Duration due = clock_.Monotonic() + std::min(options_.interval, kLongestFirstWait);
  MutexLock lock(mutex_);
  while (true) {
    const absl::Duration wait = std::max(due - clock_.Monotonic(), absl::ZeroDuration());
    const auto deadline = DeadlineAfter(wait);
    while (!stopping_ && requests_.empty()) {
      if (changed_.WaitUntil(lock, deadline) == std::cv_status::timeout) break;
    }
    if (stopping_) return;
    const bool scheduled = clock_.Monotonic() >= due;
    std::vector<Request> dry_runs;
    std::vector<Request> removals;
    for (Request& request : std::exchange(requests_, {})) {
      (request.dry_run ? dry_runs : removals).push_back(std::move(request));
    }
    lock.Unlock();
    if (!dry_runs.empty()) Serve(true, dry_runs);
    if (scheduled || !removals.empty()) {
      Serve(false, removals);
      due = clock_.Monotonic() + options_.interval;
    }
    lock.Lock();
  }
}

void GarbageCollector::Serve(bool dry_run, const std::vector<Request>& requests) {
  absl::StatusOr<GcResult> result = dry_run ? Count() : Remove();
  if (absl::IsCancelled(result.status())) result = Stopped();
  for (const Request& request : requests) request.done(result);
}

storage::GarbageRules GarbageCollector::Rules() {
  return {clock_.Now(), options_.keep_consumed, options_.keep_unconsumed,
          options_.keep_unreferenced};
}

absl::StatusOr<GcResult> GarbageCollector::Remove() {
  const absl::Duration start = clock_.Monotonic();
  Pace pace(*this);
  GcResult removed;
  absl::Status status = backend_.CollectGarbage(Rules(), pace, removed.garbage);
  const absl::StatusOr<storage::Spool::Expired> uploads =
      spool_.RemoveExpired(clock_.Now() - options_.upload_expiry);
  if (uploads.ok()) {
    removed.uploads = *uploads;
  } else {
    status.Update(Annotate(uploads.status(), "expired uploads"));
  }
  if (!removed.empty()) {
    spdlog::info(
        "garbage collection: removed {} in {}", Describe(removed),
        absl::FormatDuration(absl::Trunc(clock_.Monotonic() - start, absl::Milliseconds(1))));
  }
  if (status.ok()) return removed;
  if (!absl::IsCancelled(status)) {
    spdlog::warn("garbage collection: {}; trying again the next time",
                 std::string(status.message()));
  }
  return status;
}

absl::StatusOr<GcResult> GarbageCollector::Count() {
  Pace pace(*this);
  GcResult counted;
  STORED_ASSIGN_OR_RETURN(counted.garbage, backend_.CountGarbage(Rules(), pace));
  STORED_ASSIGN_OR_RETURN(counted.uploads,
                          spool_.CountExpired(clock_.Now() - options_.upload_expiry));
  return counted;
}

}  // namespace stored::engine
