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

// Formats values of the contract as text for people, and parses the text of options.
namespace stored::tools {

// Returns a value of an enum of stored.v1 in lower case without its prefix: "false_positive".
// Returns an empty text if the enum does not have `number`.
std::string FormatEnum(const google::protobuf::EnumDescriptor& type, int number);
// Returns all values of an enum as FormatEnum() writes them, except the unspecified one.
std::vector<std::string> FormatEnumValues(const google::protobuf::EnumDescriptor& type);
// Returns the number of the value that FormatEnum() writes as `text`. Ignores case, treats '-' as
// '_' and accepts "unspecified" too. INVALID_ARGUMENT lists the values.
absl::StatusOr<int> ParseEnum(const google::protobuf::EnumDescriptor& type, std::string_view text);

// Parses a time limit: "30s", "5m", "1h30m". INVALID_ARGUMENT if it is shorter than a millisecond.
absl::StatusOr<absl::Duration> ParseTimeout(std::string_view text);

// Parses the time for which something is kept: "30d", "12h", from a second to 36,500 days. Returns
// zero for "never" and "0", which both mean for ever.
absl::StatusOr<absl::Duration> ParseLifetime(std::string_view text);
// Returns a lifetime in the form that ParseLifetime() accepts.
std::string FormatLifetime(const google::protobuf::Duration& lifetime);

// Returns "2025-03-01 12:00:00 UTC".
std::string FormatTime(const google::protobuf::Timestamp& time);
// Returns "812 B" or "3.4 MB"; a kilobyte is 1,000 bytes.
std::string FormatBytes(int64_t bytes);
// Returns "1 report" or "3 reports".
std::string FormatCount(int64_t n, std::string_view singular, std::string_view plural);

}  // namespace stored::tools
