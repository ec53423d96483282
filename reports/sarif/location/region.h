#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "reports/report.h"
#include "reports/sarif/json/json.h"
#include "reports/sarif/result/message.h"
#include "reports/text_index.h"

namespace stored::reports::sarif {

// A region of a text (SARIF section 3.30) as the log has it: 1-based, 0 for an absent number.
// Columns count the units of the run's columnKind, UTF-16 code units or code points (section
// 3.14.27); the numbers are not converted.
struct Region {
  uint32_t start_line = 0;
  uint32_t start_column = 0;
  uint32_t end_line = 0;
  // Exclusive: the first column after the region.
  uint32_t end_column = 0;
  std::string snippet;
  // The region as an offset, if it does not have a line: charOffset and charLength, else byteOffset
  // and byteLength. ArtifactFiles sets its column_unit, which depends on the run.
  std::optional<TextSpan> span;
};

// Reads a region. Its own message (section 3.30.14) goes to `message`.
absl::Status ReadRegion(const JsonLog& log, JsonValue value, Region& region,
                        std::optional<Message>& message);
// Reads those properties of a contextRegion (section 3.29.5) from which the line of a region
// follows that is given by an offset alone. Reads nothing if the contextRegion itself has no
// offset.
absl::Status ReadContextRegion(const JsonLog& log, JsonValue value, Region& context);

// Sets the lines and columns of `region` from its span in `text`, if `text` is long enough.
// REQUIRES: region.span.
void PlaceSpan(const TextIndex& text, Region& region);
// Same, but from the text around the region, as the log quotes it in its contextRegion. Does
// nothing if the place of that text in the file is not known. REQUIRES: region.span.
void PlaceSpanInContext(const Region& context, Region& region);

// Returns the start of `region` in `file`. An absent column is 1 (section 3.30.6). A region without
// a line starts at line 0, column 0.
Location StartOf(const Region& region, FileIndex file);
// Returns the region as a range that includes both ends; its end column is 0 (unknown) if the
// region extends to the end of a line. Returns nothing if the region has only a start.
std::optional<Range> RangeOf(const Region& region, FileIndex file);

}  // namespace stored::reports::sarif
