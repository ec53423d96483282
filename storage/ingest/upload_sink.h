#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "reports/identity.h"
#include "reports/stream/report_sink.h"
#include "storage/ingest/checker_states.h"
#include "storage/product_results.h"

namespace stored::storage {

// A stream of reports without its reports and contents.
struct Upload final : public reports::FilePaths {
  CheckerStates checkers;
  // Without their lists of checkers, which `checkers` has.
  std::vector<reports::Analysis> analyses;
  std::vector<reports::SourceFile> files;
  reports::CollectionSummary summary;
  // Number of reports in the stream, duplicates included.
  int64_t reports = 0;

  std::string_view Path(reports::FileIndex file) const override { return files[file].path; }
};

// The number of distinct reports that a product takes in one store; 0 is no limit.
struct ReportLimit {
  const std::string& product;
  int64_t max_reports = 0;

  // Returns ReportLimitError (product_settings.h) if `reports` exceeds the limit.
  absl::Status Check(int64_t reports) const;
};

// Returns INVALID_ARGUMENT if a file index of the report is not less than `file_count`. `ordinal`
// is the report's place in the upload, for the message.
absl::Status CheckFileIndices(const reports::Report& report, size_t file_count, int64_t ordinal);

// Collects an Upload from a stream, reports progress to the observer, and passes the reports (their
// file indices checked) and the contents to the derived class.
class UploadSink : public reports::ReportSink {
 public:
  // `total` is the number of reports to expect; 0 if it is not known. The observer outlives the
  // sink.
  UploadSink(StorePhase phase, int64_t total, IngestObserver& observer)
      : phase_(phase), total_(total), observer_(observer) {}

  absl::Status AddAnalysis(reports::Analysis analysis) override;
  absl::Status AddFile(reports::SourceFile file) override;
  absl::Status AddReport(reports::Report report) override;
  absl::Status AddContent(std::string_view sha256, std::string_view zstd, uint64_t size) override;
  absl::Status Finish(const reports::CollectionSummary& summary) override;

 protected:
  // `ordinal` is the report's place in the stream, from 0.
  virtual absl::Status TakeReport(reports::Report report, int64_t ordinal) = 0;
  virtual absl::Status TakeContent(std::string_view sha256, std::string_view zstd,
                                   uint64_t size) = 0;

  const Upload& upload() const { return upload_; }
  Upload TakeUpload() { return std::move(upload_); }

 private:
  const StorePhase phase_;
  const int64_t total_;
  IngestObserver& observer_;
  Upload upload_;
};

// Returns CANCELLED if the observer asks for it.
absl::Status CheckCancelled(IngestObserver& observer);

}  // namespace stored::storage
