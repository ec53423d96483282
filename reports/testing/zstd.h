#pragma once

#include <zstd.h>

#include <string>
#include <string_view>

namespace stored::reports {

// Returns `bytes` as one frame of zstd, for tests.
inline std::string Zstd(std::string_view bytes) {
  std::string packed(ZSTD_compressBound(bytes.size()), '\0');
  packed.resize(ZSTD_compress(packed.data(), packed.size(), bytes.data(), bytes.size(), 3));
  return packed;
}

}  // namespace stored::reports
