#include "marshalling/time_marshalling.h"

#include "base/status.h"
#include "storage/policy/field_checks.h"

namespace stored::marshalling {
namespace {

constexpr int64_t kNanosASecond = 1'000'000'000;

}  // namespace

google::protobuf::Timestamp ToProto(absl::Time time) {
  google::protobuf::Timestamp out;
  // Rounds down, also before 1970, so nanos are not negative.
  out.set_seconds(absl::ToUnixSeconds(time));
  out.set_nanos(
      static_cast<int32_t>(absl::ToInt64Nanoseconds(time - absl::FromUnixSeconds(out.seconds()))));
  return out;
}

absl::Time FromProto(const google::protobuf::Timestamp& time) {
  return absl::FromUnixSeconds(time.seconds()) + absl::Nanoseconds(time.nanos());
}

google::protobuf::Duration ToProto(absl::Duration duration) {
  google::protobuf::Duration out;
  absl::Duration rest;
  out.set_seconds(absl::IDivDuration(duration, absl::Seconds(1), &rest));
  out.set_nanos(static_cast<int32_t>(absl::ToInt64Nanoseconds(rest)));
  return out;
}

absl::Duration FromProto(const google::protobuf::Duration& duration) {
  return absl::Seconds(duration.seconds()) + absl::Nanoseconds(duration.nanos());
}

absl::StatusOr<absl::Duration> LifetimeFromProto(const google::protobuf::Duration& duration,
                                                 std::string_view field) {
  absl::Duration lifetime = FromProto(duration);
  // If a client sends nanos out of the range of the message, lets CheckLifetime refuse them as it
  // refuses a negative lifetime.
  if (duration.nanos() < 0 || duration.nanos() >= kNanosASecond) lifetime = -absl::Seconds(1);
  STORED_RETURN_IF_ERROR(storage::CheckLifetime(lifetime, field));
  return lifetime;
}

}  // namespace stored::marshalling
