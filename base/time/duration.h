#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "absl/time/time.h"

namespace stored {

// Parses a duration such as "10s", "5m", "1h30m", "30d", "1d12h" or "0". A day is 24 hours, and
// days come first. Returns nothing if the text is malformed, or the duration is negative or longer
// than 10,000 years.
std::optional<absl::Duration> DurationFromText(std::string_view text);

// Formats a duration so that DurationFromText() parses it back. REQUIRES: DurationFromText() could
// have returned it.
std::string DurationToText(absl::Duration duration);

}  // namespace stored
