#pragma once

#include <memory>

#include "absl/status/status.h"
#include "reports/stream/report_sink.h"

namespace stored::reports {

// A stream that is read on a thread of its own, some thousand reports ahead of the sink: decoding
// and what the sink does with a report overlap. The sink is called on the caller's thread. What is
// ahead is bounded, in bytes.
//
// As long as the stream below, and with its errors; what it throws, ReadInto throws.
class ReadAheadStream final : public ReportStream {
 public:
  // `stream` outlives this.
  explicit ReadAheadStream(ReportStream& stream);
  ~ReadAheadStream() override;

  void Begin(ReportExtent extent) override;
  void AwaitFirst() override;
  absl::Status ReadInto(ReportSink& sink) override;

 private:
  // One reading of a stream.
  class Reading;

  ReportStream& stream_;
  // Begun, and not read yet.
  std::unique_ptr<Reading> begun_;
};

}  // namespace stored::reports
