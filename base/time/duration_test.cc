#include "base/time/duration.h"

#include <gtest/gtest.h>

namespace stored {
namespace {

TEST(DurationTest, FromText_UnitsAndDays) {
  EXPECT_EQ(DurationFromText("0"), absl::ZeroDuration());
  EXPECT_EQ(DurationFromText("0s"), absl::ZeroDuration());
  EXPECT_EQ(DurationFromText("90s"), absl::Seconds(90));
  EXPECT_EQ(DurationFromText("1h30m"), absl::Minutes(90));
  EXPECT_EQ(DurationFromText("1.5h"), absl::Minutes(90));
  EXPECT_EQ(DurationFromText("0d"), absl::ZeroDuration());
  EXPECT_EQ(DurationFromText("30d"), absl::Hours(30 * 24));
  EXPECT_EQ(DurationFromText("1d12h"), absl::Hours(36));
}

TEST(DurationTest, FromText_MalformedOrOutOfRange_Nothing) {
  for (const char* text : {"", "d", "-1s", "1d-1h", "1d 2h", "inf", "5", "5x", "1dd", "1h2d",
                           "30 d", "99999999999d", "99999999999999999999d", "99999999999h"}) {
    EXPECT_EQ(DurationFromText(text), std::nullopt) << text;
  }
}

TEST(DurationTest, ToText_ParsesBack) {
  for (const char* text : {"0", "90s", "12h", "30d", "1d12h0m0.5s"}) {
    const absl::Duration duration = DurationFromText(text).value();
    EXPECT_EQ(DurationFromText(DurationToText(duration)), duration) << DurationToText(duration);
  }
  EXPECT_EQ(DurationToText(absl::Hours(48)), "2d");
  EXPECT_EQ(DurationToText(absl::Hours(25)), "1d1h");
  EXPECT_EQ(DurationToText(absl::Minutes(5)), "5m");
}

}  // namespace
}  // namespace stored
