#pragma once

#include <cstddef>
#include <cstdint>

// What the bundle's reader and writer must agree on beside proto/stored/v1/bundle.proto.
namespace stored::reports {

inline constexpr uint32_t kBundleFormatVersion = 2;
// The oldest that is still read: such bundles wait in spools, and come from older clients.
inline constexpr uint32_t kOldestBundleFormatVersion = 1;

// One record, encoded: of a source content, and of anything else. A record is decoded whole before
// it can be looked at, and takes some forty times as much memory then when it is made of nothing
// but empty messages.
inline constexpr size_t kMaxContentRecordBytes = size_t{40} << 20;
inline constexpr size_t kMaxRecordBytes = size_t{8} << 20;

// All analyses together, encoded, and all paths of files: readers keep them.
inline constexpr size_t kMaxAnalysesBytes = size_t{32} << 20;
inline constexpr uint32_t kMaxAnalyses = 10'000;
inline constexpr size_t kMaxTotalPathBytes = size_t{128} << 20;

// The compression window is at most 2^23 bytes, so that a reader needs no more memory than that.
inline constexpr int kMaxBundleWindowLog = 23;

}  // namespace stored::reports
