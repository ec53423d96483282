#include "marshalling/time_marshalling.h"

#include <gtest/gtest.h>

#include <limits>

namespace stored::marshalling {
namespace {

google::protobuf::Duration Proto(int64_t seconds, int32_t nanos) {
  google::protobuf::Duration duration;
  duration.set_seconds(seconds);
  duration.set_nanos(nanos);
  return duration;
}

TEST(TimeMarshallingTest, Duration_BothWays) {
  for (const absl::Duration duration :
       {absl::ZeroDuration(), absl::Nanoseconds(1), absl::Milliseconds(1500), absl::Hours(36'500),
        -absl::Milliseconds(1500)}) {
    EXPECT_EQ(FromProto(ToProto(duration)), duration);
  }
  const google::protobuf::Duration proto = ToProto(absl::Milliseconds(2250));
  EXPECT_EQ(proto.seconds(), 2);
  EXPECT_EQ(proto.nanos(), 250'000'000);
}

TEST(TimeMarshallingTest, Time_BothWays) {
  const absl::Time time = absl::FromUnixMillis(1'700'000'000'123);
  EXPECT_EQ(ToProto(time).seconds(), 1'700'000'000);
  EXPECT_EQ(ToProto(time).nanos(), 123'000'000);
  EXPECT_EQ(FromProto(ToProto(time)), time);
}

TEST(TimeMarshallingTest, Lifetime_IsZeroOrASecondTo36500Days) {
  constexpr int64_t kMost = int64_t{36'500} * 24 * 60 * 60;
  EXPECT_EQ(*LifetimeFromProto(Proto(0, 0), "f"), absl::ZeroDuration());
  EXPECT_EQ(*LifetimeFromProto(Proto(1, 0), "f"), absl::Seconds(1));
  EXPECT_EQ(*LifetimeFromProto(Proto(kMost, 999'999'999), "f"),
            absl::Seconds(kMost) + absl::Nanoseconds(999'999'999));
  for (const google::protobuf::Duration& bad :
       {Proto(0, 1), Proto(0, 2'000'000'000), Proto(1, -1), Proto(1, 1'000'000'000), Proto(-1, 0),
        Proto(kMost + 1, 0), Proto(std::numeric_limits<int64_t>::max(), 0)}) {
    const absl::Status refused = LifetimeFromProto(bad, "some_field").status();
    EXPECT_TRUE(absl::IsInvalidArgument(refused)) << bad.ShortDebugString();
    EXPECT_NE(refused.message().find("some_field"), absl::string_view::npos) << refused;
  }
}

}  // namespace
}  // namespace stored::marshalling
