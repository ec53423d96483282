#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "reports/limits.h"
#include "reports/report_sink.h"

namespace stored::reports {

// Reads a bundle (proto/stored/v1/bundle.proto) from a file, checking everything: framing, order
// and counts of records, limits, indices, digests of contents. A stranger may have written it.
// Every ReadInto starts again from the beginning; one at a time.
//
// INVALID_ARGUMENT or RESOURCE_EXHAUSTED says which record and what is wrong with it.
class BundleReader final : public ReportStream {
 public:
  BundleReader(std::string path, Limits limits);

  absl::Status ReadInto(ReportSink& sink) override;

 private:
  std::string path_;
  Limits limits_;
};

// Whether `head`, the first bytes of a bundle (at least 64 KiB of it, or all), starts one of a
// known version.
absl::Status CheckBundleHead(std::string_view head);

}  // namespace stored::reports
