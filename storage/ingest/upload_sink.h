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

// What a stream of reports says beside its reports and contents.
struct Upload final : public reports::FilePaths {
  CheckerStates checkers;
  // Without their lists of checkers.
  std::vector<reports::Analysis> analyses;
  std::vector<reports::SourceFile> files;
  reports::CollectionSummary summary;
  // Reports in the stream, any duplicates included.
  int64_t reports = 0;

  std::string_view Path(reports::FileIndex file) const override { return files[file].path; }
};

// How many distinct reports a product takes in one store; 0 is any number.
struct ReportLimit {
  const std::string& product;
  int64_t max_reports = 0;

  // The error (product_settings.h) when there are more than that.
  absl::Status Check(int64_t reports) const;
};

// Whether every file that the report names is among the first `file_count`. INVALID_ARGUMENT.
absl::Status CheckFileIndices(const reports::Report& report, size_t file_count, int64_t ordinal);

// Takes a stream of reports: keeps an Upload, tells the observer how far it is, and hands reports,
// their file indices checked, and contents on to the class derived from it.
class UploadSink : public reports::ReportSink {
 public:
  // `total` reports are expected; 0 is not known. The observer outlives it.
  UploadSink(StorePhase phase, int64_t total, IngestObserver& observer)
      : phase_(phase), total_(total), observer_(observer) {}

  absl::Status AddAnalysis(reports::Analysis analysis) override;
  absl::Status AddFile(reports::SourceFile file) override;
  absl::Status AddReport(reports::Report report) override;
  absl::Status AddContent(std::string_view sha256, std::string_view zstd, uint64_t size) override;
  absl::Status Finish(const reports::CollectionSummary& summary) override;

 protected:
  // `ordinal`: its place among the stream's reports, from 0.
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

// CANCELLED when the observer asks for it.
absl::Status CheckCancelled(IngestObserver& observer);

}  // namespace stored::storage
