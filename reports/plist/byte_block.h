#pragma once

#include <cstddef>
#include <cstdint>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

namespace stored::reports {

// The number of bytes that are compared at once.
inline constexpr size_t kByteBlock = 16;

// Compares each of the kByteBlock bytes at `at` with `c`. Returns a bit for each, set if they are
// equal; the lowest bit stands for the first byte.
inline uint32_t BytesThatAre(char c, const char* at) {
#ifdef __SSE2__
  const __m128i block = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
  return static_cast<uint32_t>(_mm_movemask_epi8(_mm_cmpeq_epi8(block, _mm_set1_epi8(c))));
#else
  uint32_t bytes = 0;
  for (size_t i = 0; i < kByteBlock; ++i) bytes |= uint32_t{at[i] == c} << i;
  return bytes;
#endif
}

}  // namespace stored::reports
