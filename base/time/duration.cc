#include "base/time/duration.h"

#include <fmt/format.h>

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"

namespace stored {
namespace {

constexpr absl::Duration kDay = absl::Hours(24);
// Ten thousand years; a longer duration is probably a typing error.
constexpr int64_t kMaxDays = 3'652'500;

}  // namespace

std::optional<absl::Duration> DurationFromText(std::string_view text) {
  absl::Duration days;
  const size_t unit = static_cast<size_t>(
      std::find_if_not(text.begin(), text.end(), absl::ascii_isdigit) - text.begin());
  if (unit > 0 && unit < text.size() && text[unit] == 'd') {
    int64_t count = 0;
    if (!absl::SimpleAtoi({text.data(), unit}, &count) || count > kMaxDays) return std::nullopt;
    days = count * kDay;
    text.remove_prefix(unit + 1);
    if (text.empty()) return days;
    if (!absl::ascii_isdigit(text.front())) return std::nullopt;
  }
  absl::Duration rest;
  if (!absl::ParseDuration({text.data(), text.size()}, &rest) || rest < absl::ZeroDuration() ||
      rest > kMaxDays * kDay) {
    return std::nullopt;
  }
  return days + rest;
}

std::string DurationToText(absl::Duration duration) {
  absl::Duration rest;
  const int64_t days = absl::IDivDuration(duration, kDay, &rest);
  if (days == 0) return absl::FormatDuration(duration);
  if (rest == absl::ZeroDuration()) return fmt::format("{}d", days);
  return fmt::format("{}d{}", days, absl::FormatDuration(rest));
}

}  // namespace stored
