#pragma once

#include <memory>

#include "reports/stream/report_stream.h"

namespace stored::reports {

// Reads another stream on a thread of its own, some thousand reports ahead of the sink, so that
// decoding overlaps the sink's work. The sink is called on the caller's thread. At most some
// megabytes are ahead.
//
// Yields the same calls and the same final status as the other stream; ReadInto() rethrows its
// exceptions. If the other stream fails, its last calls may be left out.
class ReadAheadStream final : public ReportStream {
 public:
  // `stream` outlives this.
  explicit ReadAheadStream(ReportStream& stream) : stream_(stream) {}

  // Starts the thread. It ends with the reading.
  std::unique_ptr<Reading> Open(ReportExtent extent) override;

 private:
  ReportStream& stream_;
};

}  // namespace stored::reports
