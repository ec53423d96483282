#include "engine/status/poll_advice.h"

#include <gtest/gtest.h>

#include "absl/time/clock.h"

namespace stored::engine {
namespace {

LiveStatus Enqueued(int64_t bytes, int32_t stores_ahead, int64_t bytes_ahead) {
  LiveStatus status;
  status.session.state = storage::StoreState::kEnqueued;
  status.session.payload.size = bytes;
  status.progress.stores_ahead = stores_ahead;
  status.progress.bytes_ahead = bytes_ahead;
  return status;
}

TEST(PollAdviceTest, FollowsTheMeasuredRate) {
  PollAdvice advice;
  const absl::Duration now = absl::Hours(100);
  for (int i = 0; i < 50; ++i) advice.Record(10'000'000, absl::Seconds(5));
  const absl::Duration slow = advice.Remaining(Enqueued(10'000'000, 0, 0), 1, now);
  EXPECT_GT(slow, absl::Seconds(4));
  EXPECT_LT(slow, absl::Seconds(6));
  EXPECT_EQ(advice.PollAfter(Enqueued(10'000'000, 0, 0), 1, now), slow / 2);
  for (int i = 0; i < 50; ++i) advice.Record(10'000'000, absl::Milliseconds(500));
  EXPECT_LT(advice.Remaining(Enqueued(10'000'000, 0, 0), 1, now), absl::Seconds(1));
}

TEST(PollAdviceTest, FirstStores_CountMoreThanTheStartValues) {
  PollAdvice advice;
  const absl::Duration guess = advice.Remaining(Enqueued(100'000'000, 0, 0), 1, absl::Hours(1));
  advice.Record(100'000'000, guess / 10);
  advice.Record(100'000'000, guess / 10);
  EXPECT_LT(advice.Remaining(Enqueued(100'000'000, 0, 0), 1, absl::Hours(1)), guess / 2);
}

TEST(PollAdviceTest, AddsTheStoresAhead_DividedAmongTheWorkers) {
  PollAdvice advice;
  const absl::Duration now = absl::Hours(100);
  for (int i = 0; i < 50; ++i) advice.Record(1'000'000, absl::Seconds(1));
  const absl::Duration alone = advice.Remaining(Enqueued(1'000'000, 0, 0), 2, now);
  const absl::Duration behind = advice.Remaining(Enqueued(1'000'000, 4, 4'000'000), 2, now);
  EXPECT_GT(behind, alone + absl::Milliseconds(1500));
  EXPECT_LT(behind, alone + absl::Milliseconds(2500));
}

TEST(PollAdviceTest, StaysWithinItsBounds) {
  PollAdvice advice;
  const absl::Duration now = absl::Hours(100);
  EXPECT_EQ(advice.PollAfter(Enqueued(int64_t{1} << 40, 0, 0), 1, now), kMaxPollInterval);
  LiveStatus running = Enqueued(1000, 0, 0);
  running.session.state = storage::StoreState::kRunning;
  running.running_since = now - absl::Milliseconds(100);
  EXPECT_EQ(advice.PollAfter(running, 1, now), kMinPollInterval);
  // The later the store is, the rarer are the polls.
  running.running_since = now - absl::Seconds(50);
  EXPECT_EQ(advice.PollAfter(running, 1, now), absl::Milliseconds(2500));
  running.running_since = now - absl::Hours(1);
  EXPECT_EQ(advice.PollAfter(running, 1, now), kMaxPollInterval);
}

TEST(PollAdviceTest, WallClock_IsIgnored) {
  PollAdvice advice;
  for (int i = 0; i < 50; ++i) advice.Record(10'000'000, absl::Seconds(20));
  const absl::Duration now = absl::Hours(100);
  LiveStatus running = Enqueued(10'000'000, 0, 0);
  running.session.state = storage::StoreState::kRunning;
  running.running_since = now - absl::Seconds(5);
  const absl::Duration left = advice.Remaining(running, 1, now);
  EXPECT_GT(left, absl::Seconds(12));
  EXPECT_LT(left, absl::Seconds(17));
  for (const absl::Duration step : {-absl::Hours(1), absl::Hours(1)}) {
    running.session.started_at = absl::Now() + step;
    EXPECT_EQ(advice.Remaining(running, 1, now), left);
  }
}

}  // namespace
}  // namespace stored::engine
