#include "storage/ingest/ingest.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "base/status.h"
#include "base/text/text.h"
#include "reports/analyzed_files.h"
#include "storage/ingest/apply_sink.h"
#include "storage/ingest/comparison.h"
#include "storage/ingest/present_run.h"
#include "storage/ingest/state_changes.h"
#include "storage/policy/product_settings.h"

namespace stored::storage {
namespace {

// The largest number of attempts to compare and write. An attempt is repeated if the run was stored
// into between the two, or lost reports to garbage collection. The queue lets one store at a time
// into a run, and garbage collection leaves the run alone while that store is there, so two would
// be enough.
constexpr int kMaxComparisons = 3;
// The number of source files that a warning names.
constexpr size_t kNamedSources = 3;
// The largest number of analyzers that a run's summary names, whatever the upload says.
constexpr size_t kMaxAnalyzers = 100;

// Returns names such as "clangsa 14.0.6", each once, in the order of the analyses.
std::vector<std::string> AnalyzerNames(const std::vector<reports::Analysis>& analyses) {
  std::vector<std::string> names;
  for (const reports::Analysis& analysis : analyses) {
    for (const reports::AnalyzerRun& analyzer : analysis.analyzers) {
      if (analyzer.name.empty()) continue;
      std::string name = analyzer.name;
      if (!analyzer.version.empty()) name += " " + analyzer.version;
      if (std::find(names.begin(), names.end(), name) != names.end()) continue;
      if (names.size() == kMaxAnalyzers) return names;
      names.push_back(std::move(name));
    }
  }
  return names;
}

class Ingest {
 public:
  Ingest(const IngestTarget& target, const IngestRequest& request, reports::ReportStream& stream,
         IngestObserver& observer)
      : product_(target.product),
        database_(target.database),
        request_(request),
        stream_(stream),
        observer_(observer) {}

  absl::StatusOr<StoreResult> Run() {
    for (int i = 0; i < kMaxComparisons; ++i) {
      STORED_ASSIGN_OR_RETURN(std::optional<StoreResult> result, TryOnce());
      if (result.has_value()) return *std::move(result);
    }
    return absl::UnavailableError(fmt::format(
        "run \"{}\" was changed again and again during the store; try again", request_.run_name));
  }

 private:
  // Returns nothing if the run was changed between the comparison and the write.
  absl::StatusOr<std::optional<StoreResult>> TryOnce() {
    STORED_ASSIGN_OR_RETURN(std::optional<StoreResult> earlier, ReadPresent());
    if (earlier.has_value()) return earlier;
    comparison_.reset();
    if (compares_) {
      STORED_ASSIGN_OR_RETURN(comparison_, Compare(*std::exchange(reading_, nullptr), run_.reports,
                                                   report_limit(), observer_));
    } else {
      // Takes the write lock only once there is a report to write.
      reading_->AwaitFirst();
    }
    bool stale = false;
    result_ = {};
    const auto cancelled = [this] { return observer_.Cancelled(); };
    const absl::Status written =
        database_.Write(cancelled, [&](IngestTransaction& transaction) -> absl::Status {
          STORED_ASSIGN_OR_RETURN(earlier, transaction.FindIngested(request_.token));
          if (earlier.has_value()) return absl::OkStatus();
          STORED_ASSIGN_OR_RETURN(const PresentRun now, transaction.FindRun(request_.run_name));
          stale = now.id != run_.id || now.latest_history_id != run_.latest_history_id ||
                  now.report_count != run_.report_count;
          return stale ? absl::OkStatus() : Apply(transaction);
        });
    STORED_RETURN_IF_ERROR(written);
    if (earlier.has_value()) return earlier;
    if (stale) return std::nullopt;
    return result_;
  }

