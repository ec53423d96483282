#pragma once

#include <google/protobuf/duration.pb.h>
#include <google/protobuf/timestamp.pb.h>

#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

// Between the well-known types for times and Abseil's.
namespace stored::marshalling {

google::protobuf::Timestamp ToProto(absl::Time time);
google::protobuf::Duration ToProto(absl::Duration duration);

// How long something is kept: zero, which is for ever, or a second to 36,500 days.
// INVALID_ARGUMENT names the field.
absl::StatusOr<absl::Duration> LifetimeFromProto(const google::protobuf::Duration& duration,
                                                 std::string_view field);

}  // namespace stored::marshalling
