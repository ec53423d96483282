#include "engine/upkeep/garbage_collector.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <string>
#include <utility>

#include "base/status.h"

namespace stored::engine {
namespace {

constexpr absl::Duration kLongestFirstWait = absl::Minutes(5);
// At a time; for clocks that count nanoseconds in 64 bits.
constexpr absl::Duration kLongestWait = absl::Hours(24);
// After each transaction the collection rests for as long as that took, so that it has half of the
// disk at most, but not for longer than this.
constexpr absl::Duration kLongestRest = absl::Milliseconds(100);

std::string Describe(const Collection& collection) {
  const storage::Garbage& garbage = collection.garbage;
  std::string text = fmt::format("{} stores, {} uploads ({} bytes)",
                                 garbage.consumed_stores + garbage.unconsumed_stores,
                                 collection.uploads.uploads, collection.uploads.bytes);
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
  return absl::AbortedError("the server is stopping; what was not removed goes another time");
}

}  // namespace

class GarbageCollector::Pace final : public storage::GcPace {
 public:
  explicit Pace(GarbageCollector& collector) : collector_(collector) {}

  void Rest(absl::Duration took) override {
    std::unique_lock lock(collector_.mutex_);
    collector_.changed_.wait_for(lock, absl::ToChronoMicroseconds(std::min(took, kLongestRest)),
                                 [this] { return collector_.stopping_; });
  }

  bool Stopped() override {
    const std::lock_guard lock(collector_.mutex_);
    return collector_.stopping_;
  }

 private:
  GarbageCollector& collector_;
};

GarbageCollector::GarbageCollector(storage::Backend& store, storage::Spool& spool, Clock& clock,
                                   const GarbageOptions& options)
    : store_(store), spool_(spool), clock_(clock), options_(options) {}

GarbageCollector::~GarbageCollector() { Stop(); }

void GarbageCollector::Start() {
  thread_ = std::thread([this] { Run(); });
}

void GarbageCollector::Stop() {
  std::vector<Request> unserved;
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    unserved.swap(requests_);
  }
  changed_.notify_all();
  for (const Request& request : unserved) request.done(Stopped());
  if (thread_.joinable()) thread_.join();
}

void GarbageCollector::Collect(bool dry_run, Done done) {
  {
    const std::lock_guard lock(mutex_);
    if (!stopping_) {
      requests_.push_back({dry_run, std::move(done)});
      changed_.notify_all();
      return;
    }
  }
  done(Stopped());
}

void GarbageCollector::Run() {
  absl::Duration due = clock_.Monotonic() + std::min(options_.interval, kLongestFirstWait);
  std::unique_lock lock(mutex_);
  while (true) {
    const absl::Duration wait = std::max(due - clock_.Monotonic(), absl::ZeroDuration());
    changed_.wait_for(lock, absl::ToChronoMilliseconds(std::min(wait, kLongestWait)),
                      [this] { return stopping_ || !requests_.empty(); });
    if (stopping_) return;
    const bool scheduled = clock_.Monotonic() >= due;
    std::vector<Request> dry_runs;
    std::vector<Request> collections;
    for (Request& request : std::exchange(requests_, {})) {
      (request.dry_run ? dry_runs : collections).push_back(std::move(request));
    }
    lock.unlock();
    if (!dry_runs.empty()) Serve(true, dry_runs);
    if (scheduled || !collections.empty()) {
      Serve(false, collections);
      due = clock_.Monotonic() + options_.interval;
    }
    lock.lock();
  }
}

void GarbageCollector::Serve(bool dry_run, const std::vector<Request>& requests) {
  absl::StatusOr<Collection> collection = dry_run ? Count() : CollectNow();
  if (absl::IsCancelled(collection.status())) collection = Stopped();
  for (const Request& request : requests) request.done(collection);
}

storage::GarbageRules GarbageCollector::Rules() {
  return {clock_.Now(), options_.keep_consumed, options_.keep_unconsumed,
          options_.keep_unreferenced};
}

absl::StatusOr<Collection> GarbageCollector::CollectNow() {
  const absl::Duration start = clock_.Monotonic();
  Pace pace(*this);
  Collection collection;
  absl::Status status = store_.CollectGarbage(Rules(), pace, collection.garbage);
  const absl::StatusOr<storage::Spool::Expired> uploads =
      spool_.RemoveExpired(clock_.Now() - options_.upload_expiry);
  if (uploads.ok()) {
    collection.uploads = *uploads;
  } else {
    status.Update(Annotate(uploads.status(), "expired uploads"));
  }
  if (!collection.empty()) {
    spdlog::info(
        "garbage collection: removed {} in {}", Describe(collection),
        absl::FormatDuration(absl::Trunc(clock_.Monotonic() - start, absl::Milliseconds(1))));
  }
  if (status.ok()) return collection;
  if (!absl::IsCancelled(status)) {
    spdlog::warn("garbage collection: {}; trying again the next time",
                 std::string(status.message()));
  }
  return status;
}

absl::StatusOr<Collection> GarbageCollector::Count() {
  Pace pace(*this);
  Collection collection;
  STORED_ASSIGN_OR_RETURN(collection.garbage, store_.CountGarbage(Rules(), pace));
  STORED_ASSIGN_OR_RETURN(collection.uploads,
                          spool_.CountExpired(clock_.Now() - options_.upload_expiry));
  return collection;
}

}  // namespace stored::engine