  // Returns the token's earlier result if there is one. Otherwise sets run_ and compares_, from the
  // same snapshot, and opens a reading.
  absl::StatusOr<std::optional<StoreResult>> ReadPresent() {
    std::optional<StoreResult> earlier;
    const auto read = [&](IngestSnapshot& snapshot) -> absl::Status {
      STORED_ASSIGN_OR_RETURN(earlier, snapshot.FindIngested(request_.token));
      if (earlier.has_value()) return absl::OkStatus();
      STORED_ASSIGN_OR_RETURN(run_, snapshot.FindRun(request_.run_name));
      compares_ = run_.report_count > 0 && !request_.force;
      // Starts decoding the stream, so that it overlaps loading the reports.
      reading_.reset();
      reading_ = stream_.Open(compares_ ? reports::ReportExtent::kIdentifying
                                        : reports::ReportExtent::kAll);
      return compares_ ? snapshot.LoadReports(run_) : absl::OkStatus();
    };
    STORED_RETURN_IF_ERROR(database_.Read(read));
    return earlier;
  }

  ReportLimit report_limit() const { return {product_, request_.max_reports}; }

  absl::Status CheckRunLimit(IngestTransaction& transaction) const {
    if (run_.id != 0 || request_.max_runs <= 0) return absl::OkStatus();
    STORED_ASSIGN_OR_RETURN(const int64_t runs, transaction.CountRuns());
    if (runs < request_.max_runs) return absl::OkStatus();
    return RunLimitError(product_, request_.max_runs, request_.run_name);
  }

  absl::Status Apply(IngestTransaction& transaction) {
    STORED_RETURN_IF_ERROR(CheckCancelled(observer_));
    STORED_RETURN_IF_ERROR(CheckRunLimit(transaction));
    STORED_ASSIGN_OR_RETURN(const HistoryEntry entry, transaction.BeginEntry(run_, request_));
    result_.run_id = entry.run_id;
    STORED_ASSIGN_OR_RETURN(const int64_t total_reports, ApplyReports(transaction, entry));
    STORED_RETURN_IF_ERROR(transaction.WriteFileVersions(entry, upload_.files));
    result_.warnings = upload_.summary.warnings;
    STORED_RETURN_IF_ERROR(WarnOfMissing(transaction));
    result_.diagnostics = static_cast<int64_t>(upload_.summary.diagnostics);
    result_.result_files = static_cast<int32_t>(upload_.summary.result_files);
    result_.source_files = static_cast<int32_t>(upload_.files.size());
    CountAnalyzedFiles();
    STORED_RETURN_IF_ERROR(transaction.Finish(
        entry, request_,
        {AnalyzerNames(upload_.analyses), upload_.analyses, total_reports, result_}));
    return CheckCancelled(observer_);
  }

  // Sets the result's counts of analyzed and failed files. A bundle of an older client has no
  // counts; then derives them from the bundle's analyses, as far as these list files.
  void CountAnalyzedFiles() {
    reports::CollectionSummary& summary = upload_.summary;
    if (summary.analyzed_files == 0 && summary.failed_files == 0) {
      reports::AnalyzedFiles files;
      for (const reports::Analysis& analysis : upload_.analyses) files.Add(analysis);
      summary.analyzed_files = files.total();
      summary.failed_files = files.failed();
    }
    result_.analyzed_files = static_cast<int32_t>(summary.analyzed_files);
    result_.failed_files = static_cast<int32_t>(summary.failed_files);
  }

