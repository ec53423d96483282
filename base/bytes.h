#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <cstring>

namespace stored {

// The order of memcmp. Digests are compared by the million, and a call of memcmp costs more than
// what it does.
inline std::strong_ordering CompareBytes(const std::array<uint8_t, 16>& a,
                                         const std::array<uint8_t, 16>& b) {
  for (const size_t half : {size_t{0}, size_t{8}}) {
    uint64_t left = 0;
    uint64_t right = 0;
    std::memcpy(&left, a.data() + half, sizeof(left));
    std::memcpy(&right, b.data() + half, sizeof(right));
    // The first byte is to count most.
    if (left != right) return __builtin_bswap64(left) <=> __builtin_bswap64(right);
  }
  return std::strong_ordering::equal;
}

}  // namespace stored
