#include "storage/ingest/comparison.h"

#include <utility>

#include "base/status.h"

namespace stored::storage {
namespace {

class CompareSink final : public UploadSink {
 public:
  CompareSink(PresentReports& present, const ReportLimit& limit, IngestObserver& observer)
      : UploadSink(StorePhase::kComparing, 0, observer), present_(present), limit_(limit) {}

  Comparison Take() {
    comparison_.upload = TakeUpload();
    return std::move(comparison_);
  }

 protected:
  absl::Status TakeReport(reports::Report report, int64_t /*ordinal*/) override {
    const bool write = Classify(report);
    comparison_.to_write.push_back(write);
    comparison_.any_to_write = comparison_.any_to_write || write;
    return limit_.Check(distinct_);
  }

  absl::Status TakeContent(std::string_view sha256, std::string_view /*zstd*/,
                           uint64_t /*size*/) override {
    if (const auto digest = Sha256Digest::FromRaw(sha256)) comparison_.carried.insert(*digest);
    return absl::OkStatus();
  }

 private:
  // Marks and counts the report. Returns whether its own row must be written.
  bool Classify(const reports::Report& report) {
    const absl::Span<PresentReport> same_hash =
        present_.WithHash(ReportHashKey::Of(report.report_hash));
    const reports::ReportIdentity identity = reports::IdentityOf(report, upload());
    PresentReport* present = PresentReports::WithIdentity(same_hash, identity);
    const bool repeated = present != nullptr ? std::exchange(present->matched, true)
                                             : !added_.insert(identity).second;
    if (repeated) return false;
    ++distinct_;
    Count(same_hash);
    return present == nullptr ||
           present->content != ContentKey(report.content_digest, report.review);
  }

  void Count(absl::Span<PresentReport> same_hash) {
    if (same_hash.empty()) {
      ++comparison_.new_reports;
      return;
    }
    same_hash.front().hash_seen = true;
    ++(same_hash.front().hash_resolved ? comparison_.reopened_reports
                                       : comparison_.unresolved_reports);
  }

  PresentReports& present_;
  const ReportLimit& limit_;
  Comparison comparison_;
  int64_t distinct_ = 0;
  // Identities of the reports that the run lacks.
  absl::flat_hash_set<reports::ReportIdentity> added_;
};

}  // namespace

absl::StatusOr<Comparison> Compare(reports::Reading& reading, PresentReports& present,
                                   const ReportLimit& limit, IngestObserver& observer) {
  CompareSink sink(present, limit, observer);
  STORED_RETURN_IF_ERROR(reading.ReadInto(sink));
  return sink.Take();
}

}  // namespace stored::storage
