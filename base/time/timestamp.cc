#include "base/time/timestamp.h"

#include <cstddef>

namespace stored {
namespace {

constexpr size_t kDateLength = std::string_view("2026-01-31").size();
constexpr absl::Duration kSmallest = absl::Microseconds(1);

struct Format {
  const char* text;
  // The span of time that the format does not tell apart.
  absl::Duration unit;
};

constexpr Format kDate = {"%Y-%m-%d", absl::Hours(24)};
// A format with %Ez has an offset. %E*S also takes fractions of a second.
constexpr Format kTimes[] = {
    {"%Y-%m-%dT%H:%M", absl::Minutes(1)},    {"%Y-%m-%dT%H:%M%Ez", absl::Minutes(1)},
    {"%Y-%m-%dT%H:%M:%S", absl::Seconds(1)}, {"%Y-%m-%dT%H:%M:%S%Ez", absl::Seconds(1)},
    {"%Y-%m-%dT%H:%M:%E*S", kSmallest},      {"%Y-%m-%dT%H:%M:%E*S%Ez", kSmallest},
};

std::optional<absl::Time> ParseAs(const Format& format, const std::string& text) {
  absl::Time time;
  std::string error;
  if (!absl::ParseTime(format.text, text, absl::UTCTimeZone(), &time, &error)) return std::nullopt;
  time += format.unit - kSmallest;
  // An offset may lead out of the years that have four digits.
  const int64_t year = absl::ToCivilYear(time, absl::UTCTimeZone()).year();
  if (year < 1 || year > 9999) return std::nullopt;
  return time;
}

}  // namespace

std::string TimestampToText(absl::Time time) {
  return absl::FormatTime("%E4Y-%m-%d%ET%H:%M:%SZ", time, absl::UTCTimeZone());
}

std::optional<absl::Time> ParseTimestamp(std::string_view text) {
  // absl::ParseTime takes more: spaces around, years of any length, "infinite-future".
  if (text.size() < kDateLength || text[4] != '-' || text[7] != '-' ||
      text.substr(0, 4).find_first_not_of("0123456789") != std::string_view::npos ||
      text.find_first_not_of("0123456789-:.+TtZz ") != std::string_view::npos) {
    return std::nullopt;
  }
  std::string time(text);
  if (text.size() == kDateLength) {
    return time.find(' ') == std::string::npos ? ParseAs(kDate, time) : std::nullopt;
  }
  if (time[kDateLength] == ' ' || time[kDateLength] == 't') time[kDateLength] = 'T';
  if (time.find(' ') != std::string::npos) return std::nullopt;
  for (const Format& format : kTimes) {
    if (const std::optional<absl::Time> parsed = ParseAs(format, time)) return parsed;
  }
  return std::nullopt;
}

}  // namespace stored
