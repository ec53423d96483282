#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "base/sha256.h"
#include "storage/ingest/comparison.h"
#include "storage/ingest/ingest_transaction.h"
#include "storage/ingest/present_run.h"
#include "storage/ingest/upload_sink.h"
#include "storage/product_results.h"

namespace stored::storage {

// Writes a stream within a write transaction: its files, its reports, and those of its contents
// that the database lacks. With a Comparison, writes only the reports in Comparison::to_write.
// Without one, the run must have no reports; writes each distinct report once, and uses 16 bytes of
// memory a report to recognize duplicates.
class ApplySink final : public UploadSink {
 public:
  struct Target {
    IngestTransaction& transaction;
    const IngestRequest& request;
    HistoryEntry entry;
    ReportLimit limit;
    // The run's reports, marked by `comparison`, which is null if the run had none.
    PresentReports* present = nullptr;
    const Comparison* comparison = nullptr;
  };
  // All of `target` and the observer outlive the sink.
  ApplySink(const Target& target, IngestObserver& observer)
      : UploadSink(StorePhase::kApplying,
                   target.comparison != nullptr ? target.comparison->upload.reports : 0, observer),
        target_(target) {}

  absl::Status AddFile(reports::SourceFile file) override;

  // Return how many reports and contents were written, and the contents' uncompressed bytes.
  int32_t inserted() const { return inserted_; }
  int32_t new_sources() const { return new_sources_; }
  int64_t new_source_bytes() const { return new_source_bytes_; }
  // REQUIRES: the stream has ended.
  Upload Take() { return TakeUpload(); }

 protected:
  absl::Status TakeReport(reports::Report report, int64_t ordinal) override;
  absl::Status TakeContent(std::string_view sha256, std::string_view zstd, uint64_t size) override;

 private:
  absl::Status TakeCompared(reports::Report& report, int64_t ordinal);
  // Returns the origin of a report that takes the place of reports with the same hash. REQUIRES:
  // `same_hash` is not empty.
  absl::StatusOr<ReportOrigin> InheritOrigin(absl::Span<const PresentReport> same_hash,
                                             reports::ReviewStatus review);
  ReportOrigin NewOrigin(reports::ReviewStatus review) const;
  absl::Status Insert(reports::Report& report, const reports::ReportIdentity& identity,
                      const ReportOrigin& origin);

  const Target target_;
  // Ids of the files, by their place in the stream.
  std::vector<int64_t> file_ids_;
  absl::flat_hash_set<reports::ReportIdentity> inserted_identities_;
  // The contents that the files name and the database lacks. Set when the first content arrives.
  std::optional<absl::flat_hash_set<Sha256Digest>> missing_;
  int32_t inserted_ = 0;
  int32_t new_sources_ = 0;
  int64_t new_source_bytes_ = 0;
};

}  // namespace stored::storage
