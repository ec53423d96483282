#pragma once

#include <cstdint>
#include <string_view>

namespace stored {

// Returns the CRC-32C (Castagnoli, RFC 3720 appendix B.4) of `bytes`, continuing from `crc`, the
// value for the bytes before them (0 at the start). Uses the SSE4.2 instruction if the processor
// has it.
uint32_t Crc32c(std::string_view bytes, uint32_t crc = 0);

}  // namespace stored
