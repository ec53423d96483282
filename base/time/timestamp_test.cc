#include "base/time/timestamp.h"

#include <gtest/gtest.h>

namespace stored {
namespace {

// Returns the parsed time with all its digits, or "-".
std::string Parsed(std::string_view text) {
  const std::optional<absl::Time> time = ParseTimestamp(text);
  return time ? absl::FormatTime("%Y-%m-%d %H:%M:%E6S", *time, absl::UTCTimeZone()) : "-";
}

TEST(TimestampTest, Date_MeansItsEnd) {
  EXPECT_EQ(Parsed("2026-01-31"), "2026-01-31 23:59:59.999999");
  EXPECT_EQ(Parsed("2024-02-29"), "2024-02-29 23:59:59.999999");
}

TEST(TimestampTest, Time_MeansTheEndOfItsMinuteOrSecond) {
  EXPECT_EQ(Parsed("2026-01-31T14:03"), "2026-01-31 14:03:59.999999");
  EXPECT_EQ(Parsed("2026-01-31 14:03"), "2026-01-31 14:03:59.999999");
  EXPECT_EQ(Parsed("2026-01-31T14:03:07"), "2026-01-31 14:03:07.999999");
  EXPECT_EQ(Parsed("2026-01-31t14:03:07z"), "2026-01-31 14:03:07.999999");
  EXPECT_EQ(Parsed("2026-01-31T14:03:07.25"), "2026-01-31 14:03:07.250000");
  EXPECT_EQ(Parsed("2026-01-31T14:03:07.25Z"), "2026-01-31 14:03:07.250000");
}

TEST(TimestampTest, Offset_IsConverted) {
  EXPECT_EQ(Parsed("2026-01-31T14:03+02:00"), "2026-01-31 12:03:59.999999");
  EXPECT_EQ(Parsed("2026-01-31 14:03:07.5-01:30"), "2026-01-31 15:33:07.500000");
}

TEST(TimestampTest, OtherTexts_AreRefused) {
  for (const char* text : {"",
                           "now",
                           "2026",
                           "2026-01",
                           "2026-1-31",
                           " 2026-01-31",
                           "2026-01-31 ",
                           "2026-02-30",
                           "2026-13-01",
                           "2026-01-31T",
                           "2026-01-31T14",
                           "2026-01-31T24:30",
                           "2026-01-31T14:03 ",
                           "2026-01-31T14:03:07+25:00",
                           "2026-01-31T 14:03",
                           "12026-01-31",
                           "infinite-future",
                           "2026-01-31T14:03:07.25.5",
                           "31-01-2026",
                           "2026/01/31",
                           "0000-01-01",
                           "-001-01-01",
                           "9999-12-31T23:59-14:00",
                           "0001-01-01T00:00+01:00"}) {
    EXPECT_EQ(Parsed(text), "-") << "'" << text << "'";
  }
}

TEST(TimestampTest, FirstAndLastYear) {
  EXPECT_EQ(Parsed("0001-01-01"), "1-01-01 23:59:59.999999");
  EXPECT_EQ(Parsed("9999-12-31"), "9999-12-31 23:59:59.999999");
  EXPECT_EQ(TimestampToText(*ParseTimestamp("0001-01-01")), "0001-01-01T23:59:59Z");
}

TEST(TimestampTest, ToText_IsParsedBack) {
  const absl::Time time = absl::FromUnixSeconds(1'700'000'000);
  EXPECT_EQ(TimestampToText(time), "2023-11-14T22:13:20Z");
  EXPECT_EQ(TimestampToText(*ParseTimestamp("2026-01-31T14:03:07.9")), "2026-01-31T14:03:07Z");
}

}  // namespace
}  // namespace stored
