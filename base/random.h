#pragma once

#include <cstddef>
#include <string>

#include "absl/status/statusor.h"

namespace stored {

// Returns `bytes` random bytes as lower-case hexadecimal digits, two per byte. They come from the
// cryptographic generator, so they can serve as secrets. INTERNAL if the generator fails.
absl::StatusOr<std::string> RandomHex(size_t bytes);

}  // namespace stored
