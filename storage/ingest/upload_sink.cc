#include "storage/ingest/upload_sink.h"

#include <fmt/format.h>

#include <utility>

#include "base/status.h"
#include "reports/report_files.h"
#include "storage/policy/product_settings.h"

namespace stored::storage {
namespace {

// The number of reports between two calls of the observer.
constexpr int64_t kReportsPerPoll = 256;

}  // namespace

absl::Status ReportLimit::Check(int64_t reports) const {
  if (max_reports <= 0 || reports <= max_reports) return absl::OkStatus();
  return ReportLimitError(product, max_reports);
}

absl::Status CheckFileIndices(const reports::Report& report, size_t file_count, int64_t ordinal) {
  bool known = true;
  reports::ForEachFileIndex(report, [&](reports::FileIndex file) {
    if (file >= file_count) known = false;
  });
  if (known) return absl::OkStatus();
  return absl::InvalidArgumentError(
      fmt::format("report {} of the upload names a file beyond the {} that came before it", ordinal,
                  file_count));
}

absl::Status CheckCancelled(IngestObserver& observer) {
  if (!observer.Cancelled()) return absl::OkStatus();
  return absl::CancelledError("the store was cancelled; nothing was stored");
}

absl::Status UploadSink::AddAnalysis(reports::Analysis analysis) {
  upload_.checkers.AddAnalysis(analysis);
  for (reports::AnalyzerRun& analyzer : analysis.analyzers) {
    std::vector<reports::CheckerState>().swap(analyzer.checkers);
  }
  upload_.analyses.push_back(std::move(analysis));
  return absl::OkStatus();
}

absl::Status UploadSink::AddFile(reports::SourceFile file) {
  upload_.files.push_back(std::move(file));
  return absl::OkStatus();
}

absl::Status UploadSink::AddReport(reports::Report report) {
  const int64_t ordinal = upload_.reports++;
  if (ordinal % kReportsPerPoll == 0) {
    STORED_RETURN_IF_ERROR(CheckCancelled(observer_));
    observer_.Progress(phase_, ordinal, total_);
  }
  STORED_RETURN_IF_ERROR(CheckFileIndices(report, upload_.files.size(), ordinal));
  upload_.checkers.AddReported(report.checker_name);
  // Drops comment and source of the review of an unreviewed report.
  if (report.review.status == reports::ReviewStatus::kUnreviewed) report.review = {};
  return TakeReport(std::move(report), ordinal);
}

absl::Status UploadSink::AddContent(std::string_view sha256, std::string_view zstd, uint64_t size) {
  STORED_RETURN_IF_ERROR(CheckCancelled(observer_));
  return TakeContent(sha256, zstd, size);
}

absl::Status UploadSink::Finish(const reports::CollectionSummary& summary) {
  upload_.summary = summary;
  observer_.Progress(phase_, upload_.reports, upload_.reports);
  return CheckCancelled(observer_);
}

}  // namespace stored::storage
