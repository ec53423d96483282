#pragma once

#include <cstddef>
#include <string>

#include "absl/status/statusor.h"

namespace stored {

// So many bytes from the cryptographic generator, as lower-case hexadecimal digits, two a byte. For
// what nobody may guess. INTERNAL when the system gives none.
absl::StatusOr<std::string> RandomHex(size_t bytes);

}  // namespace stored
