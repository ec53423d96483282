#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "absl/time/time.h"

// Points in time as people and programs write them: in UTC, as RFC 3339 has them.
namespace stored {

// Returns e.g. "2026-01-31T14:03:59Z". Fractions of a second are left out; the infinities are
// "infinite-future" and "infinite-past".
std::string TimestampToText(absl::Time time);

// Parses a date, whose last microsecond is meant, or a date and a time, to the minute or the
// second: "2026-01-31", "2026-01-31T14:03", "2026-01-31 14:03:59.5Z", "2026-01-31T14:03:59+02:00".
// A time to the minute or the second means its last microsecond too, so that what happened in that
// second is not after it. Without an offset it is in UTC. Returns nothing if `text` is something
// else.
std::optional<absl::Time> ParseTimestamp(std::string_view text);

}  // namespace stored
