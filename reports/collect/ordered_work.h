#pragma once

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
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
  // Results made but not handed on yet: at most so many, and no further one is begun while they
  // weigh this much. What is being made comes on top, one a thread.
  size_t max_waiting = 16;
  uint64_t max_waiting_bytes = uint64_t{32} << 20;
  // Asked now and then from the calling thread; true ends the work with CANCELLED.
  std::function<bool()> cancelled;
};

// Makes results 0 to count-1 on threads of its own and hands them on, in that order, on the calling
// thread. A Result is movable and has a member `weight`, in bytes.
template <typename Result>
class OrderedWork {
 public:
  // Called from several threads at once. When the work has ended without it, `stop` says so: what
  // it returns then does not matter, how soon does.
  using Make = std::function<Result(size_t index, const std::stop_token& stop)>;
  // An error ends the work.
  using Take = std::function<absl::Status(size_t index, Result result)>;

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
      : count_(count), options_(options), make_(std::move(make)), results_(options.max_waiting) {
    const size_t threads = std::min(std::max<size_t>(options.threads, 1), count);
    threads_.reserve(threads);
    try {
      for (size_t i = 0; i < threads; ++i) threads_.emplace_back([this] { MakeResults(); });
    } catch (const std::system_error&) {
      // With one it goes on as well.
      if (threads_.empty()) throw;
    }
  }

  void MakeResults() {
    std::unique_lock lock(mutex_);
    while (true) {
      room_.wait(lock, [this] { return Stopped() || next_made_ == count_ || HasRoom(); });
      if (Stopped() || next_made_ == count_) return;
      const size_t index = next_made_++;
      lock.unlock();
      Result result = make_(index, stop_.get_token());
      lock.lock();
      waiting_bytes_ += result.weight;
      results_[index % results_.size()] = std::move(result);
      if (index == next_taken_) ready_.notify_one();
    }
  }

  bool Stopped() const { return stop_.stop_requested(); }

  // The one that is to be handed on next may always be begun, however much waits.
  bool HasRoom() const {
    if (next_made_ == next_taken_) return true;
    return next_made_ - next_taken_ < results_.size() &&
           waiting_bytes_ < options_.max_waiting_bytes;
  }

  absl::Status TakeAll(const Take& take) {
    for (size_t index = 0; index < count_; ++index) {
      std::optional<Result> result = WaitFor(index);
      if (!result) return absl::CancelledError("cancelled");
      absl::Status status = take(index, *std::move(result));
      if (!status.ok()) return status;
    }
    return absl::OkStatus();
  }

  // Nothing when cancelled.
  std::optional<Result> WaitFor(size_t index) {
    constexpr std::chrono::milliseconds kAskEvery(50);
    std::optional<Result>& slot = results_[index % results_.size()];
    std::optional<Result> result;
    {
      std::unique_lock lock(mutex_);
      do {
        if (options_.cancelled && options_.cancelled()) return std::nullopt;
      } while (!ready_.wait_for(lock, kAskEvery, [&] { return slot.has_value(); }));
      result = std::exchange(slot, std::nullopt);
      waiting_bytes_ -= result->weight;
      next_taken_ = index + 1;
    }
    room_.notify_all();
    return result;
  }

  const size_t count_;
  const OrderedWorkOptions& options_;
  const Make make_;
  std::stop_source stop_;

  std::mutex mutex_;
  std::condition_variable room_;
  std::condition_variable ready_;
  // All below are guarded by mutex_. Result i waits in slot i modulo their number.
  std::vector<std::optional<Result>> results_;
  uint64_t waiting_bytes_ = 0;
  size_t next_made_ = 0;
  size_t next_taken_ = 0;

  std::vector<std::thread> threads_;
};

}  // namespace stored::reports
