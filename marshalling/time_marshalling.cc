#include "marshalling/time_marshalling.h"

#include <fmt/format.h>

namespace stored::marshalling {
namespace {

constexpr int64_t kNanosASecond = 1'000'000'000;
constexpr int64_t kMaxLifetimeDays = 36'500;
constexpr int64_t kMaxLifetimeSeconds = kMaxLifetimeDays * 24 * 60 * 60;

}  // namespace

google::protobuf::Timestamp ToProto(absl::Time time) {
  google::protobuf::Timestamp out;
  const int64_t nanos = absl::ToUnixNanos(time);
  out.set_seconds(nanos / kNanosASecond);
  out.set_nanos(static_cast<int32_t>(nanos % kNanosASecond));
  return out;
}

google::protobuf::Duration ToProto(absl::Duration duration) {
  google::protobuf::Duration out;
  absl::Duration rest;
  out.set_seconds(absl::IDivDuration(duration, absl::Seconds(1), &rest));
  out.set_nanos(static_cast<int32_t>(absl::ToInt64Nanoseconds(rest)));
  return out;
}

absl::StatusOr<absl::Duration> LifetimeFromProto(const google::protobuf::Duration& duration,
                                                 std::string_view field) {
  const int64_t seconds = duration.seconds();
  const int32_t nanos = duration.nanos();
  const bool zero = seconds == 0 && nanos == 0;
  if (zero ||
      (seconds >= 1 && seconds <= kMaxLifetimeSeconds && nanos >= 0 && nanos < kNanosASecond)) {
    return absl::Seconds(seconds) + absl::Nanoseconds(nanos);
  }
  return absl::InvalidArgumentError(
      fmt::format("{} is neither zero nor between a second and {} days", field, kMaxLifetimeDays));
}

}  // namespace stored::marshalling
