#include "tools/terminal/format.h"

#include <fmt/format.h>

#include <array>
#include <cctype>
#include <optional>

#include "base/text/text.h"
#include "base/time/duration.h"
#include "marshalling/contract_limits.h"
#include "marshalling/time_marshalling.h"

namespace stored::tools {
namespace {

constexpr std::string_view kUnspecified = "UNSPECIFIED";

// The zero value is PREFIX_UNSPECIFIED, by the style guide of Protocol Buffers.
size_t PrefixLength(const google::protobuf::EnumDescriptor& type) {
  return type.FindValueByNumber(0)->name().size() - kUnspecified.size();
}

// Returns `text` in lower case with '_' for '-'.
std::string Fold(std::string_view text) {
  std::string folded(text);
  for (char& c : folded) {
    c = c == '-' ? '_' : static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
  return folded;
}

}  // namespace

std::string FormatEnum(const google::protobuf::EnumDescriptor& type, int number) {
  const google::protobuf::EnumValueDescriptor* value = type.FindValueByNumber(number);
  if (value == nullptr) return "";
  return Fold(std::string_view(value->name()).substr(PrefixLength(type)));
}

std::vector<std::string> FormatEnumValues(const google::protobuf::EnumDescriptor& type) {
  std::vector<std::string> values;
  for (int i = 0; i < type.value_count(); ++i) {
    if (type.value(i)->number() != 0) values.push_back(FormatEnum(type, type.value(i)->number()));
  }
  return values;
}

absl::StatusOr<int> ParseEnum(const google::protobuf::EnumDescriptor& type, std::string_view text) {
  const std::string folded = Fold(text);
  for (int i = 0; i < type.value_count(); ++i) {
    const int number = type.value(i)->number();
    if (FormatEnum(type, number) == folded) return number;
  }
  return absl::InvalidArgumentError(fmt::format("'{}' is not one of {}", Printable(text),
                                                fmt::join(FormatEnumValues(type), ", ")));
}

absl::StatusOr<absl::Duration> ParseTimeout(std::string_view text) {
  const std::optional<absl::Duration> timeout = DurationFromText(text);
  if (timeout.has_value() && *timeout >= absl::Milliseconds(1)) return *timeout;
  return absl::InvalidArgumentError(
      fmt::format("'{}' is not a valid timeout; write it like 30s, 5m or 1h30m", Printable(text)));
}

absl::StatusOr<absl::Duration> ParseLifetime(std::string_view text) {
  if (text == "never") return absl::ZeroDuration();
  const std::optional<absl::Duration> lifetime = DurationFromText(text);
  if (lifetime.has_value() && *lifetime > marshalling::kMaxLifetime) {
    return absl::InvalidArgumentError(
        fmt::format("'{}' is longer than the maximum lifetime of 36500d; write never to keep "
                    "something for ever",
                    Printable(text)));
  }
  if (lifetime.has_value() &&
      (*lifetime == absl::ZeroDuration() || *lifetime >= marshalling::kMinLifetime)) {
    return *lifetime;
  }
  return absl::InvalidArgumentError(fmt::format(
      "'{}' is not a valid lifetime; write it like 30d, 12h, or never", Printable(text)));
}

std::string FormatLifetime(const google::protobuf::Duration& lifetime) {
  const absl::Duration duration = marshalling::FromProto(lifetime);
  return duration == absl::ZeroDuration() ? "never" : DurationToText(duration);
}

std::string FormatTime(const google::protobuf::Timestamp& time) {
  return absl::FormatTime("%Y-%m-%d %H:%M:%S UTC", absl::FromUnixSeconds(time.seconds()),
                          absl::UTCTimeZone());
}

std::string FormatBytes(int64_t bytes) {
  constexpr std::array<std::string_view, 4> kUnits = {"kB", "MB", "GB", "TB"};
  if (bytes < 1000) return fmt::format("{} B", bytes);
  double amount = static_cast<double>(bytes) / 1000;
  size_t unit = 0;
  while (amount >= 999.95 && unit + 1 < kUnits.size()) {
    amount /= 1000;
    ++unit;
  }
  return fmt::format("{:.1f} {}", amount, kUnits[unit]);
}

std::string FormatCount(int64_t n, std::string_view singular, std::string_view plural) {
  return fmt::format("{} {}", n, n == 1 ? singular : plural);
}

}  // namespace stored::tools
