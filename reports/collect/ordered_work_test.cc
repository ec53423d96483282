#include "reports/collect/ordered_work.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <numeric>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace stored::reports {
namespace {

struct Item {
  size_t value = 0;
  uint64_t weight = 0;
};

using Work = OrderedWork<Item>;

TEST(OrderedWork, Run_LaterOnesDoneFirst_HandedOnInOrder) {
  std::atomic<bool> second_done = false;
  std::vector<size_t> taken;
  // Result 0 is finished only after result 1.
  const auto make = [&](size_t index, const Cancellation&, const auto&) {
    if (index == 0) second_done.wait(false);
    if (index == 1) {
      second_done = true;
      second_done.notify_one();
    }
    return Item{.value = index, .weight = 1};
  };
  const auto take = [&](size_t, Item item, bool) {
    taken.push_back(item.value);
    return absl::OkStatus();
  };
  ASSERT_TRUE(Work::Run(100, {.threads = 2}, make, take).ok());
  std::vector<size_t> expected(100);
  std::iota(expected.begin(), expected.end(), size_t{0});
  EXPECT_EQ(taken, expected);
}

// Makes 200 items of this weight. Returns the largest number that were made and not yet taken.
size_t MostAhead(const OrderedWorkOptions& options, uint64_t weight) {
  std::atomic<size_t> made = 0;
  std::atomic<size_t> taken = 0;
  std::atomic<size_t> most = 0;
  const auto make = [&](size_t index, const Cancellation&, const auto&) {
    const size_t ahead = ++made - taken;
    size_t known = most;
    while (ahead > known && !most.compare_exchange_weak(known, ahead)) {
    }
    return Item{.value = index, .weight = weight};
  };
  const auto take = [&](size_t, Item, bool) {
    std::this_thread::yield();
    ++taken;
    return absl::OkStatus();
  };
  EXPECT_TRUE(Work::Run(200, options, make, take).ok());
  EXPECT_EQ(taken, 200U);
  return most;
}

TEST(OrderedWork, Run_SlowTaker_BoundedInCount) {
  // One more, because the item that is being taken no longer counts as waiting.
  EXPECT_LE(MostAhead({.threads = 4, .max_waiting = 6}, 1), 7U);
}

TEST(OrderedWork, Run_HeavyItems_BoundedInBytes) {
  // While an item waits, no other is begun. Ahead are at most the items that the threads have begun
  // before, one each, the one that waits and the one that is being taken.
  EXPECT_LE(MostAhead({.threads = 2, .max_waiting = 100, .max_waiting_bytes = 10}, 1000), 4U);
}

TEST(OrderedWork, Run_TakerFails_EndsWithItsError) {
  std::atomic<size_t> made = 0;
  const auto make = [&](size_t index, const Cancellation&, const auto&) {
    ++made;
    return Item{.value = index};
  };
  const auto take = [](size_t index, Item, bool) {
    return index == 3 ? absl::DataLossError("no more") : absl::OkStatus();
  };
  EXPECT_EQ(Work::Run(1'000'000, {.threads = 2}, make, take), absl::DataLossError("no more"));
  EXPECT_LT(made, 100U);
}

// Cancelled while it waits for a result that is not finished before.
TEST(OrderedWork, Run_CancelledWhileWaiting_Ends) {
  std::atomic<bool> asked = false;
  const auto make = [&](size_t index, const Cancellation&, const auto&) {
    asked.wait(false);
    return Item{.value = index};
  };
  OrderedWorkOptions options;
  options.stop = [&asked] {
    asked = true;
    asked.notify_all();
    return true;
  };
  const auto take = [](size_t, Item, bool) { return absl::OkStatus(); };
  EXPECT_EQ(Work::Run(1, options, make, take).code(), absl::StatusCode::kCancelled);
}

// The result that is being made need not be finished.
TEST(OrderedWork, Run_Cancelled_StopsWhatIsBeingMade) {
  std::atomic<bool> begun = false;
  const auto make = [&](size_t index, const Cancellation& stop, const auto&) {
    begun = true;
    while (!stop.Requested()) std::this_thread::yield();
    return Item{.value = index};
  };
  OrderedWorkOptions options;
  options.stop = [&begun] { return begun.load(); };
  const auto take = [](size_t, Item, bool) { return absl::OkStatus(); };
  EXPECT_EQ(Work::Run(1, options, make, take).code(), absl::StatusCode::kCancelled);
}

// Results that come in parts:

TEST(OrderedWork, Run_Parts_TakenInOrderAndTheLastIsTold) {
  // Result i has i % 4 + 1 parts.
  const auto make = [&](size_t index, const Cancellation&, const Work::HandOn& hand_on) {
    for (size_t part = 0; part < index % 4; ++part) {
      EXPECT_TRUE(hand_on(Item{.value = part, .weight = 1}));
    }
    return Item{.value = index % 4, .weight = 1};
  };
  std::vector<std::pair<size_t, size_t>> taken;
  const auto take = [&](size_t index, Item item, bool last) {
    taken.emplace_back(index, item.value);
    EXPECT_EQ(last, item.value == index % 4) << index;
    return absl::OkStatus();
  };
  for (const size_t threads : {1, 2, 5}) {
    taken.clear();
    ASSERT_TRUE(Work::Run(100, {.threads = threads, .max_waiting = 3}, make, take).ok());
    std::vector<std::pair<size_t, size_t>> expected;
    for (size_t index = 0; index < 100; ++index) {
      for (size_t part = 0; part <= index % 4; ++part) expected.emplace_back(index, part);
    }
    EXPECT_EQ(taken, expected);
  }
}

// Hands on `parts` parts of weight 1. Returns how many were accepted.
size_t HandOnParts(const Work::HandOn& hand_on, size_t parts, std::atomic<size_t>& begun) {
  for (size_t part = 0; part < parts; ++part) {
    ++begun;
    begun.notify_all();
    if (!hand_on(Item{.value = part, .weight = 1})) return part;
  }
  return parts;
}

void AwaitAtLeast(const std::atomic<size_t>& counter, size_t count) {
  for (size_t seen = counter; seen < count; seen = counter) counter.wait(seen);
}

TEST(OrderedWork, Run_PartsAndASlowTaker_BoundedInBytes) {
  std::atomic<size_t> begun = 0;
  size_t taken = 0;
  size_t most = 0;
  const auto make = [&](size_t, const Cancellation&, const Work::HandOn& hand_on) {
    EXPECT_EQ(HandOnParts(hand_on, 200, begun), 200U);
    return Item();
  };
  const auto take = [&](size_t, Item, bool) {
    // Waits until no further part can be begun.
    AwaitAtLeast(begun, std::min<size_t>(taken + 5, 200));
    for (int i = 0; i < 20; ++i) std::this_thread::yield();
    most = std::max(most, begun - taken);
    ++taken;
    return absl::OkStatus();
  };
  ASSERT_TRUE(Work::Run(1, {.max_waiting_bytes = 3}, make, take).ok());
  EXPECT_EQ(taken, 201U);
  // One that is being taken, three that wait to be taken, and one that waits for room.
  EXPECT_EQ(most, 5U);
}

// Result 1 fills the bound before result 0 hands on a part.
TEST(OrderedWork, Run_LaterPartsFillTheRoom_TheFirstOnesStillCome) {
  std::atomic<size_t> of_second = 0;
  std::atomic<size_t> of_first = 0;
  const auto make = [&](size_t index, const Cancellation&, const Work::HandOn& hand_on) {
    if (index == 0) AwaitAtLeast(of_second, 3);
    EXPECT_EQ(HandOnParts(hand_on, 50, index == 0 ? of_first : of_second), 50U);
    return Item();
  };
  std::vector<size_t> taken;
  const auto take = [&](size_t index, Item, bool) {
    taken.push_back(index);
    return absl::OkStatus();
  };
  ASSERT_TRUE(Work::Run(2, {.threads = 2, .max_waiting_bytes = 2}, make, take).ok());
  std::vector<size_t> expected(51, 0);
  expected.resize(102, 1);
  EXPECT_EQ(taken, expected);
}

TEST(OrderedWork, Run_CancelledWhileAPartWaits_ItsMakeIsTold) {
  std::atomic<size_t> begun = 0;
  std::atomic<size_t> handed = 0;
  // Result 0 is not finished before the stop, so the parts of result 1 are not taken.
  const auto make = [&](size_t index, const Cancellation& stop, const Work::HandOn& hand_on) {
    while (index == 0 && !stop.Requested()) std::this_thread::yield();
    if (index == 1) handed = HandOnParts(hand_on, 100, begun);
    return Item();
  };
  OrderedWorkOptions options{.threads = 2, .max_waiting_bytes = 2};
  options.stop = [&begun] { return begun == 3; };
  const auto take = [](size_t, Item, bool) { return absl::OkStatus(); };
  EXPECT_EQ(Work::Run(2, options, make, take).code(), absl::StatusCode::kCancelled);
  EXPECT_EQ(handed, 2U);
}

TEST(OrderedWork, Run_TakerFailsWhileAPartWaits_ItsMakeIsTold) {
  std::atomic<size_t> begun = 0;
  std::atomic<size_t> handed = 0;
  const auto make = [&](size_t, const Cancellation&, const Work::HandOn& hand_on) {
    handed = HandOnParts(hand_on, 100, begun);
    return Item();
  };
  const auto take = [&](size_t, Item, bool) {
    AwaitAtLeast(begun, 4);
    return absl::DataLossError("no more");
  };
  EXPECT_EQ(Work::Run(1, {.max_waiting_bytes = 2}, make, take), absl::DataLossError("no more"));
  EXPECT_EQ(handed, 3U);
}

TEST(OrderedWork, Run_NothingToDo_Ok) {
  EXPECT_TRUE(Work::Run(
                  0, {}, [](size_t, const Cancellation&, const auto&) { return Item(); },
                  [](size_t, Item, bool) { return absl::OkStatus(); })
                  .ok());
}

}  // namespace
}  // namespace stored::reports
