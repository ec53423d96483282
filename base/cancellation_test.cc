#include "base/cancellation.h"

#include <gtest/gtest.h>

namespace stored {
namespace {

TEST(Cancellation, Default_IsNeverRequested) { EXPECT_FALSE(Cancellation().Requested()); }

TEST(Cancellation, CanBeRequested_OnlyWithASource) {
  EXPECT_FALSE(Cancellation().CanBeRequested());
  EXPECT_TRUE(Cancellation([] { return false; }).CanBeRequested());
  EXPECT_TRUE(Cancellation(std::stop_source().get_token()).CanBeRequested());
}

TEST(Cancellation, FromAFunction_IsPolled) {
  int polls = 0;
  const Cancellation cancellation = [&polls] { return ++polls == 2; };
  EXPECT_FALSE(cancellation.Requested());
  EXPECT_TRUE(cancellation.Requested());
}

TEST(Cancellation, FromAStopToken_FollowsItsSource) {
  std::stop_source source;
  const Cancellation cancellation = source.get_token();
  EXPECT_FALSE(cancellation.Requested());
  source.request_stop();
  EXPECT_TRUE(cancellation.Requested());
}

}  // namespace
}  // namespace stored