  // Sets upload_ and the result's counts of reports. Returns how many reports the run then has.
  absl::StatusOr<int64_t> ApplyReports(IngestTransaction& transaction, const HistoryEntry& entry) {
    if (!comparison_.has_value()) {
      STORED_ASSIGN_OR_RETURN(const std::unique_ptr<ApplySink> sink,
                              ReadToApply(transaction, entry));
      upload_ = sink->Take();
      result_.new_reports = result_.reports = sink->inserted();
      return int64_t{sink->inserted()};
    }
    int64_t total = static_cast<int64_t>(run_.reports.size());
    STORED_ASSIGN_OR_RETURN(const bool needed, StreamNeeded(transaction));
    if (needed) {
      STORED_ASSIGN_OR_RETURN(const std::unique_ptr<ApplySink> sink,
                              ReadToApply(transaction, entry));
      total += sink->inserted();
    }
    STORED_ASSIGN_OR_RETURN(const ClosedReports closed,
                            ApplyStateChanges(transaction, run_, comparison_->upload.checkers,
                                              entry.history_id, request_.stored_at, observer_));
    upload_ = std::move(comparison_->upload);
    result_.new_reports = comparison_->new_reports;
    result_.unresolved_reports = comparison_->unresolved_reports;
    result_.reopened_reports = comparison_->reopened_reports;
    result_.reports = result_.new_reports + result_.unresolved_reports + result_.reopened_reports;
    result_.resolved_reports = closed.resolved;
    result_.off_reports = closed.off;
    result_.unavailable_reports = closed.unavailable;
    return total - closed.replaced;
  }

  absl::StatusOr<std::unique_ptr<ApplySink>> ReadToApply(IngestTransaction& transaction,
                                                         const HistoryEntry& entry) {
    const ApplySink::Target target = {
        transaction,    request_,      entry,
        report_limit(), &run_.reports, comparison_.has_value() ? &*comparison_ : nullptr};
    auto sink = std::make_unique<ApplySink>(target, observer_);
    if (reading_ == nullptr) reading_ = stream_.Open(reports::ReportExtent::kAll);
    STORED_RETURN_IF_ERROR(std::exchange(reading_, nullptr)->ReadInto(*sink));
    result_.new_sources = sink->new_sources();
    result_.new_source_bytes = sink->new_source_bytes();
    return sink;
  }

  // Returns whether the stream has a report or a content that the database lacks.
  absl::StatusOr<bool> StreamNeeded(IngestTransaction& transaction) {
    if (comparison_->any_to_write) return true;
    STORED_ASSIGN_OR_RETURN(const auto missing,
                            transaction.MissingContents(comparison_->upload.files));
    return std::any_of(missing.begin(), missing.end(), [&](const Sha256Digest& digest) {
      return comparison_->carried.contains(digest);
    });
  }

  // Adds a warning about the files whose digest is in the upload, but whose content is neither
  // there nor in the database.
  absl::Status WarnOfMissing(IngestTransaction& transaction) {
    STORED_ASSIGN_OR_RETURN(const auto missing, transaction.MissingContents(upload_.files));
    if (missing.empty() || result_.warnings.size() >= reports::kMaxWarnings) {
      return absl::OkStatus();
    }
    size_t count = 0;
    std::string names;
    for (const reports::SourceFile& file : upload_.files) {
      const std::optional<Sha256Digest> digest = Sha256Digest::FromRaw(file.sha256);
      if (!digest.has_value() || !missing.contains(*digest)) continue;
      if (count < kNamedSources) names += (count == 0 ? "" : ", ") + Printable(file.path);
      ++count;
    }
    std::string warning = fmt::format("{} source {} not sent and not stored: {}{}", count,
                                      count == 1 ? "file was" : "files were", names,
                                      count > kNamedSources ? ", ..." : "");
    warning.resize(Utf8Prefix(warning, reports::kMaxWarningBytes).size());
    result_.warnings.push_back(std::move(warning));
    return absl::OkStatus();
  }

  const std::string& product_;
  IngestDatabase& database_;
  const IngestRequest& request_;
  reports::ReportStream& stream_;
  IngestObserver& observer_;

  PresentRun run_;
  // True if the run has reports to compare with.
  bool compares_ = false;
  // Opened by ReadPresent, for the comparison if there is one, else for the write. Null once read.
  std::unique_ptr<reports::Reading> reading_;
  // Set once the stream has been compared.
  std::optional<Comparison> comparison_;
  Upload upload_;
  StoreResult result_;
};

}  // namespace

absl::StatusOr<StoreResult> IngestReports(const IngestTarget& target, const IngestRequest& request,
                                          reports::ReportStream& stream, IngestObserver& observer) {
  return Ingest(target, request, stream, observer).Run();
}

}  // namespace stored::storage
