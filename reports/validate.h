#pragma once

#include <string>

#include "absl/status/status.h"
#include "reports/limits.h"
#include "reports/report.h"

namespace stored::reports {

// Whether a report keeps the limits on texts, names and bug path items and every FileIndex in it is
// below `file_count`; and has a checker name and, where `hash_required`, a report hash.
// INVALID_ARGUMENT or RESOURCE_EXHAUSTED; the message says which field, for the caller to put the
// report's whereabouts in front.
absl::Status ValidateReport(const Report& report, size_t file_count, bool hash_required,
                            const Limits& limits);

}  // namespace stored::reports
