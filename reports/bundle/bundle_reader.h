#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "reports/limits.h"
#include "reports/stream/report_stream.h"

namespace stored::reports {

// Reads a bundle (proto/stored/v1/bundle.proto) from a file, checking everything: framing, order
// and counts of records, limits, indices, digests of contents. A stranger may have written it.
//
// INVALID_ARGUMENT or RESOURCE_EXHAUSTED says which record and what is wrong with it.
class BundleReader final : public ReportStream {
 public:
  BundleReader(std::string path, Limits limits);

  std::unique_ptr<Reading> Open(ReportExtent extent) override;

 private:
  absl::Status Read(ReportExtent extent, ReportSink& sink) const;

  const std::string path_;
  const Limits limits_;
};

// How much of a bundle CheckBundleHead wants to see: more than the largest first block of a zstd
// frame.
inline constexpr size_t kBundleHeadBytes = size_t{192} << 10;

// Whether `head`, the first kBundleHeadBytes of a bundle (or all of a shorter one), starts one of a
// known version. INVALID_ARGUMENT says what is wrong.
absl::Status CheckBundleHead(std::string_view head);

}  // namespace stored::reports
