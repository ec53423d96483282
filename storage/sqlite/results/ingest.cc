#include "storage/sqlite/results/ingest.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "base/status.h"
#include "base/text/text.h"
#include "reports/analyzed_files.h"
#include "storage/ingest/comparison.h"
#include "storage/ingest/present_run.h"
#include "storage/policy/product_settings.h"
#include "storage/sqlite/results/apply_sink.h"
#include "storage/sqlite/results/run_reader.h"
#include "storage/sqlite/results/run_writer.h"
#include "storage/sqlite/results/source_writer.h"
#include "storage/sqlite/results/state_changes.h"

namespace stored::storage::sqlite {
namespace {

// How often a comparison is made anew because the run was stored into meanwhile, or lost reports to
// garbage collection. The queue lets one store at a time into a run, and while that is there
// collections leave the run alone, so twice would do.
constexpr int kMaxComparisons = 3;
// Source files that a warning names.
constexpr size_t kNamedSources = 3;

class Ingest {
 public:
  Ingest(const IngestTarget& target, const IngestRequest& request, reports::ReportStream& stream,
         IngestObserver& observer)
      : product_(target.product),
        writer_(target.writer),
        readers_(target.readers),
        request_(request),
        stream_(stream),
        observer_(observer) {}

  absl::StatusOr<StoreResult> Run() {
    for (int i = 0; i < kMaxComparisons; ++i) {
      STORED_ASSIGN_OR_RETURN(std::optional<StoreResult> result, TryOnce());
      if (result.has_value()) return *std::move(result);
    }
    return absl::UnavailableError(fmt::format(
        "run \"{}\" was changed again and again meanwhile; try again", request_.run_name));
  }

 private:
  // Nothing when the run was changed between comparing and writing.
  absl::StatusOr<std::optional<StoreResult>> TryOnce() {
    STORED_ASSIGN_OR_RETURN(std::optional<StoreResult> earlier, Look());
    if (earlier.has_value()) return earlier;
    comparison_.reset();
    if (compares_) {
      STORED_ASSIGN_OR_RETURN(comparison_, Compare(*std::exchange(reading_, nullptr), run_.reports,
                                                   report_limit(), observer_));
    } else {
      // Parsing before there is the first report to write is not done in the turn to write.
      reading_->AwaitFirst();
    }
    bool stale = false;
    result_ = {};
    const auto cancelled = [this] { return observer_.Cancelled(); };
    const absl::Status written =
        writer_.WriteUnless(cancelled, [&](Database& database) -> absl::Status {
          STORED_ASSIGN_OR_RETURN(earlier, FindIngested(database, request_.token));
          if (earlier.has_value()) return absl::OkStatus();
          STORED_ASSIGN_OR_RETURN(const PresentRun now, FindRun(database, request_.run_name));
          stale = now.id != run_.id || now.latest_history_id != run_.latest_history_id ||
                  now.report_count != run_.report_count;
          return stale ? absl::OkStatus() : Apply(database);
        });
    STORED_RETURN_IF_ERROR(written);
    if (earlier.has_value()) return earlier;
    if (stale) return std::nullopt;
    return result_;
  }

  // One snapshot of what there is: the token's result, or else the run.
  absl::StatusOr<std::optional<StoreResult>> Look() {
    STORED_ASSIGN_OR_RETURN(const ReaderPool::Reader reader, readers_.Acquire());
    STORED_ASSIGN_OR_RETURN(std::optional<StoreResult> earlier,
                            FindIngested(*reader, request_.token));
    if (earlier.has_value()) return earlier;
    STORED_ASSIGN_OR_RETURN(run_, FindRun(*reader, request_.run_name));
    compares_ = run_.report_count > 0 && !request_.force;
    // Decoding goes on while the run is looked at.
    reading_.reset();
    reading_ =
        stream_.Open(compares_ ? reports::ReportExtent::kIdentifying : reports::ReportExtent::kAll);
    if (compares_) STORED_RETURN_IF_ERROR(LoadReports(*reader, run_));
    return std::nullopt;
  }

  ReportLimit report_limit() const { return {product_, request_.max_reports}; }

  absl::Status CheckRunLimit(Database& database) const {
    if (run_.id != 0 || request_.max_runs <= 0) return absl::OkStatus();
    STORED_ASSIGN_OR_RETURN(const int64_t runs, database.QueryInt("SELECT count(*) FROM runs"));
    if (runs < request_.max_runs) return absl::OkStatus();
    return RunLimitError(product_, request_.max_runs, request_.run_name);
  }

