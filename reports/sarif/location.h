#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "reports/report.h"
#include "reports/sarif/files.h"
#include "reports/sarif/json.h"
#include "reports/sarif/message.h"

namespace stored::reports::sarif {

// A region of a text (SARIF section 3.30), as it stands in the log: 1-based, 0 where not given.
// Columns count what the run's columnKind says, UTF-16 code units or code points (section 3.14.27);
// the numbers are kept as they are.
struct Region {
  uint32_t start_line = 0;
  uint32_t start_column = 0;
  uint32_t end_line = 0;
  // Exclusive.
  uint32_t end_column = 0;
  std::string snippet;
};

// A location object (section 3.28).
struct LogLocation {
  // Nothing when it has no physical location that names a file.
  std::optional<FileIndex> file;
  Region region;
  Message message;
  // Of the first logical location ("ns::Class::Method").
  std::string logical_name;
};

absl::Status ReadLocation(const JsonLog& log, JsonValue value, ArtifactFiles& files,
                          LogLocation& location);
absl::Status ReadLocations(const JsonLog& log, JsonValue value, std::string_view what,
                           ArtifactFiles& files, std::vector<LogLocation>& locations);

// Where `location` starts, in `file`. A column that is not given is 1 (section 3.30.6). A region
// that is given by offsets alone has no line here.
Location StartOf(const LogLocation& location, FileIndex file);
// The region with both ends included; its end column is 0, not known, where the region goes to the
// end of a line. Nothing when the region says no more than where it starts.
std::optional<Range> RangeOf(const Region& region, FileIndex file);

}  // namespace stored::reports::sarif
