#include "reports/collect/ordered_work.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <numeric>
#include <string>
#include <vector>

namespace stored::reports {
namespace {

struct Item {
  size_t value = 0;
  uint64_t weight = 0;
};

using Work = OrderedWork<Item>;

TEST(OrderedWork, Run_LaterOnesDoneFirst_HandedOnInOrder) {
  std::mutex mutex;
  std::condition_variable second_done;
  bool done = false;
  std::vector<size_t> taken;
  // The first is only finished once the second is.
  const auto make = [&](size_t index, const std::stop_token&) {
    std::unique_lock lock(mutex);
    if (index == 0) second_done.wait(lock, [&] { return done; });
    if (index == 1) {
      done = true;
      second_done.notify_one();
    }
    return Item{.value = index, .weight = 1};
  };
  const auto take = [&](size_t, Item item) {
    taken.push_back(item.value);
    return absl::OkStatus();
  };
  ASSERT_TRUE(Work::Run(100, {.threads = 2}, make, take).ok());
  std::vector<size_t> expected(100);
  std::iota(expected.begin(), expected.end(), size_t{0});
  EXPECT_EQ(taken, expected);
}

// Runs 200 items of that weight; the largest number that was made and not yet taken.
size_t MostAhead(const OrderedWorkOptions& options, uint64_t weight) {
  std::atomic<size_t> made = 0;
  std::atomic<size_t> taken = 0;
  std::atomic<size_t> most = 0;
  const auto make = [&](size_t index, const std::stop_token&) {
    const size_t ahead = ++made - taken;
    size_t known = most;
    while (ahead > known && !most.compare_exchange_weak(known, ahead)) {
    }
    return Item{.value = index, .weight = weight};
  };
  const auto take = [&](size_t, Item) {
    std::this_thread::yield();
    ++taken;
    return absl::OkStatus();
  };
  EXPECT_TRUE(Work::Run(200, options, make, take).ok());
  EXPECT_EQ(taken, 200U);
  return most;
}

TEST(OrderedWork, Run_SlowTaker_BoundedInCount) {
  // One more: the item in the taker's hands counts no longer as waiting.
  EXPECT_LE(MostAhead({.threads = 4, .max_waiting = 6}, 1), 7U);
}

TEST(OrderedWork, Run_HeavyItems_BoundedInBytes) {
  // While one waits, none is begun: those are ahead that the threads had begun before, one each,
  // the one that waits and the one in the taker's hands.
  EXPECT_LE(MostAhead({.threads = 2, .max_waiting = 100, .max_waiting_bytes = 10}, 1000), 4U);
}

TEST(OrderedWork, Run_TakerFails_EndsWithItsError) {
  std::atomic<size_t> made = 0;
  const auto make = [&](size_t index, const std::stop_token&) {
    ++made;
    return Item{.value = index};
  };
  const auto take = [](size_t index, Item) {
    return index == 3 ? absl::DataLossError("no more") : absl::OkStatus();
  };
  EXPECT_EQ(Work::Run(1'000'000, {.threads = 2}, make, take), absl::DataLossError("no more"));
  EXPECT_LT(made, 100U);
}

// Cancelled while the only result is never going to come by itself.
TEST(OrderedWork, Run_CancelledWhileWaiting_Ends) {
  std::atomic<bool> asked = false;
  const auto make = [&](size_t index, const std::stop_token&) {
    asked.wait(false);
    return Item{.value = index};
  };
  OrderedWorkOptions options;
  options.cancelled = [&asked] {
    asked = true;
    asked.notify_all();
    return true;
  };
  const auto take = [](size_t, Item) { return absl::OkStatus(); };
  EXPECT_EQ(Work::Run(1, options, make, take).code(), absl::StatusCode::kCancelled);
}

// What is being made is told, and need not be finished.
TEST(OrderedWork, Run_Cancelled_StopsWhatIsBeingMade) {
  std::atomic<bool> begun = false;
  const auto make = [&](size_t index, const std::stop_token& stop) {
    begun = true;
    while (!stop.stop_requested()) std::this_thread::yield();
    return Item{.value = index};
  };
  OrderedWorkOptions options;
  options.cancelled = [&begun] { return begun.load(); };
  const auto take = [](size_t, Item) { return absl::OkStatus(); };
  EXPECT_EQ(Work::Run(1, options, make, take).code(), absl::StatusCode::kCancelled);
}

TEST(OrderedWork, Run_NothingToDo_Ok) {
  EXPECT_TRUE(Work::Run(
                  0, {}, [](size_t, const std::stop_token&) { return Item(); },
                  [](size_t, Item) { return absl::OkStatus(); })
                  .ok());
}

}  // namespace
}  // namespace stored::reports
