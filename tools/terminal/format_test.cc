#include "tools/terminal/format.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "marshalling/time_marshalling.h"
#include "stored/v1/report_service.pb.h"
#include "stored/v1/store_service.pb.h"

namespace stored::tools {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(FormatEnumTest, FormatEnum_IsTheValueWithoutItsPrefix) {
  EXPECT_EQ(FormatEnum(*v1::ReviewStatus_descriptor(), v1::REVIEW_STATUS_FALSE_POSITIVE),
            "false_positive");
  EXPECT_EQ(FormatEnum(*v1::Severity_descriptor(), 4711), "");
  EXPECT_THAT(FormatEnumValues(*v1::Severity_descriptor()),
              ElementsAre("style", "low", "medium", "high", "critical"));
}

TEST(FormatEnumTest, ParseEnum_AnyCaseAndHyphen_IsTheNumber) {
  EXPECT_EQ(*ParseEnum(*v1::ReviewStatus_descriptor(), "False-Positive"),
            v1::REVIEW_STATUS_FALSE_POSITIVE);
  EXPECT_EQ(*ParseEnum(*v1::Severity_descriptor(), "unspecified"), 0);
}

TEST(FormatEnumTest, ParseEnum_Unknown_ListsTheValues) {
  const absl::Status status = ParseEnum(*v1::Severity_descriptor(), "bad").status();
  EXPECT_THAT(std::string(status.message()), HasSubstr("style, low, medium, high, critical"));
}

TEST(ParseTimeoutTest, ParseTimeout_Forms) {
  EXPECT_EQ(*ParseTimeout("30s"), absl::Seconds(30));
  EXPECT_EQ(*ParseTimeout("1h30m"), absl::Minutes(90));
  EXPECT_EQ(*ParseTimeout("1d12h"), absl::Hours(36));
  for (const char* text : {"", "30", "0s", "-5s", "inf", "5 minutes"}) {
    EXPECT_FALSE(ParseTimeout(text).ok()) << text;
  }
}

TEST(LifetimeTest, ParseLifetime_Forms) {
  EXPECT_EQ(*ParseLifetime("30d"), absl::Hours(30 * 24));
  EXPECT_EQ(*ParseLifetime("12h"), absl::Hours(12));
  EXPECT_EQ(*ParseLifetime("never"), absl::ZeroDuration());
  EXPECT_EQ(*ParseLifetime("0"), absl::ZeroDuration());
  for (const char* text : {"", "30", "-5s", "10ms", "inf", "soon"}) {
    EXPECT_FALSE(ParseLifetime(text).ok()) << text;
  }
}

TEST(LifetimeTest, ParseLifetime_LongerThanTheMaximum_IsRefused) {
  EXPECT_EQ(*ParseLifetime("36500d"), absl::Hours(24 * 36'500));
  for (const char* text : {"36501d", "36500d1s", "1000000d"}) {
    const absl::Status status = ParseLifetime(text).status();
    EXPECT_FALSE(status.ok()) << text;
    EXPECT_NE(status.message().find("never"), absl::string_view::npos) << status;
  }
}

TEST(LifetimeTest, FormatLifetime_CanBeParsed) {
  for (const char* text : {"30d", "1d12h", "90s", "never"}) {
    const absl::Duration lifetime = *ParseLifetime(text);
    EXPECT_EQ(*ParseLifetime(FormatLifetime(marshalling::ToProto(lifetime))), lifetime) << text;
  }
  EXPECT_EQ(FormatLifetime(marshalling::ToProto(absl::Hours(48))), "2d");
  EXPECT_EQ(FormatLifetime({}), "never");
}

TEST(FormatBytesTest, FormatBytes_StepsUpAtAThousand) {
  EXPECT_EQ(FormatBytes(999), "999 B");
  EXPECT_EQ(FormatBytes(1000), "1.0 kB");
  EXPECT_EQ(FormatBytes(999'960), "1.0 MB");
  EXPECT_EQ(FormatBytes(1'500'000'000'000), "1.5 TB");
  EXPECT_EQ(FormatBytes(int64_t{2'000'000'000'000'000}), "2000.0 TB");
}

TEST(FormatTimeTest, FormatTime_IsUtc) {
  google::protobuf::Timestamp time;
  time.set_seconds(1'700'000'000);
  EXPECT_EQ(FormatTime(time), "2023-11-14 22:13:20 UTC");
}

}  // namespace
}  // namespace stored::tools
