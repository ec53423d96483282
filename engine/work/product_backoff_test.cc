#include "engine/work/product_backoff.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace stored::engine {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr absl::Duration kStart = absl::Hours(1);

TEST(ProductBackoffTest, Empty_NothingWaits) {
  const ProductBackoff backoff;
  EXPECT_THAT(backoff.At(kStart).products, IsEmpty());
  EXPECT_EQ(backoff.At(kStart).next, absl::InfiniteDuration());
}

TEST(ProductBackoffTest, Delays_DoubleUpToTheLongest) {
  ProductBackoff backoff;
  absl::Duration now = kStart;
  for (const int seconds : {1, 2, 4, 8, 15, 15}) {
    EXPECT_EQ(backoff.PutOff("p", now), absl::Seconds(seconds));
    now += absl::Seconds(seconds);
  }
}

TEST(ProductBackoffTest, PutOffDuringADelay_LeavesItAsItIs) {
  ProductBackoff backoff;
  EXPECT_EQ(backoff.PutOff("p", kStart), absl::Seconds(1));
  EXPECT_EQ(backoff.PutOff("p", kStart + absl::Milliseconds(900)), absl::Seconds(1));
  EXPECT_EQ(backoff.At(kStart + absl::Milliseconds(900)).next, absl::Milliseconds(100));
}

TEST(ProductBackoffTest, At_NamesTheProductsThatWait_AndWhenTheFirstIsDone) {
  ProductBackoff backoff;
  backoff.PutOff("a", kStart);
  backoff.PutOff("a", kStart + absl::Seconds(1));
  backoff.PutOff("b", kStart + absl::Seconds(2));
  EXPECT_THAT(backoff.At(kStart + absl::Seconds(2)).products, ElementsAre("a", "b"));
  EXPECT_EQ(backoff.At(kStart + absl::Milliseconds(2400)).next, absl::Milliseconds(600));
  EXPECT_THAT(backoff.At(kStart + absl::Seconds(3)).products, IsEmpty());
  EXPECT_EQ(backoff.At(kStart + absl::Seconds(3)).next, absl::InfiniteDuration());
}

TEST(ProductBackoffTest, Reset_EndsTheDelay_AndTheNextIsTheFirstAgain) {
  ProductBackoff backoff;
  backoff.PutOff("a", kStart);
  backoff.PutOff("a", kStart + absl::Seconds(1));
  backoff.PutOff("b", kStart + absl::Seconds(1));
  backoff.Reset("a");
  EXPECT_THAT(backoff.At(kStart + absl::Seconds(1)).products, ElementsAre("b"));
  EXPECT_EQ(backoff.PutOff("a", kStart + absl::Seconds(1)), ProductBackoff::kFirstDelay);
}

}  // namespace
}  // namespace stored::engine
