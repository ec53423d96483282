#pragma once

#include <cstddef>
#include <cstdint>

// What the bundle's reader and writer must agree on beside proto/stored/v1/bundle.proto.
namespace stored::reports {

inline constexpr uint32_t kBundleFormatVersion = 1;

// One record, encoded. Larger than any source content (limits.h) or report may be.
inline constexpr size_t kMaxBundleRecordBytes = size_t{64} << 20;

// The compression window is at most 2^23 bytes, so that a reader needs no more memory than that.
inline constexpr int kMaxBundleWindowLog = 23;

}  // namespace stored::reports
