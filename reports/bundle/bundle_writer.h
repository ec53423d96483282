#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "reports/stream/forwarding_sink.h"
#include "reports/stream/report_sink.h"

namespace stored::reports {

// Writes a bundle (proto/stored/v1/bundle.proto) to a file, which is complete once Finish() has
// returned OK. Computes content digests for reports that have none. Returns RESOURCE_EXHAUSTED if a
// reader would refuse the bundle because of a limit. Not safe for concurrent use.
class BundleWriter final : public ReportSink {
 public:
  // Writes to `fd`, which the caller owns, from offset 0. Messages name it `path`.
  BundleWriter(int fd, std::string path);
  ~BundleWriter() override;

  absl::Status AddAnalysis(Analysis analysis) override;
  absl::Status AddFile(SourceFile file) override;
  absl::Status AddReport(Report report) override;
  absl::Status AddContent(std::string_view sha256, std::string_view zstd, uint64_t size) override;
  absl::Status Finish(const CollectionSummary& summary) override;

  // The same calls for a caller that keeps the item.
  absl::Status Write(const Analysis& analysis);
  absl::Status Write(const SourceFile& file);
  absl::Status Write(const Report& report);
  absl::Status Write(const SourceContent& content);
  absl::Status Write(const CollectionSummary& summary);

  // Returns the number of bytes written so far.
  uint64_t size() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace stored::reports
