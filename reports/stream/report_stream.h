#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <utility>

#include "absl/status/status.h"
#include "reports/stream/report_sink.h"

namespace stored::reports {

// How much of each report a reading of a stream yields.
enum class ReportExtent : uint8_t {
  kAll,
  // At least the parts of ReportIdentity, the location, the review and the content digest. Errors
  // in the rest may go unnoticed.
  kIdentifying,
};

// One reading of a ReportStream. Not safe for concurrent use.
class Reading {
 public:
  Reading() = default;
  virtual ~Reading() = default;
  Reading(const Reading&) = delete;
  Reading& operator=(const Reading&) = delete;

  // If the stream reads ahead, blocks until ReadInto() has something to pass on or the stream has
  // ended; otherwise returns at once. Called before taking a lock that should not be held while the
  // first report is decoded.
  virtual void AwaitFirst() {}

  // Reads all of the stream into `sink`. Returns an error of the sink unchanged.
  // REQUIRES: not called before.
  virtual absl::Status ReadInto(ReportSink& sink) = 0;
};

// A stream of reports that can be read more than once and is the same each time.
class ReportStream {
 public:
  virtual ~ReportStream() = default;

  // Starts a reading from the beginning. A stream that reads ahead starts decoding now, so that it
  // overlaps the caller's work up to ReadInto().
  // REQUIRES: the stream outlives the reading, and no earlier reading exists any more.
  virtual std::unique_ptr<Reading> Open(ReportExtent extent) = 0;

  // Opens the stream and reads all of it into `sink`.
  absl::Status ReadInto(ReportSink& sink) { return Open(ReportExtent::kAll)->ReadInto(sink); }
};

// A reading whose ReadInto() calls `read`, and which does nothing before that.
class DeferredReading final : public Reading {
 public:
  explicit DeferredReading(std::function<absl::Status(ReportSink&)> read)
      : read_(std::move(read)) {}

  absl::Status ReadInto(ReportSink& sink) override { return read_(sink); }

 private:
  const std::function<absl::Status(ReportSink&)> read_;
};

}  // namespace stored::reports
