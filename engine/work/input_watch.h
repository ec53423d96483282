#pragma once

#include <cstdint>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "reports/stream/report_sink.h"

namespace stored::engine {

// Passes a stream of reports on and notes whether an error of it is the stream's own or that of the
// sink it is read into: in the first case the input is bad, in the second one storage refused it.
// Not safe for concurrent use.
class InputWatch final : public reports::ReportStream {
 public:
  // `stream` outlives this.
  explicit InputWatch(reports::ReportStream& stream) : stream_(stream) {}

  // Returns true if the last reading failed and its sink had accepted everything.
  bool input_failed() const { return input_failed_; }

  void Begin(reports::ReportExtent extent) override { stream_.Begin(extent); }
  void AwaitFirst() override { stream_.AwaitFirst(); }
  absl::Status ReadInto(reports::ReportSink& sink) override {
    SinkWatch watch(sink);
    absl::Status status = stream_.ReadInto(watch);
    input_failed_ = !status.ok() && !watch.failed();
    return status;
  }

 private:
  // Passes everything on and notes whether the sink refused it.
  class SinkWatch final : public reports::ReportSink {
   public:
    explicit SinkWatch(reports::ReportSink& sink) : sink_(sink) {}

    bool failed() const { return failed_; }

    absl::Status AddAnalysis(reports::Analysis analysis) override {
      return Note(sink_.AddAnalysis(std::move(analysis)));
    }
    absl::Status AddFile(reports::SourceFile file) override {
      return Note(sink_.AddFile(std::move(file)));
    }
    absl::Status AddReport(reports::Report report) override {
      return Note(sink_.AddReport(std::move(report)));
    }
    absl::Status AddContent(std::string_view sha256, std::string_view zstd,
                            uint64_t size) override {
      return Note(sink_.AddContent(sha256, zstd, size));
    }
    absl::Status Finish(const reports::CollectionSummary& summary) override {
      return Note(sink_.Finish(summary));
    }

   private:
    absl::Status Note(absl::Status status) {
      failed_ |= !status.ok();
      return status;
    }

    reports::ReportSink& sink_;
    bool failed_ = false;
  };

  reports::ReportStream& stream_;
  bool input_failed_ = false;
};

}  // namespace stored::engine
