#pragma once

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <stop_token>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "absl/status/status.h"

namespace stored::reports {

struct OrderedWorkOptions {
  // At least 1.
  size_t threads = 1;
  // Results made but not taken yet: at most so many, and while they and the parts of others weigh
  // this much, no further one is begun and parts wait. What is being made comes on top, one a
  // thread.
  size_t max_waiting = 16;
  uint64_t max_waiting_bytes = uint64_t{32} << 20;
  // Asked now and then from the calling thread; true ends the work with CANCELLED.
  std::function<bool()> cancelled;
};

// Makes results 0 to count-1 on threads of its own and hands them on, in that order, on the calling
// thread. A large one may come in parts. A Result is movable and has a member `weight`, in bytes.
template <typename Result>
class OrderedWork {
 public:
  // Hands on a part of the result that is being made, before those that follow it; waits until
  // there is room. False once the work has ended without it.
  using HandOn = std::function<bool(Result part)>;
  // What it returns is the last part of the result, mostly the only one. Called from several
  // threads at once. When the work has ended without it, `stop` says so: what it returns then does
  // not matter, how soon does.
  using Make =
      std::function<Result(size_t index, const std::stop_token& stop, const HandOn& hand_on)>;
  // Takes the parts of each result in order; `last` is true for the last of `index`. An error ends
  // the work.
  using Take = std::function<absl::Status(size_t index, Result part, bool last)>;

  // Returns when all is done or the work was ended, with every thread gone.
  static absl::Status Run(size_t count, const OrderedWorkOptions& options, Make make, Take take) {
    OrderedWork work(count, options, std::move(make));
    return work.TakeAll(take);
  }

  ~OrderedWork() {
    {
      const std::lock_guard lock(mutex_);
      stop_.request_stop();
    }
    room_.notify_all();
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
      // With one it goes on as well.
      if (threads_.empty()) throw;
    }
  }

  // What waits of one result: parts that were handed on, and its last part.
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
    std::unique_lock lock(mutex_);
    while (true) {
      room_.wait(lock, [this] { return Stopped() || next_made_ == count_ || MayBegin(); });
      if (Stopped() || next_made_ == count_) return;
      const size_t index = next_made_++;
      lock.unlock();
      Result last = make_(index, stop_.get_token(),
                          [&](Result part) { return HandOnPart(index, std::move(part)); });
      lock.lock();
      // This takes no memory: nobody could be told here that there is none.
      Note(index, last.weight);
      SlotOf(index).last = std::move(last);
    }
  }

  bool HandOnPart(size_t index, Result part) {
    std::unique_lock lock(mutex_);
    room_.wait(lock, [&] { return Stopped() || MayHandOn(index); });
    if (Stopped()) return false;
    const uint64_t weight = part.weight;
    SlotOf(index).parts.push_back(std::move(part));
    Note(index, weight);
    return true;
  }

  // That there is one part more, by the time the mutex is let go.
  void Note(size_t index, uint64_t weight) {
    waiting_bytes_ += weight;
    if (index == next_taken_) ready_.notify_one();
  }

  Slot& SlotOf(size_t index) { return slots_[index % slots_.size()]; }
  bool Stopped() const { return stop_.stop_requested(); }

  // However much waits, the one that is to be taken next may be begun, and may hand on a part when
  // nothing of it waits: else all might wait for each other.
  bool MayBegin() const {
    if (next_made_ == next_taken_) return true;
    return next_made_ - next_taken_ < slots_.size() && waiting_bytes_ < options_.max_waiting_bytes;
  }
  bool MayHandOn(size_t index) {
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

  // The next part of that result. Nothing when cancelled.
  std::optional<Part> WaitFor(size_t index) {
    constexpr std::chrono::milliseconds kAskEvery(50);
    Slot& slot = SlotOf(index);
    std::optional<Part> part;
    {
      std::unique_lock lock(mutex_);
      do {
        if (options_.cancelled && options_.cancelled()) return std::nullopt;
      } while (!ready_.wait_for(lock, kAskEvery, [&] { return !slot.empty(); }));
      if (slot.parts.empty()) {
        part.emplace(Part{*std::exchange(slot.last, std::nullopt), true});
        next_taken_ = index + 1;
      } else {
        part.emplace(Part{std::move(slot.parts.front()), false});
        slot.parts.pop_front();
      }
      waiting_bytes_ -= part->result.weight;
    }
    room_.notify_all();
    return part;
  }

  const size_t count_;
  const OrderedWorkOptions& options_;
  const Make make_;
  std::stop_source stop_;

  std::mutex mutex_;
  std::condition_variable room_;
  std::condition_variable ready_;
  // All below are guarded by mutex_. Result i waits in slot i modulo their number.
  std::vector<Slot> slots_;
  uint64_t waiting_bytes_ = 0;
  size_t next_made_ = 0;
  size_t next_taken_ = 0;

  std::vector<std::thread> threads_;
};

}  // namespace stored::reports
