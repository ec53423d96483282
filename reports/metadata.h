#pragma once

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

// INVALID_ARGUMENT names the file and what is wrong.
absl::StatusOr<Metadata> ReadMetadata(std::string bytes, const std::string& name,
                                      const Limits& limits);

}  // namespace stored::reports
