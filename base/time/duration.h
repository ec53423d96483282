#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "absl/time/time.h"

namespace stored {

// A duration as people write it: "10s", "5m", "1h30m", "30d", "1d12h"; "0". A day is 24 hours, and
// comes first. Nothing where the text is no duration, negative, or for ever.
std::optional<absl::Duration> DurationFromText(std::string_view text);

// The same the other way round.
std::string DurationToText(absl::Duration duration);

}  // namespace stored
