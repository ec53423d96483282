#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "reports/report.h"

namespace stored::reports {

// A bug path as bytes (stored.v1.BundledBugPath), for keeping in a database. Every FileIndex is
// kept as it is: whose table it points into is the caller's matter.
std::string EncodeBugPath(const BugPath& bug_path);
// DATA_LOSS when the bytes are not of EncodeBugPath's making.
absl::StatusOr<BugPath> DecodeBugPath(std::string_view bytes);

}  // namespace stored::reports
