#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <stop_token>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "base/cancellation.h"
#include "base/mutex.h"

namespace stored::reports {

struct OrderedWorkOptions {
  // At least 1.
  size_t threads = 1;
  // The number of results that may be begun but not taken completely.
  size_t max_waiting = 16;
  // Bytes of results and parts that are made but not taken. While they weigh this much, no result
  // is begun and no part handed on, except as needed for the result to be taken next. Results that
  // are being made do not count; there is at most one per thread.
  uint64_t max_waiting_bytes = uint64_t{32} << 20;
  // Polled by the calling thread, at least every 50 ms; ends the work with CANCELLED.
  Cancellation stop;
};

// Makes results 0 to count-1 on threads of its own and passes them, in that order, to the calling
// thread. A large result may come in parts. A Result is movable and has a member `weight`, in
// bytes.
template <typename Result>
class OrderedWork {
 public:
  // Passes on a part of the result that is being made, before the rest of it. Blocks until there
  // is room. Returns false if the work has ended meanwhile.
  using HandOn = std::function<bool(Result part)>;
  // Returns the last part of the result, which is usually the only one. Called by several threads
  // at once. `stop` is requested if the work has ended early: then the return value is ignored, and
  // the function should return soon.
  using Make = std::function<Result(size_t index, const Cancellation& stop, const HandOn& hand_on)>;
  // Takes the parts of each result in order; `last` is true for the last part of `index`. An error
  // ends the work.
  using Take = std::function<absl::Status(size_t index, Result part, bool last)>;

  // Returns when all results are taken or the work has ended early, after joining all threads.
  static absl::Status Run(size_t count, const OrderedWorkOptions& options, Make make, Take take) {
    OrderedWork work(count, options, std::move(make));
    return work.TakeAll(take);
  }

  ~OrderedWork() {
    {
      const MutexLock lock(mutex_);
      stop_.request_stop();
    }
    room_.NotifyAll();
    for (std::thread& thread : threads_) thread.join();
  }
  OrderedWork(const OrderedWork&) = delete;
  OrderedWork& operator=(const OrderedWork&) = delete;

 private:
  OrderedWork(size_t count, const OrderedWorkOptions& options, Make make)
      : count_(count), options_(options), make_(std::move(make)), slots_(options.max_waiting) {
    const size_t threads = std::min(std::max<size_t>(options.threads, 1), count);
    threads_.reserve(threads);
    try {
      for (size_t i = 0; i < threads; ++i) threads_.emplace_back([this] { MakeResults(); });
    } catch (const std::system_error&) {
      // The system refused a further thread; one is enough to go on.
      if (threads_.empty()) throw;
    }
  }

  // The parts of one result that wait to be taken.
  struct Slot {
    bool empty() const { return parts.empty() && !last; }

    std::deque<Result> parts;
    std::optional<Result> last;
  };
  struct Part {
    Result result;
    bool last = false;
  };

  void MakeResults() {
    MutexLock lock(mutex_);
    while (true) {
      while (!Stopped() && next_made_ != count_ && !MayBegin()) room_.Wait(lock);
      if (Stopped() || next_made_ == count_) return;
      const size_t index = next_made_++;
      lock.Unlock();
      Result last =
          make_(index, make_stop_, [&](Result part) { return HandOnPart(index, std::move(part)); });
      lock.Lock();
      // Must not allocate: bad_alloc would terminate the process here.
      Note(index, last.weight);
      SlotOf(index).last = std::move(last);
    }
  }

  bool HandOnPart(size_t index, Result part) {
    MutexLock lock(mutex_);
    while (!Stopped() && !MayHandOn(index)) room_.Wait(lock);
    if (Stopped()) return false;
    const uint64_t weight = part.weight;
    SlotOf(index).parts.push_back(std::move(part));
    Note(index, weight);
    return true;
  }

  // Counts a part of `weight` bytes that is being added, and wakes the calling thread if the part
  // belongs to the result that it waits for.
  void Note(size_t index, uint64_t weight) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    waiting_bytes_ += weight;
    if (index == next_taken_) ready_.NotifyOne();
  }

  Slot& SlotOf(size_t index) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return slots_[index % slots_.size()];
  }
  bool Stopped() const { return stop_.stop_requested(); }

  // The result to be taken next may always be begun, and may hand on a part if none of its parts
  // waits. Otherwise all threads could wait for each other.
  bool MayBegin() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    if (next_made_ == next_taken_) return true;
    return next_made_ - next_taken_ < slots_.size() && waiting_bytes_ < options_.max_waiting_bytes;
  }
  bool MayHandOn(size_t index) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    if (index == next_taken_ && SlotOf(index).empty()) return true;
    return waiting_bytes_ < options_.max_waiting_bytes;
  }

  absl::Status TakeAll(const Take& take) {
    for (size_t index = 0; index < count_;) {
      std::optional<Part> part = WaitFor(index);
      if (!part) return absl::CancelledError("cancelled");
      const bool last = part->last;
      absl::Status status = take(index, std::move(part->result), last);
      if (!status.ok()) return status;
      if (last) ++index;
    }
    return absl::OkStatus();
  }

  // Blocks until a part of result `index` is made, and returns it; returns nullopt if cancelled.
  std::optional<Part> WaitFor(size_t index) {
    constexpr std::chrono::milliseconds kPollInterval(50);
    std::optional<Part> part;
    {
      MutexLock lock(mutex_);
      if (options_.stop.Requested()) return std::nullopt;
      while (SlotOf(index).empty()) {
        ready_.WaitFor(lock, kPollInterval);
        if (SlotOf(index).empty() && options_.stop.Requested()) return std::nullopt;
      }
      Slot& slot = SlotOf(index);
      if (slot.parts.empty()) {
        part.emplace(Part{*std::exchange(slot.last, std::nullopt), true});
        next_taken_ = index + 1;
      } else {
        part.emplace(Part{std::move(slot.parts.front()), false});
        slot.parts.pop_front();
      }
      waiting_bytes_ -= part->result.weight;
    }
    room_.NotifyAll();
    return part;
  }

  const size_t count_;
  const OrderedWorkOptions& options_;
  const Make make_;
  // Requested only while the mutex is held, so that no waiting thread misses it.
  std::stop_source stop_;
  const Cancellation make_stop_ = stop_.get_token();

  Mutex mutex_;
  Condition room_;
  Condition ready_;
  // Result i waits in slot i modulo their number.
  std::vector<Slot> slots_ ABSL_GUARDED_BY(mutex_);
  uint64_t waiting_bytes_ ABSL_GUARDED_BY(mutex_) = 0;
  size_t next_made_ ABSL_GUARDED_BY(mutex_) = 0;
  size_t next_taken_ ABSL_GUARDED_BY(mutex_) = 0;

  std::vector<std::thread> threads_;
};

}  // namespace stored::reports
