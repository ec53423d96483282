#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "reports/report.h"

namespace stored::reports {

// Encodes a bug path (as stored.v1.BundledBugPath) for a database. File indices are kept as they
// are; the caller must know which table of files they refer to.
std::string EncodeBugPath(const BugPath& bug_path);
// Decodes the result of EncodeBugPath(). DATA_LOSS if `bytes` cannot be one.
absl::StatusOr<BugPath> DecodeBugPath(std::string_view bytes);

}  // namespace stored::reports
