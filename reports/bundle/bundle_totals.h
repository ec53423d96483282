#pragma once

#include <cstddef>
#include <cstdint>

#include "absl/status/status.h"

namespace stored::reports {

// What of a bundle its readers keep as long as they read: all analyses, and all paths of files.
// Counted by reader and writer alike, so that nothing is written that would not be read. Both
// answer RESOURCE_EXHAUSTED beyond the limits of bundle_format.h.
class BundleTotals {
 public:
  // `bytes`: the record's, encoded.
  absl::Status AddAnalysis(size_t bytes);
  absl::Status AddPath(size_t bytes);

 private:
  uint32_t analyses_ = 0;
  size_t analyses_bytes_ = 0;
  size_t path_bytes_ = 0;
};

}  // namespace stored::reports
