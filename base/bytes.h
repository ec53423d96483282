#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <cstring>

namespace stored {

// Compares two 16-byte digests in the order of memcmp. Inline, because digests are compared by the
// million and a call of memcmp would cost more than the comparison itself.
inline std::strong_ordering CompareBytes(const std::array<uint8_t, 16>& a,
                                         const std::array<uint8_t, 16>& b) {
  for (const size_t half : {size_t{0}, size_t{8}}) {
    uint64_t left = 0;
    uint64_t right = 0;
    std::memcpy(&left, a.data() + half, sizeof(left));
    std::memcpy(&right, b.data() + half, sizeof(right));
    // Byte-swapped, so that the first byte is the most significant one.
    if (left != right) return __builtin_bswap64(left) <=> __builtin_bswap64(right);
  }
  return std::strong_ordering::equal;
}

}  // namespace stored
