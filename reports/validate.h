#pragma once

#include <string>

#include "absl/status/status.h"
#include "reports/limits.h"
#include "reports/report.h"

namespace stored::reports {

// Checks that a report is within the limits on texts, names and bug path items, that every
// FileIndex in it is below `file_count`, and that it has a checker name and, if `hash_required`, a
// report hash. Returns INVALID_ARGUMENT or RESOURCE_EXHAUSTED with a message that names the field;
// the caller adds which report it is.
absl::Status ValidateReport(const Report& report, size_t file_count, bool hash_required,
                            const Limits& limits);

}  // namespace stored::reports
