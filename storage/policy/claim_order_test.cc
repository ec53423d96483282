#include "storage/policy/claim_order.h"

#include <gtest/gtest.h>

namespace stored::storage {
namespace {

using Names = std::vector<std::string>;

TEST(ClaimOrderTest, RoomFor_CountsStoresThenProducts) {
  EXPECT_EQ(RoomFor({{}, 0}, {100, 100}), ClaimRoom::kAny) << "0 means unlimited";
  EXPECT_EQ(RoomFor({{}, 2}, {1, 1}), ClaimRoom::kAny);
  EXPECT_EQ(RoomFor({{}, 2}, {2, 1}), ClaimRoom::kIdleProducts);
  EXPECT_EQ(RoomFor({{}, 2}, {2, 2}), ClaimRoom::kNone);
  EXPECT_EQ(RoomFor({{}, 2}, {3, 2}), ClaimRoom::kNone);
  EXPECT_EQ(RoomFor({{}, 1}, {1, 1}), ClaimRoom::kNone);
}

TEST(ClaimOrderTest, RoomFor_AtMostTwiceTheLimitLessOneRun) {
  constexpr int kLimit = 4;
  // All stores that may run go to one product first, then one to each other product.
  RunningStores running = {0, 1};
  int64_t in_first = 0;
  while (Allows(RoomFor({{}, kLimit}, running), in_first)) {
    ++running.stores;
    ++in_first;
  }
  while (Allows(RoomFor({{}, kLimit}, running), 0)) {
    ++running.stores;
    ++running.products;
  }
  EXPECT_EQ(running.stores, 2 * kLimit - 1);
}

TEST(ClaimOrderTest, Allows_IdleProducts_OnlyThoseWithoutRunningStores) {
  EXPECT_TRUE(Allows(ClaimRoom::kAny, 5));
  EXPECT_TRUE(Allows(ClaimRoom::kIdleProducts, 0));
  EXPECT_FALSE(Allows(ClaimRoom::kIdleProducts, 1));
  EXPECT_FALSE(Allows(ClaimRoom::kNone, 0));
}

TEST(ClaimOrderTest, Order_FewestRunningFirst_ThenLongestWithoutATurn_ThenByName) {
  ClaimOrder order;
  EXPECT_EQ(order.Order({}, ClaimRoom::kAny, {{"b", 0}, {"a", 0}, {"c", 1}}),
            (Names{"a", "b", "c"}));
  order.NoteTurn("a");
  EXPECT_EQ(order.Order({}, ClaimRoom::kAny, {{"b", 0}, {"a", 0}, {"c", 1}}),
            (Names{"b", "a", "c"}));
  order.NoteTurn("b");
  EXPECT_EQ(order.Order({}, ClaimRoom::kAny, {{"b", 0}, {"a", 0}, {"c", 0}}),
            (Names{"c", "a", "b"}));
  EXPECT_EQ(order.Order({}, ClaimRoom::kAny, {{"b", 2}, {"a", 3}, {"c", 4}}),
            (Names{"b", "a", "c"}));
}

TEST(ClaimOrderTest, Order_LeavesOutProductsThatMayNotBeClaimed) {
  ClaimOrder order;
  EXPECT_EQ(order.Order({{"a"}}, ClaimRoom::kAny, {{"a", 0}, {"b", 0}}), Names{"b"});
  EXPECT_EQ(order.Order({}, ClaimRoom::kIdleProducts, {{"a", 1}, {"b", 0}}), Names{"b"});
  EXPECT_EQ(order.Order({}, ClaimRoom::kNone, {{"a", 0}}), Names{});
}

TEST(ClaimOrderTest, Order_ProductsTakeTurns_HoweverManyStoresOneHas) {
  ClaimOrder order;
  std::string turns;
  for (int i = 0; i < 6; ++i) {
    const std::string next =
        order.Order({}, ClaimRoom::kAny, {{"a", 0}, {"b", 0}, {"c", 0}}).front();
    order.NoteTurn(next);
    turns += next;
  }
  EXPECT_EQ(turns, "abcabc");
}

}  // namespace
}  // namespace stored::storage
