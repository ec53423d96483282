#include "client/retry_schedule.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

#include "base/time/retry_pushback.h"
#include "client/connection.h"
#include "client/testing/fake_clock.h"

namespace stored::client {
namespace {

using ::testing::ElementsAre;

double Highest() { return 1; }
double Lowest() { return 0; }

const absl::Status kUnreachable = absl::UnavailableError("Connection refused");

RetryPolicy Policy() {
  return {.first_delay = absl::Seconds(1),
          .longest_delay = absl::Seconds(4),
          .multiplier = 2,
          .patience = absl::Minutes(1)};
}

absl::Status Busy(absl::Duration pushback) {
  absl::Status status = absl::ResourceExhaustedError("the queue is full");
  SetRetryPushback(status, pushback);
  return status;
}

TEST(RetryScheduleTest, AfterFailure_Repeated_DelaysDoubleUpToTheLongest) {
  FakeClock clock;
  RetrySchedule schedule(Policy(), TimeLimit(clock, absl::InfiniteDuration()), clock, Highest);
  std::vector<absl::Duration> delays(4);
  for (absl::Duration& delay : delays) delay = *schedule.AfterFailure(kUnreachable);
  EXPECT_THAT(delays,
              ElementsAre(absl::Seconds(1), absl::Seconds(2), absl::Seconds(4), absl::Seconds(4)));
}

TEST(RetryScheduleTest, AfterFailure_Jitter_IsUpToHalfTheDelay) {
  FakeClock clock;
  RetrySchedule schedule(Policy(), TimeLimit(clock, absl::InfiniteDuration()), clock, Lowest);
  EXPECT_EQ(*schedule.AfterFailure(kUnreachable), absl::Milliseconds(500));
  EXPECT_EQ(*schedule.AfterFailure(kUnreachable), absl::Seconds(1));
}

TEST(RetryScheduleTest, AfterFailure_NotTransient_GivesUpWithIt) {
  FakeClock clock;
  RetrySchedule schedule(Policy(), TimeLimit(clock, absl::InfiniteDuration()), clock, Highest);
  EXPECT_EQ(schedule.AfterFailure(absl::NotFoundError("no such token")).status(),
            absl::NotFoundError("no such token"));
  EXPECT_TRUE(absl::IsResourceExhausted(
      schedule.AfterFailure(absl::ResourceExhaustedError("too large")).status()));
}

TEST(RetryScheduleTest, AfterFailure_PatienceSpent_GivesUpWithTheFailure) {
  FakeClock clock;
  RetrySchedule schedule(Policy(), TimeLimit(clock, absl::InfiniteDuration()), clock, Highest);
  ASSERT_TRUE(schedule.AfterFailure(kUnreachable).ok());
  clock.Advance(absl::Seconds(59));
  // The last attempt is made when the patience ends, not later.
  EXPECT_EQ(*schedule.AfterFailure(kUnreachable), absl::Seconds(1));
  clock.Advance(absl::Seconds(1));
  EXPECT_EQ(schedule.AfterFailure(kUnreachable).status(), kUnreachable);
}

TEST(RetryScheduleTest, AfterFailure_LongSuccessBefore_DoesNotSpendPatience) {
  FakeClock clock;
  RetrySchedule schedule(Policy(), TimeLimit(clock, absl::InfiniteDuration()), clock, Highest);
  clock.Advance(absl::Hours(5));
  EXPECT_TRUE(schedule.AfterFailure(kUnreachable).ok());
}

TEST(RetryScheduleTest, Succeeded_NextFailure_CountsAsTheFirst) {
  FakeClock clock;
  RetrySchedule schedule(Policy(), TimeLimit(clock, absl::InfiniteDuration()), clock, Highest);
  ASSERT_TRUE(schedule.AfterFailure(kUnreachable).ok());
  clock.Advance(absl::Minutes(2));
  schedule.Succeeded();
  EXPECT_EQ(*schedule.AfterFailure(kUnreachable), absl::Seconds(1));
}

TEST(RetryScheduleTest, AfterFailure_LimitPassed_IsDeadlineExceededAndSaysWhy) {
  FakeClock clock;
  RetrySchedule schedule(Policy(), TimeLimit(clock, absl::Milliseconds(1500)), clock, Highest);
  EXPECT_EQ(*schedule.AfterFailure(kUnreachable), absl::Seconds(1));
  clock.Advance(absl::Seconds(1));
  EXPECT_EQ(*schedule.AfterFailure(kUnreachable), absl::Milliseconds(500));
  clock.Advance(absl::Milliseconds(500));
  EXPECT_EQ(schedule.AfterFailure(kUnreachable).status(),
            absl::DeadlineExceededError("not done within 1.5s (Connection refused)"));
}

TEST(RetryScheduleTest, AfterFailure_Pushback_ReplacesTheDelay) {
  FakeClock clock;
  RetrySchedule schedule(Policy(), TimeLimit(clock, absl::InfiniteDuration()), clock, Highest);
  EXPECT_EQ(*schedule.AfterFailure(Busy(absl::Milliseconds(7300))), absl::Milliseconds(7300));
}

TEST(RetryScheduleTest, AfterFailure_PushbackBeyondTheLimit_GivesUpAtOnce) {
  FakeClock clock;
  RetrySchedule schedule(Policy(), TimeLimit(clock, absl::Seconds(5)), clock, Highest);
  EXPECT_TRUE(absl::IsDeadlineExceeded(schedule.AfterFailure(Busy(absl::Seconds(6))).status()));
}

TEST(RetryScheduleTest, AfterFailure_NegativePushback_ForbidsAnotherTry) {
  FakeClock clock;
  RetrySchedule schedule(Policy(), TimeLimit(clock, absl::InfiniteDuration()), clock, Highest);
  absl::Status status = absl::UnavailableError("shutting down");
  SetRetryPushback(status, absl::Milliseconds(-1));
  EXPECT_TRUE(absl::IsUnavailable(schedule.AfterFailure(status).status()));
}

TEST(RetryTest, Retry_FailsTwice_SleepsTwiceAndSucceeds) {
  FakeClock clock;
  int calls = 0;
  const absl::StatusOr<int> result =
      Retry(RetrySchedule(Policy(), TimeLimit(clock, absl::InfiniteDuration()), clock, Highest),
            clock, [&]() -> absl::StatusOr<int> {
              if (++calls < 3) return kUnreachable;
              return calls;
            });
  EXPECT_EQ(*result, 3);
  EXPECT_THAT(clock.sleeps(), ElementsAre(absl::Seconds(1), absl::Seconds(2)));
}

TEST(TimeLimitTest, RpcTimeout_NearTheEnd_IsStillASecond) {
  FakeClock clock;
  const TimeLimit limit(clock, absl::Seconds(30));
  EXPECT_EQ(limit.RpcTimeout(absl::Seconds(10)), absl::Seconds(10));
  clock.Advance(absl::Seconds(25));
  EXPECT_EQ(limit.RpcTimeout(absl::Seconds(10)), absl::Seconds(5));
  clock.Advance(absl::Seconds(5));
  EXPECT_TRUE(limit.Passed());
  EXPECT_EQ(limit.RpcTimeout(absl::Seconds(10)), absl::Seconds(1));
}

}  // namespace
}  // namespace stored::client
