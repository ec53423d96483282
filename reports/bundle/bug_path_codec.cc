#include "reports/bundle/bug_path_codec.h"

#include "reports/bundle/wire.h"

namespace stored::reports {

std::string EncodeBugPath(const BugPath& bug_path) {
  thread_local v1::BundledBugPath message;  // Keeps its allocations from one report to the next.
  message.Clear();
  wire::ToWire(bug_path, message);
  return message.SerializeAsString();
}

absl::StatusOr<BugPath> DecodeBugPath(std::string_view bytes) {
  v1::BundledBugPath message;
  if (!message.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    return absl::DataLossError("a stored bug path cannot be decoded: the database is damaged");
  }
  return wire::FromWire(message);
}

}  // namespace stored::reports
