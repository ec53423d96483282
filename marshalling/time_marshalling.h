#pragma once

#include <google/protobuf/duration.pb.h>
#include <google/protobuf/timestamp.pb.h>

#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

// Translates between protobuf's well-known types for times and Abseil's. All other code uses these
// functions.
namespace stored::marshalling {

google::protobuf::Timestamp ToProto(absl::Time time);
absl::Time FromProto(const google::protobuf::Timestamp& time);

google::protobuf::Duration ToProto(absl::Duration duration);
absl::Duration FromProto(const google::protobuf::Duration& duration);

// Translates the time for which something is kept: zero, which means for ever, or a second to
// 36,500 days. INVALID_ARGUMENT, which names `field`, if `duration` is anything else.
absl::StatusOr<absl::Duration> LifetimeFromProto(const google::protobuf::Duration& duration,
                                                 std::string_view field);

}  // namespace stored::marshalling
