#include "tools/terminal/format.h"

#include <fmt/format.h>

#include <array>
#include <cctype>
#include <optional>

#include "base/text/text.h"
#include "base/time/duration.h"

namespace stored::tools {
namespace {

// As the contract has it.
constexpr absl::Duration kLongestLifetime = absl::Hours(24 * 36'500);

constexpr std::string_view kUnspecified = "UNSPECIFIED";

// By the style guide of Protocol Buffers the zero value is PREFIX_UNSPECIFIED.
size_t PrefixLength(const google::protobuf::EnumDescriptor& type) {
  return type.FindValueByNumber(0)->name().size() - kUnspecified.size();
}

// Compares words as ParseEnumWord does.
std::string Fold(std::string_view word) {
  std::string folded(word);
  for (char& c : folded) {
    c = c == '-' ? '_' : static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
  return folded;
}

}  // namespace

std::vector<std::string> EnumWords(const google::protobuf::EnumDescriptor& type) {
  std::vector<std::string> words;
  for (int i = 0; i < type.value_count(); ++i) {
    if (type.value(i)->number() != 0) words.push_back(EnumWord(type, type.value(i)->number()));
  }
  return words;
}

std::string EnumWord(const google::protobuf::EnumDescriptor& type, int number) {
  const google::protobuf::EnumValueDescriptor* value = type.FindValueByNumber(number);
  if (value == nullptr) return "";
  return Fold(std::string_view(value->name()).substr(PrefixLength(type)));
}

absl::StatusOr<int> ParseEnumWord(const google::protobuf::EnumDescriptor& type,
                                  std::string_view word) {
  const std::string folded = Fold(word);
  for (int i = 0; i < type.value_count(); ++i) {
    const int number = type.value(i)->number();
    if (EnumWord(type, number) == folded) return number;
  }
  return absl::InvalidArgumentError(
      fmt::format("'{}' is none of {}", Printable(word), fmt::join(EnumWords(type), ", ")));
}

absl::StatusOr<absl::Duration> ParseTimeout(std::string_view text) {
  absl::Duration duration;
  if (!absl::ParseDuration({text.data(), text.size()}, &duration) ||
      duration < absl::Milliseconds(1) || duration == absl::InfiniteDuration()) {
    return absl::InvalidArgumentError(
        fmt::format("'{}' is not a valid time; write it like 30s, 5m or 1h30m", Printable(text)));
  }
  return duration;
}

absl::StatusOr<absl::Duration> ParseLifetime(std::string_view text) {
  if (text == "never") return absl::ZeroDuration();
  const std::optional<absl::Duration> lifetime = DurationFromText(text);
  if (lifetime.has_value() && *lifetime > kLongestLifetime) {
    return absl::InvalidArgumentError(fmt::format(
        "'{}' is more than the 36500d that something can be kept for, other than for ever: never",
        Printable(text)));
  }
  if (lifetime.has_value() &&
      (*lifetime == absl::ZeroDuration() || *lifetime >= absl::Seconds(1))) {
    return *lifetime;
  }
  return absl::InvalidArgumentError(fmt::format(
      "'{}' is not a valid lifetime; write it like 30d, 12h, or never", Printable(text)));
}

std::string LifetimeWord(const google::protobuf::Duration& lifetime) {
  const absl::Duration duration =
      absl::Seconds(lifetime.seconds()) + absl::Nanoseconds(lifetime.nanos());
  return duration == absl::ZeroDuration() ? "never" : DurationToText(duration);
}

google::protobuf::Duration ToProto(absl::Duration duration) {
  google::protobuf::Duration out;
  absl::Duration rest;
  out.set_seconds(absl::IDivDuration(duration, absl::Seconds(1), &rest));
  out.set_nanos(static_cast<int32_t>(absl::ToInt64Nanoseconds(rest)));
  return out;
}

std::string TimeWord(const google::protobuf::Timestamp& time) {
  return absl::FormatTime("%Y-%m-%d %H:%M:%S UTC", absl::FromUnixSeconds(time.seconds()),
                          absl::UTCTimeZone());
}

std::string BytesWord(int64_t bytes) {
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

std::string Count(int64_t n, std::string_view singular, std::string_view plural) {
  return fmt::format("{} {}", n, n == 1 ? singular : plural);
}

}  // namespace stored::tools
