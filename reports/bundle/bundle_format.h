#pragma once

#include <cstddef>
#include <cstdint>

// The parts of the bundle format that are not in proto/stored/v1/bundle.proto.
namespace stored::reports {

inline constexpr uint32_t kBundleFormatVersion = 2;
// The oldest version that is still read. Bundles of that version may be in the spool, and older
// clients send them.
inline constexpr uint32_t kOldestBundleFormatVersion = 1;

// Bytes of one encoded record, for source contents and for all other records. A record must be
// decoded completely before it can be checked, and then takes up to some forty times as much
// memory, if it consists of empty messages.
inline constexpr size_t kMaxContentRecordBytes = size_t{40} << 20;
inline constexpr size_t kMaxRecordBytes = size_t{8} << 20;

// Totals of what readers keep in memory: encoded bytes and number of all analyses, and bytes of the
// paths of all files.
inline constexpr size_t kMaxAnalysesBytes = size_t{32} << 20;
inline constexpr uint32_t kMaxAnalyses = 10'000;
inline constexpr size_t kMaxTotalPathBytes = size_t{128} << 20;

// The compression window is at most 2^23 bytes, which bounds the memory of a reader.
inline constexpr int kMaxBundleWindowLog = 23;

}  // namespace stored::reports
