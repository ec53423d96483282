#include "reports/bundle/bundle_totals.h"

#include <fmt/format.h>

#include "reports/bundle/bundle_format.h"

namespace stored::reports {

absl::Status BundleTotals::AddAnalysis(size_t bytes) {
  analyses_bytes_ += bytes;
  if (++analyses_ <= kMaxAnalyses && analyses_bytes_ <= kMaxAnalysesBytes) return absl::OkStatus();
  return absl::ResourceExhaustedError(
      fmt::format("the bundle has more than {} analyses, or more than {} bytes of them",
                  kMaxAnalyses, kMaxAnalysesBytes));
}

absl::Status BundleTotals::AddPath(size_t bytes) {
  path_bytes_ += bytes;
  if (path_bytes_ <= kMaxTotalPathBytes) return absl::OkStatus();
  return absl::ResourceExhaustedError(
      fmt::format("the paths of the bundle's files are longer than {} bytes", kMaxTotalPathBytes));
}

}  // namespace stored::reports
