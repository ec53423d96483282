#pragma once

#include <cstdint>

#include "absl/time/time.h"

namespace stored::storage {

// Returns a time `seconds` after a fixed one.
inline absl::Time At(int64_t seconds) { return absl::FromUnixSeconds(1'700'000'000 + seconds); }

}  // namespace stored::storage
