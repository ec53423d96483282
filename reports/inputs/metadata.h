#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "reports/limits.h"
#include "reports/report.h"

namespace stored::reports {

// What a report directory's metadata.json says (CodeChecker's docs/report_directory.md, version 2;
// version 1, without tools[], is read too).
struct Metadata {
  // One a tool.
  std::vector<Analysis> analyses;
  // Name of the run, where the analysis was given one; else empty.
  std::string run_name;
};

// A larger one is refused: it is held in memory whole, and parsed. That of a hundred thousand
// analyzed files is half as long.
inline constexpr uint64_t kMaxMetadataBytes = uint64_t{64} << 20;

// INVALID_ARGUMENT names the file, the field and what is wrong; RESOURCE_EXHAUSTED what is over a
// limit. Fields that are not known are passed over; one that is null counts as not there.
absl::StatusOr<Metadata> ReadMetadata(std::string bytes, const std::string& name,
                                      const Limits& limits);

}  // namespace stored::reports
