#pragma once

#include <cstdint>
#include <string_view>

namespace stored {

// CRC-32C (Castagnoli, RFC 3720 appendix B.4) of `bytes`, continuing from `crc`, the value of what
// came before (0 at the start). Uses the processor's instruction where there is one.
uint32_t Crc32c(std::string_view bytes, uint32_t crc = 0);

}  // namespace stored