  absl::Status Apply(Database& database) {
    STORED_RETURN_IF_ERROR(CheckCancelled(observer_));
    STORED_RETURN_IF_ERROR(CheckRunLimit(database));
    STORED_ASSIGN_OR_RETURN(const HistoryEntry store, BeginStore(database, run_, request_));
    result_.run_id = store.run_id;
    STORED_ASSIGN_OR_RETURN(const int64_t total_reports, ApplyReports(database, store));
    STORED_RETURN_IF_ERROR(ApplySources(database, store));
    result_.diagnostics = static_cast<int64_t>(upload_.summary.diagnostics);
    result_.result_files = static_cast<int32_t>(upload_.summary.result_files);
    result_.source_files = static_cast<int32_t>(upload_.files.size());
    CountAnalyzedFiles();
    STORED_RETURN_IF_ERROR(FinishStore(database, store, request_, upload_, total_reports, result_));
    return CheckCancelled(observer_);
  }

  // A bundle of an older client does not count them; then as far as its analyses tell.
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

  // Sets upload_ and the result's counts of reports; answers how many reports the run then has.
  absl::StatusOr<int64_t> ApplyReports(Database& database, const HistoryEntry& store) {
    if (!comparison_.has_value()) {
      STORED_ASSIGN_OR_RETURN(std::unique_ptr<ApplySink> sink, ReadToApply(database, store));
      upload_ = sink->Take();
      result_.new_reports = result_.reports = sink->inserted();
      return int64_t{sink->inserted()};
    }
    int64_t total = static_cast<int64_t>(run_.reports.size());
    STORED_ASSIGN_OR_RETURN(const bool needed, StreamNeeded(database));
    if (needed) {
      STORED_ASSIGN_OR_RETURN(std::unique_ptr<ApplySink> sink, ReadToApply(database, store));
      total += sink->inserted();
    }
    STORED_ASSIGN_OR_RETURN(const ClosedReports closed,
                            ApplyStateChanges(database, run_, comparison_->upload.checkers,
                                              store.history_id, request_.stored_at, observer_));
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

  absl::StatusOr<std::unique_ptr<ApplySink>> ReadToApply(Database& database,
                                                         const HistoryEntry& store) {
    const ApplySink::Target target = {
        database,       request_,      store,
        report_limit(), &run_.reports, comparison_.has_value() ? &*comparison_ : nullptr};
    STORED_ASSIGN_OR_RETURN(std::unique_ptr<ApplySink> sink, ApplySink::Create(target, observer_));
    if (reading_ == nullptr) reading_ = stream_.Open(reports::ReportExtent::kAll);
    STORED_RETURN_IF_ERROR(std::exchange(reading_, nullptr)->ReadInto(*sink));
    result_.new_sources = sink->new_sources();
    result_.new_source_bytes = sink->new_source_bytes();
    return sink;
  }

  // Whether the stream has a report or a content that the database lacks.
  absl::StatusOr<bool> StreamNeeded(Database& database) {
    if (comparison_->any_to_write) return true;
    STORED_ASSIGN_OR_RETURN(const auto missing,
                            MissingContents(database, comparison_->upload.files));
    return std::any_of(missing.begin(), missing.end(), [&](const Sha256Digest& digest) {
      return comparison_->carried.contains(digest);
    });
  }

  absl::Status ApplySources(Database& database, const HistoryEntry& store) {
    STORED_ASSIGN_OR_RETURN(ReportWriter writer, ReportWriter::Create(database));
    std::vector<int64_t> file_ids;
    file_ids.reserve(upload_.files.size());
    for (const reports::SourceFile& file : upload_.files) {
      STORED_ASSIGN_OR_RETURN(const int64_t id, writer.FileId(file.path));
      file_ids.push_back(id);
    }
    STORED_RETURN_IF_ERROR(
        WriteFileVersions(database, store.run_id, store.history_id, upload_.files, file_ids));
    result_.warnings = upload_.summary.warnings;
    return WarnOfMissing(database);
  }

  // Files whose digest the upload gives, but whose content neither it nor the database has.
  absl::Status WarnOfMissing(Database& database) {
    STORED_ASSIGN_OR_RETURN(const auto missing, MissingContents(database, upload_.files));
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
    if (warning.size() > reports::kMaxWarningBytes) warning.resize(reports::kMaxWarningBytes);
    result_.warnings.push_back(std::move(warning));
    return absl::OkStatus();
  }

  const std::string& product_;
  Writer& writer_;
  ReaderPool& readers_;
  const IngestRequest& request_;
  reports::ReportStream& stream_;
  IngestObserver& observer_;

  PresentRun run_;
  // Whether the run has reports to compare with.
  bool compares_ = false;
  // Opened by Look, for the comparison if there is one, else for the write. Null once it was read.
  std::unique_ptr<reports::Reading> reading_;
  // Set when it has been compared.
  std::optional<Comparison> comparison_;
  Upload upload_;
  StoreResult result_;
};

}  // namespace

absl::StatusOr<StoreResult> IngestReports(const IngestTarget& target, const IngestRequest& request,
                                          reports::ReportStream& stream, IngestObserver& observer) {
  return Ingest(target, request, stream, observer).Run();
}

}  // namespace stored::storage::sqlite
