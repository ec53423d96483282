#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace stored::tools {

// A state of a run as users name it: RUN, RUN:TAG or RUN@TIME.
struct SnapshotName {
  std::string run;
  // At most one of the two is set.
  std::string tag;
  std::optional<absl::Time> time;
};

// Parses a name. A ':' or '@' in the name of the run has a '\\' before it, as has a '\\'; all that
// follows the first other ':' or '@' is the tag or the time, as it is (ParseTimestamp in
// base/time/timestamp.h). INVALID_ARGUMENT, with a message for the user, if a part is empty or the
// time is not one.
absl::StatusOr<SnapshotName> ParseSnapshotName(std::string_view text);

}  // namespace stored::tools
