#pragma once

#include <memory>
#include <utility>

#include "absl/status/status.h"
#include "reports/stream/forwarding_sink.h"
#include "reports/stream/report_stream.h"

namespace stored::engine {

// Passes a stream of reports on and notes whether an error of it is the stream's own or that of the
// sink it is read into: in the first case the input could not be read, in the second storage
// refused it. Not safe for concurrent use.
class InputWatch final : public reports::ReportStream {
 public:
  // `stream` outlives this.
  explicit InputWatch(reports::ReportStream& stream) : stream_(stream) {}

  // Returns true if the last reading failed and its sink had accepted everything.
  bool input_failed() const { return input_failed_; }

  std::unique_ptr<reports::Reading> Open(reports::ReportExtent extent) override {
    return std::make_unique<WatchedReading>(stream_.Open(extent), input_failed_);
  }

 private:
  // Passes everything on and notes whether the sink refused it.
  class SinkWatch final : public reports::ForwardingSink<SinkWatch> {
   public:
    using ForwardingSink::ForwardingSink;

    bool failed() const { return failed_; }

    absl::Status After(absl::Status status) {
      failed_ |= !status.ok();
      return status;
    }

   private:
    bool failed_ = false;
  };

  class WatchedReading final : public reports::Reading {
   public:
    WatchedReading(std::unique_ptr<reports::Reading> reading, bool& input_failed)
        : reading_(std::move(reading)), input_failed_(input_failed) {}

    void AwaitFirst() override { reading_->AwaitFirst(); }
    absl::Status ReadInto(reports::ReportSink& sink) override {
      SinkWatch watch(sink);
      absl::Status status = reading_->ReadInto(watch);
      input_failed_ = !status.ok() && !watch.failed();
      return status;
    }

   private:
    const std::unique_ptr<reports::Reading> reading_;
    bool& input_failed_;
  };

  reports::ReportStream& stream_;
  bool input_failed_ = false;
};

}  // namespace stored::engine
