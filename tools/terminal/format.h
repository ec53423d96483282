#pragma once

#include <google/protobuf/descriptor.h>
#include <google/protobuf/duration.pb.h>
#include <google/protobuf/timestamp.pb.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

// How values of the contract are spelled for people, and read from them.
namespace stored::tools {

// The values of an enum of stored.v1 in lower case without their prefix ("false_positive"), the
// unspecified one left out.
std::vector<std::string> EnumWords(const google::protobuf::EnumDescriptor& type);
// Empty for a number that the enum does not have.
std::string EnumWord(const google::protobuf::EnumDescriptor& type, int number);
// The number of `word`, in any case and with '-' or '_'; the word "unspecified" is known too.
// INVALID_ARGUMENT lists the words that there are.
absl::StatusOr<int> ParseEnumWord(const google::protobuf::EnumDescriptor& type,
                                  std::string_view word);

// "30s", "5m", "1h30m": positive and finite, at least a millisecond.
absl::StatusOr<absl::Duration> ParseTimeout(std::string_view text);

// How long something is kept: "30d", "12h", a second to 36,500 days; "never" and "0" are for ever,
// which is zero.
absl::StatusOr<absl::Duration> ParseLifetime(std::string_view text);
// The same the other way round.
std::string LifetimeWord(const google::protobuf::Duration& lifetime);
google::protobuf::Duration ToProto(absl::Duration duration);

// "2025-03-01 12:00:00 UTC".
std::string TimeWord(const google::protobuf::Timestamp& time);
// "812 B", "3.4 MB"; a thousand bytes are a kilobyte.
std::string BytesWord(int64_t bytes);
// "1 report", "3 reports".
std::string Count(int64_t n, std::string_view singular, std::string_view plural);

}  // namespace stored::tools
