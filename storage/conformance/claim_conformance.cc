#include <fmt/format.h>

#include <thread>
#include <vector>

#include "storage/conformance/conformance.h"
#include "storage/conformance/queue_driver.h"

// The order in which stores are claimed, and the limit of RUNNING stores.
namespace stored::storage {
namespace {

TEST_P(BackendConformance, ClaimNext_OldestFirst_OneForEachRun) {
  QueueDriver q(queue());
  const std::string a1 = q.Add("a");
  const std::string a2 = q.Add("a");
  const std::string b1 = q.Add("b");
  EXPECT_EQ(q.Claim(), a1);
  EXPECT_EQ(q.Claim(), b1);
  EXPECT_EQ(q.Claim(), "");
  ASSERT_TRUE(queue().Fail(a1, {StoreErrorCode::kServer, "x"}, At(2)).ok());
  EXPECT_EQ(q.Claim(), a2);
}

TEST_P(BackendConformance, ClaimNext_SameRunNameOfAnotherProduct_IsAnotherRun) {
  ASSERT_TRUE(backend().CreateProduct("p2", {}, At(0)).ok());
  QueueDriver q(queue());
  q.Add("a");
  StoreRequest request = FullRequest("a");
  request.product = "p2";
  const std::string token = queue().Enqueue(request, Payload(), {}, At(0))->session.token;
  q.Claim();
  EXPECT_EQ(q.Claim(), token);
}

TEST_P(BackendConformance, ClaimNext_ProductsTakeTurns) {
  ASSERT_TRUE(backend().CreateProduct("small", {}, At(0)).ok());
  QueueDriver q(queue());
  for (int i = 0; i < 6; ++i) q.Add(fmt::format("large-{}", i));
  StoreRequest request = FullRequest();
  request.product = "small";
  for (int i = 0; i < 2; ++i) {
    request.run_name = fmt::format("small-{}", i);
    ASSERT_TRUE(queue().Enqueue(request, Payload(), {}, At(0)).ok());
  }
  // Claims and completes one store after the other, as one worker does.
  std::vector<std::string> runs;
  for (std::string token = q.Claim(); !token.empty(); token = q.Claim()) {
    runs.push_back(q.Get(token).request.run_name);
    ASSERT_TRUE(queue().Complete(token, {}, At(2)).ok());
  }
  EXPECT_EQ(runs, (std::vector<std::string>{"large-0", "small-0", "large-1", "small-1", "large-2",
                                            "large-3", "large-4", "large-5"}));
}

TEST_P(BackendConformance, ClaimNext_ProductWithFewerRunning_ComesFirst) {
  ASSERT_TRUE(backend().CreateProduct("small", {}, At(0)).ok());
  QueueDriver q(queue());
  for (int i = 0; i < 4; ++i) q.Add(fmt::format("large-{}", i));
  q.Claim();
  q.Claim();
  StoreRequest request = FullRequest("small");
  request.product = "small";
  const std::string small = queue().Enqueue(request, Payload(), {}, At(0))->session.token;
  ASSERT_TRUE(queue().Complete(queue().Running()->front().token, {}, At(2)).ok());
  EXPECT_EQ(q.Claim(), small);
}

TEST_P(BackendConformance, ClaimNext_ProductsLeftOut_Wait) {
  ASSERT_TRUE(backend().CreateProduct("other", {}, At(0)).ok());
  QueueDriver q(queue());
  const std::string token = q.Add();
  EXPECT_FALSE((*queue().ClaimNext(At(1), {{kDefaultProduct}})).has_value());
  StoreRequest request = FullRequest();
  request.product = "other";
  const std::string other = queue().Enqueue(request, Payload(), {}, At(0))->session.token;
  EXPECT_EQ((*queue().ClaimNext(At(1), {{kDefaultProduct}}))->token, other);
  EXPECT_EQ(q.Claim(), token);
}

TEST_P(BackendConformance, ClaimNext_LimitReached_OnlyProductsWithoutRunningStores) {
  ASSERT_TRUE(backend().CreateProduct("other", {}, At(0)).ok());
  QueueDriver q(queue());
  const SessionQueue::ClaimRules two = {{}, 2};
  const std::string a = q.Add("a");
  const std::string b = q.Add("b");
  const std::string c = q.Add("c");
  EXPECT_EQ(q.Claim(two), a);
  EXPECT_EQ(q.Claim(two), b);
  EXPECT_EQ(q.Claim(two), "");
  // A store into another product need not wait: the RUNNING stores write one after the other.
  const std::string first = q.AddTo("other", "first");
  const std::string second = q.AddTo("other", "second");
  EXPECT_EQ(q.Claim(two), first);
  // Two products have RUNNING stores now, which is the limit.
  ASSERT_TRUE(backend().CreateProduct("third", {}, At(0)).ok());
  const std::string third = q.AddTo("third", "run");
  EXPECT_EQ(q.Claim(two), "");
  ASSERT_TRUE(queue().Complete(a, {}, At(2)).ok());
  EXPECT_EQ(q.Claim(two), "");
  ASSERT_TRUE(queue().Complete(b, {}, At(2)).ok());
  // The turn of the product without a RUNNING store that had no turn yet.
  EXPECT_EQ(q.Claim(two), third);
  EXPECT_EQ(q.Claim(two), "");
  ASSERT_TRUE(queue().Complete(first, {}, At(2)).ok());
  EXPECT_EQ(q.Claim(two), c);
  ASSERT_TRUE(queue().Complete(third, {}, At(2)).ok());
  EXPECT_EQ(q.Claim(two), second);
}

TEST_P(BackendConformance, ClaimNext_LimitOfOne_HoldsForAllProducts) {
  ASSERT_TRUE(backend().CreateProduct("other", {}, At(0)).ok());
  QueueDriver q(queue());
  const SessionQueue::ClaimRules one = {{}, 1};
  const std::string a = q.Add("a");
  const std::string other = q.AddTo("other", "run");
  EXPECT_EQ(q.Claim(one), a);
  EXPECT_EQ(q.Claim(one), "");
  ASSERT_TRUE(queue().Complete(a, {}, At(2)).ok());
  EXPECT_EQ(q.Claim(one), other);
}

// Concurrent searches see the same room; only the claims that fit may succeed.
TEST_P(BackendConformance, ClaimNext_Concurrent_KeepsTheLimit) {
  constexpr int kThreads = 8;
  ASSERT_TRUE(backend().CreateProduct("other", {}, At(0)).ok());
  QueueDriver q(queue());
  for (int i = 0; i < 20; ++i) {
    q.Add(fmt::format("run {}", i));
    q.AddTo("other", fmt::format("run {}", i));
  }
  std::vector<std::thread> threads;
  threads.reserve(kThreads);
  for (int i = 0; i < kThreads; ++i) threads.emplace_back([&] { q.Claim({{}, 3}); });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(queue().Running()->size(), 3U);
}

TEST_P(BackendConformance, ClaimNext_SetsStateTimeAndAttempts) {
  QueueDriver q(queue());
  const std::string token = q.Add();
  const StoreSession before = q.Get(token);
  q.Claim();
  const StoreSession claimed = q.Get(token);
  EXPECT_EQ(claimed.state, StoreState::kRunning);
  EXPECT_EQ(claimed.attempts, 1);
  EXPECT_EQ(claimed.started_at, At(1));
  EXPECT_EQ(claimed.revision, before.revision + SessionQueue::kRevisionStep);
}

}  // namespace
}  // namespace stored::storage
