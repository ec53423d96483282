#include "base/random.h"

#include <openssl/rand.h>

#include <vector>

#include "base/sha256.h"

namespace stored {

absl::StatusOr<std::string> RandomHex(size_t bytes) {
  std::vector<unsigned char> random(bytes);
  if (RAND_bytes(random.data(), static_cast<int>(random.size())) != 1) {
    return absl::InternalError("the system's random number generator failed");
  }
  return ToHex({reinterpret_cast<const char*>(random.data()), random.size()});
}

}  // namespace stored
