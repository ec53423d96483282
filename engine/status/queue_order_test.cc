#include "engine/status/queue_order.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <string>
#include <utility>
#include <vector>

namespace stored::engine {
namespace {

using storage::StoreSession;
using storage::StoreState;

StoreSession Session(int64_t sequence, StoreState state, const std::string& product,
                     const std::string& run, int64_t bytes) {
  StoreSession session;
  session.sequence = sequence;
  session.state = state;
  session.request.product = product;
  session.request.run_name = run;
  session.payload.size = bytes;
  return session;
}

// The definition, written out: looks at every store.
QueueOrder::Ahead Expected(const std::vector<StoreSession>& stores, const StoreSession& store) {
  QueueOrder::Ahead ahead;
  std::map<std::string, QueueOrder::Ahead> others;
  for (const StoreSession& other : stores) {
    const bool same = other.request.product == store.request.product;
    if (same && other.sequence >= store.sequence) continue;
    const bool running = other.state == StoreState::kRunning;
    if (running && !(same && other.request.run_name == store.request.run_name)) continue;
    QueueOrder::Ahead& sum = same ? ahead : others[other.request.product];
    ++sum.stores;
    sum.bytes += other.payload.size;
  }
  const int64_t turns = ahead.stores;
  for (const auto& [product, waiting] : others) {
    ahead.stores += std::min(waiting.stores, turns);
    ahead.bytes += waiting.bytes / waiting.stores * std::min(waiting.stores, turns);
  }
  return ahead;
}

TEST(PrefixSumsTest, Before_SumsSmallerKeys) {
  PrefixSums<int64_t> sums;
  EXPECT_EQ(sums.Before(5), 0);
  for (const int64_t key : {0, 1, 3, 4, 1000, 7}) sums.Add(key, key + 1);
  EXPECT_EQ(sums.Before(0), 0);
  EXPECT_EQ(sums.Before(1), 1);
  EXPECT_EQ(sums.Before(4), 1 + 2 + 4);
  EXPECT_EQ(sums.Before(1000), 1 + 2 + 4 + 5 + 8);
  EXPECT_EQ(sums.Before(int64_t{1} << 40), sums.total());
  sums.Subtract(3, 4);
  EXPECT_EQ(sums.Before(4), 1 + 2);
}

TEST(QueueOrderTest, AnyStores_AsTheDefinitionSays) {
  std::mt19937 random(1);
  const auto pick = [&random](int n) {
    return static_cast<int>(random() % static_cast<uint32_t>(n));
  };
  QueueOrder order;
  std::vector<StoreSession> stores;
  int64_t sequence = 0;
  for (int step = 0; step < 600; ++step) {
    if (stores.empty() || pick(2) == 0) {
      stores.push_back(Session(++sequence, StoreState::kEnqueued, "p" + std::to_string(pick(5)),
                               "r" + std::to_string(pick(3)), pick(1000)));
      order.Add(stores.back());
    } else {
      // Claims one, gives one back, or ends one.
      const size_t at = static_cast<size_t>(pick(static_cast<int>(stores.size())));
      order.Remove(stores[at]);
      if (pick(3) == 0) {
        std::swap(stores[at], stores.back());
        stores.pop_back();
      } else {
        const bool running = stores[at].state == StoreState::kRunning;
        stores[at].state = running ? StoreState::kEnqueued : StoreState::kRunning;
        order.Add(stores[at]);
      }
    }
    for (const StoreSession& store : stores) {
      if (store.state != StoreState::kEnqueued || pick(10) != 0) continue;
      const QueueOrder::Ahead expected = Expected(stores, store);
      const QueueOrder::Ahead ahead = order.Before(store);
      ASSERT_EQ(ahead.stores, expected.stores) << "step " << step;
      ASSERT_EQ(ahead.bytes, expected.bytes) << "step " << step;
    }
  }
}

// As many clients as stores poll; a scan of all stores for each would be 10^8 steps. Both a product
// that all wait for and products of one store each.
TEST(QueueOrderTest, TenThousandWaiting_EachPolled_IsNotQuadratic) {
  constexpr int kStores = 10'000;
  for (const int products : {1, 100, kStores}) {
    QueueOrder order;
    std::vector<StoreSession> stores;
    for (int i = 0; i < kStores; ++i) {
      stores.push_back(Session(1'000'000 + i, StoreState::kEnqueued, std::to_string(i % products),
                               std::to_string(i), 1000));
      order.Add(stores.back());
    }
    int64_t farthest = 0;
    for (const StoreSession& store : stores) {
      farthest = std::max(farthest, order.Before(store).stores);
    }
    EXPECT_EQ(farthest, kStores - products);
    EXPECT_LE(order.lookups(), int64_t{kStores} * 40) << products << " products";
  }
}

}  // namespace
}  // namespace stored::engine
