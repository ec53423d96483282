#pragma once

#include <cstdint>
#include <optional>

#include "absl/time/time.h"
#include "reports/report.h"

namespace stored::reports {

// CodeChecker's detection statuses. The numbers are those of stored.v1.DetectionStatus.
enum class DetectionStatus : uint8_t {
  kNew = 1,
  kUnresolved = 2,
  kReopened = 3,
  kResolved = 4,
  kOff = 5,
  kUnavailable = 6,
};

// The analyzer name that a StoredReport has if its analyzer is not known.
inline constexpr char kUnknownAnalyzer[] = "unknown";

// A report of a run, with its history in that run.
struct StoredReport {
  // Unique within a product.
  int64_t id = 0;
  // A FileIndex is an index into the list of paths that comes with the report (ReportPage::files).
  // The bug path is empty unless the query asked for it. The severity is resolved
  // (storage/policy/severity_resolver.h). The analyzer is kUnknownAnalyzer if it is not known.
  Report report;
  DetectionStatus detection_status = DetectionStatus::kNew;
  absl::Time detected_at;
  // Set while the report is closed.
  std::optional<absl::Time> fixed_at;
  // Number of events, also if the query did not ask for the bug path.
  int32_t bug_path_length = 0;
};

}  // namespace stored::reports
