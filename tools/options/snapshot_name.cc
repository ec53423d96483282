#include "tools/options/snapshot_name.h"

#include <fmt/format.h>

#include "base/text/text.h"
#include "base/time/timestamp.h"

namespace stored::tools {
namespace {

constexpr std::string_view kSeparators = ":@";

// Moves the name of the run from the beginning of `text` and returns it.
std::string TakeRun(std::string_view& text) {
  std::string run;
  while (!text.empty() && kSeparators.find(text.front()) == std::string_view::npos) {
    if (text.front() == '\\' && text.size() > 1) text.remove_prefix(1);
    run += text.front();
    text.remove_prefix(1);
  }
  return run;
}

}  // namespace

absl::StatusOr<SnapshotName> ParseSnapshotName(std::string_view text) {
  if (!IsValidUtf8(text)) {
    return absl::InvalidArgumentError(fmt::format("'{}' is not UTF-8", Printable(text)));
  }
  std::string_view rest = text;
  SnapshotName name;
  name.run = TakeRun(rest);
  if (name.run.empty()) {
    return absl::InvalidArgumentError(
        fmt::format("'{}' has no name of a run; write RUN, RUN:TAG or RUN@TIME", Printable(text)));
  }
  if (rest.empty()) return name;
  const std::string_view value = rest.substr(1);
  if (value.empty()) {
    return absl::InvalidArgumentError(fmt::format(
        "'{}' has no {} after the '{}'; write \\{} for one in the name of the run", Printable(text),
        rest.front() == ':' ? "tag" : "time", rest.front(), rest.front()));
  }
  if (rest.front() == ':') {
    name.tag = value;
    return name;
  }
  name.time = ParseTimestamp(value);
  if (!name.time.has_value()) {
    return absl::InvalidArgumentError(fmt::format(
        "'{}' is not a time: write 2026-01-31, whose end is meant, or 2026-01-31T14:03, in UTC; "
        "write \\@ for a '@' in the name of the run",
        Printable(value)));
  }
  return name;
}

}  // namespace stored::tools
