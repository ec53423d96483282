#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "marshalling/time_marshalling.h"

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

// Sets the snapshot of a v1::ListReportsRequest or v1::SnapshotName, which have the same fields.
template <typename Message>
void FillSnapshot(const SnapshotName& name, Message& message) {
  message.set_run_name(name.run);
  if (!name.tag.empty()) message.set_tag(name.tag);
  if (name.time.has_value()) *message.mutable_time() = marshalling::ToProto(*name.time);
}

}  // namespace stored::tools
