#pragma once

#include <future>
#include <memory>

#include "reports/stream/report_stream.h"

namespace stored::engine {

// An empty stream for tests that ends only after Release(). An ingest that reads it into a new run
// holds the product's write lock until then.
class HeldStream final : public reports::ReportStream {
 public:
  std::unique_ptr<reports::Reading> Open(reports::ReportExtent /*extent*/) override {
    return std::make_unique<reports::DeferredReading>([this](reports::ReportSink& sink) {
      reading_.set_value();
      release_.get_future().wait();
      return sink.Finish({});
    });
  }

  // Blocks until the stream is being read.
  void AwaitReader() { reading_.get_future().wait(); }
  void Release() { release_.set_value(); }

 private:
  std::promise<void> reading_;
  std::promise<void> release_;
};

}  // namespace stored::engine
