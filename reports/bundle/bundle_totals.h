#pragma once

#include <cstddef>
#include <cstdint>

#include "absl/status/status.h"

namespace stored::reports {

// Counts the parts of a bundle that its readers keep in memory: all analyses, and the paths of all
// files. Reader and writer both use it, so that the writer refuses what a reader would refuse. Both
// functions return RESOURCE_EXHAUSTED beyond the limits of bundle_format.h.
class BundleTotals {
 public:
  // `bytes` is the size of the encoded record.
  absl::Status AddAnalysis(size_t bytes);
  // `bytes` is the size of the path.
  absl::Status AddPath(size_t bytes);

 private:
  uint32_t analyses_ = 0;
  size_t analyses_bytes_ = 0;
  size_t path_bytes_ = 0;
};

}  // namespace stored::reports
