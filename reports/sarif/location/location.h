#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "reports/report.h"
#include "reports/sarif/json/json.h"
#include "reports/sarif/location/files.h"
#include "reports/sarif/location/logical.h"
#include "reports/sarif/location/region.h"
#include "reports/sarif/result/message.h"

namespace stored::reports::sarif {

// A remark on another region of the location's file (an element of its annotations, section
// 3.28.6), or the message of its own region (section 3.30.14).
struct LocationNote {
  Region region;
  Message message;
};

// A location object (section 3.28).
struct LogLocation {
  // Empty if the location has no physical location that names a file.
  std::optional<FileIndex> file;
  Region region;
  Message message;
  std::vector<LogicalLocation> logical_locations;
  std::vector<LocationNote> notes;
  // A name for something that is in no file: the description of the artifact, or the module of a
  // stack frame.
  std::string other_name;
};

absl::Status ReadLocation(const JsonLog& log, JsonValue value, ArtifactFiles& files,
                          LogLocation& location);
absl::Status ReadLocations(const JsonLog& log, JsonValue value, std::string_view what,
                           ArtifactFiles& files, std::vector<LogLocation>& locations);

}  // namespace stored::reports::sarif
