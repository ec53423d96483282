#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/sha256.h"
#include "storage/ingest/comparison.h"
#include "storage/ingest/present_run.h"
#include "storage/ingest/upload_sink.h"
#include "storage/product_results.h"
#include "storage/sqlite/connection/database.h"
#include "storage/sqlite/results/report_writer.h"
#include "storage/sqlite/results/run_writer.h"

namespace stored::storage::sqlite {

// Writes what a stream of reports has and the database lacks, within a write transaction: reports,
// files, contents. With a Comparison only the reports that it names; without, into a run that has
// none, all of them, duplicates dropped (16 bytes a report are held for that).
class ApplySink final : public UploadSink {
 public:
  struct Target {
    Database& database;
    const IngestRequest& request;
    HistoryEntry store;
    ReportLimit limit;
    // What the run had, marked by `comparison`, which is null when it had nothing.
    PresentReports* present = nullptr;
    const Comparison* comparison = nullptr;
  };
  // All of `target` and the observer outlive it.
  static absl::StatusOr<std::unique_ptr<ApplySink>> Create(const Target& target,
                                                           IngestObserver& observer);

  absl::Status AddFile(reports::SourceFile file) override;

  // Reports and contents written.
  int32_t inserted() const { return inserted_; }
  int32_t new_sources() const { return new_sources_; }
  int64_t new_source_bytes() const { return new_source_bytes_; }
  // After the end of the stream.
  Upload Take() { return TakeUpload(); }

 protected:
  absl::Status TakeReport(reports::Report report, int64_t ordinal) override;
  absl::Status TakeContent(std::string_view sha256, std::string_view zstd, uint64_t size) override;

 private:
  ApplySink(const Target& target, ReportWriter writer, IngestObserver& observer)
      : UploadSink(StorePhase::kApplying,
                   target.comparison != nullptr ? target.comparison->upload.reports : 0, observer),
        target_(target),
        writer_(std::move(writer)) {}

  absl::Status TakeKnown(reports::Report& report, int64_t ordinal);
  // For a report whose hash the run had: `same_hash` must not be empty.
  absl::StatusOr<ReportOrigin> OriginAmong(absl::Span<const PresentReport> same_hash,
                                           reports::ReviewStatus review);
  ReportOrigin NewOrigin(reports::ReviewStatus review) const;
  absl::Status Insert(reports::Report& report, const reports::ReportIdentity& identity,
                      const ReportOrigin& origin);

  const Target target_;
  ReportWriter writer_;
  std::vector<int64_t> file_ids_;
  absl::flat_hash_set<reports::ReportIdentity> inserted_identities_;
  // Contents that the files name and the database lacks; known from the first content on.
  std::optional<absl::flat_hash_set<Sha256Digest>> missing_;
  int32_t inserted_ = 0;
  int32_t new_sources_ = 0;
  int64_t new_source_bytes_ = 0;
};

}  // namespace stored::storage::sqlite
