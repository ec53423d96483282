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
  // Where it is without a line: from charOffset and charLength, else byteOffset and byteLength.
  // Its column_unit is not set here, because it depends on the run: see ArtifactFiles.
  std::optional<TextSpan> span;
};

// Reads a region. Its own message (section 3.30.14) goes to `message`.
absl::Status ReadRegion(const JsonLog& log, JsonValue value, Region& region,
                        std::optional<Message>& message);
// Reads of a contextRegion (section 3.29.5) what can say on which line a region is that is given by
// an offset alone; nothing of one that has no offset itself.
absl::Status ReadContextRegion(const JsonLog& log, JsonValue value, Region& context);

// Gives `region` the lines and columns of its span in `text`, as far as the text has that part.
void PlaceSpan(const TextIndex& text, Region& region);
// The same, from the text around it that the log quotes. REQUIRES: region.span.
void PlaceSpanInContext(const Region& context, Region& region);

// Returns where `region` starts, in `file`. A column that is not given is 1 (section 3.30.6). A
// region without a line is line 0, column 0.
Location StartOf(const Region& region, FileIndex file);
// Returns the region with both ends included; its end column is 0, not known, where the region goes
// to the end of a line. Nothing when the region says no more than where it starts.
std::optional<Range> RangeOf(const Region& region, FileIndex file);

}  // namespace stored::reports::sarif
