#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "reports/limits.h"
#include "reports/stream/report_stream.h"

namespace stored::reports {

// Reads a bundle (proto/stored/v1/bundle.proto) from a file that is not trusted. It checks framing,
// order and counts of records, limits, indices, and digests of contents.
//
// ReadInto() returns INVALID_ARGUMENT or RESOURCE_EXHAUSTED with a message that says what is wrong
// with the bundle, an error of ErrnoStatus if the file cannot be read, or an error of the sink.
class BundleReader final : public ReportStream {
 public:
  BundleReader(std::string path, Limits limits);

  std::unique_ptr<Reading> Open(ReportExtent extent) override;

 private:
  absl::Status Read(ReportExtent extent, ReportSink& sink) const;

  const std::string path_;
  const Limits limits_;
};

// The number of bytes that CheckBundleHead needs: more than the largest first block of a zstd
// frame.
inline constexpr size_t kBundleHeadBytes = size_t{192} << 10;

// Checks that `head`, the first kBundleHeadBytes of a file (or all of a shorter one), is the start
// of a bundle of a known version. INVALID_ARGUMENT if it is not.
absl::Status CheckBundleHead(std::string_view head);

}  // namespace stored::reports
