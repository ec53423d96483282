#include "reports/collect/collector.h"

#include <fmt/format.h>
#include <xxhash.h>

#include <algorithm>
#include <limits>
#include <optional>
#include <string_view>
#include <thread>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "base/status.h"
#include "reports/collect/input_reader.h"
#include "reports/collect/merged_identities.h"
#include "reports/collect/ordered_work.h"
#include "reports/collect/sources/changed_sources.h"
#include "reports/collect/sources/content_sender.h"
#include "reports/collect/sources/left_out_sources.h"
#include "reports/collect/sources/source_table.h"
#include "reports/collect/variant_numbers.h"
#include "reports/collect/warning_list.h"
#include "reports/identity.h"
#include "reports/report_files.h"

namespace stored::reports {
namespace {

constexpr size_t kNamedMissingSources = 3;
// The number of analyses that a new one is compared with. Logs of the same tool usually come
// together.
constexpr size_t kRememberedAnalyses = 16;
// How often merging polls for cancellation; a result file may have millions of reports.
constexpr size_t kReportsPerPoll = 1024;
constexpr FileIndex kNoFile = std::numeric_limits<FileIndex>::max();

// A source file as it was sent.
struct SentFile {
  FileIndex index = 0;
  // The path by which it was named first.
  std::string untrimmed;
  bool found = false;
  Sha256Digest digest;
  bool conflict_told = false;
  bool change_told = false;
};

// The paths of those files of one result file that reports have named so far.
class NamedPaths final : public FilePaths {
 public:
  explicit NamedPaths(const std::vector<ReadSource>& files) : files_(files) {}

  std::string_view Path(FileIndex file) const override { return files_[file].path; }

 private:
  const std::vector<ReadSource>& files_;
};

VariantNumbers::Thing Thing(std::string_view bytes) {
  const XXH128_hash_t digest = XXH3_128bits(bytes.data(), bytes.size());
  return {digest.high64, digest.low64};
}

OrderedWorkOptions WorkOptions(const CollectorOptions& options) {
  OrderedWorkOptions work;
  const unsigned processors = std::max(std::thread::hardware_concurrency(), 1U);
  work.threads = options.threads > 0 ? static_cast<size_t>(options.threads) : processors;
  work.max_waiting = std::max(work.max_waiting, 4 * work.threads);
  work.stop = options.stop;
  return work;
}

}  // namespace

struct Collector::Impl {
  Impl(const Inputs& the_inputs, CollectorOptions the_options, ReportSink& the_sink)
      : inputs(the_inputs),
        options(std::move(the_options)),
        sink(the_sink),
        work(WorkOptions(options)),
        sources(options.limits.max_review_comment_bytes),
        reader(inputs, options.limits, options.trimmer, sources, identities),
        left_out(options.home_directory) {
    for (const std::string& warning : inputs.warnings) warnings.Add(warning);
  }

  absl::Status Collect();
  absl::Status SendAnalyses(std::vector<Analysis> analyses);
  // In this and the following functions, `index` is the input that is being merged.
  absl::Status Merge(size_t index, ReadInput part, bool last);
  absl::Status WithSkipOption(const absl::Status& bad_file) const;
  void NoteFiles(std::vector<ReadSource> named);
  absl::Status MergeReports(size_t index, ReadInput& part);
  // Returns the identity of a report. If it would have the same hash or identity as another report
  // that the tool distinguishes from it, gives it a hash or discriminator of its own first.
  ReportIdentity TellApart(Report& report, const ReportIdentity& identity,
                           const ReportVariant& variant);
  // Sets the report's review by the review_status.yaml of its input.
  void ApplyRules(size_t index, Report& report);
  absl::Status SendReport(size_t index, Report report);
  // Returns the index that the input's file `local` was sent under. Sends the file if it was not
  // yet.
  absl::StatusOr<FileIndex> SentIndex(size_t index, FileIndex local);
  absl::StatusOr<FileIndex> SendFile(size_t index, const ReadSource& file);
  // Returns what is known of the file before it is sent. Blocks until its source has been read.
  SentFile Named(size_t index, const ReadSource& file) const;
  // Counts a source that is sent for the first time, and notes where its content is or that it is
  // missing.
  void NoteSource(size_t index, const ReadSource& file, SentFile& sent);
  void NoteConflict(const std::string& path, SentFile& sent, const SentFile& named);
  void NoteChange(size_t index, const ReadSource& file, SentFile& sent);
  void NoteMissing(const ReadSource& file);
  absl::Status Finish();

  const Inputs& inputs;
  const CollectorOptions options;
  ReportSink& sink;
  const OrderedWorkOptions work;
  SourceTable sources;
  MergedIdentities identities;
  const InputReader reader;

  // The first error, which all later calls return.
  absl::Status status;
  CollectorCounts counts;
  WarningList warnings;
  // Number the bugs that have the same computed hash, and the reports that have the same identity,
  // although the tool distinguishes them.
  VariantNumbers bugs;
  VariantNumbers contexts;
  // The warnings about review comments so far.
  absl::flat_hash_set<std::string> comment_warnings;
  std::vector<Analysis> last_analyses;
  // By trimmed path.
  absl::flat_hash_map<std::string, SentFile> files;
  FileIndex next_file = 0;
  absl::flat_hash_map<Sha256Digest, ContentOrigin> contents;
  std::vector<std::string> missing;
  LeftOutSources left_out;
  ChangedSources changed;
  // The files of the input that is being merged, as far as reports have named them, and the indices
  // they were sent under; kNoFile if not sent yet.
  std::vector<ReadSource> input_files;
  std::vector<FileIndex> sent_indices;
  // When the input that is being merged was last changed.
  int64_t input_modified_ns = 0;
};

absl::Status Collector::Impl::Collect() {
  STORED_RETURN_IF_ERROR(SendAnalyses(inputs.analyses));
  const auto make = [this](size_t index, const Cancellation& stop,
                           const InputReader::HandOn& hand_on) {
    // With skip_bad_files, the whole file is read before any of its reports is sent, because it may
    // turn out to be bad. Without it, a bad file ends the collection anyway.
    return options.skip_bad_files ? reader.Read(index, stop) : reader.Read(index, stop, hand_on);
  };
  const auto take = [this](size_t index, ReadInput part, bool last) -> absl::Status {
    STORED_RETURN_IF_ERROR(Merge(index, std::move(part), last));
    if (last && options.progress) options.progress(index + 1, inputs.files.size());
    return absl::OkStatus();
  };
  return OrderedWork<ReadInput>::Run(inputs.files.size(), work, make, take);
}

absl::Status Collector::Impl::SendAnalyses(std::vector<Analysis> analyses) {
  for (Analysis& analysis : analyses) {
    if (std::find(last_analyses.begin(), last_analyses.end(), analysis) != last_analyses.end()) {
      continue;
    }
    if (last_analyses.size() == kRememberedAnalyses) last_analyses.erase(last_analyses.begin());
    last_analyses.push_back(analysis);
    STORED_RETURN_IF_ERROR(sink.AddAnalysis(std::move(analysis)));
  }
  return absl::OkStatus();
}

absl::Status Collector::Impl::Merge(size_t index, ReadInput part, bool last) {
  if (!part.status.ok()) {
    if (!options.skip_bad_files) return WithSkipOption(part.status);
    ++counts.bad_files;
    warnings.Add(fmt::format("left out: {}", std::string(part.status.message())));
    return absl::OkStatus();
  }
  if (last) ++counts.result_files;
  counts.diagnostics += part.diagnostics;
  counts.skipped_diagnostics += part.skipped_diagnostics;
  for (std::string& warning : part.warnings) warnings.Add(std::move(warning));
  for (std::string& warning : part.comment_warnings) {
    // Several inputs may have findings in the same place.
    if (comment_warnings.size() == kMaxWarnings || !comment_warnings.insert(warning).second)
      continue;
    warnings.Add(std::move(warning));
  }
  STORED_RETURN_IF_ERROR(SendAnalyses(std::move(part.analyses)));
  input_modified_ns = part.modified_ns;
  NoteFiles(std::move(part.files));
  STORED_RETURN_IF_ERROR(MergeReports(index, part));
  if (last) {
    input_files.clear();
    sent_indices.clear();
  }
  return absl::OkStatus();
}

// Adds the option that leaves out bad files to an error about one file of several.
absl::Status Collector::Impl::WithSkipOption(const absl::Status& bad_file) const {
  const bool helps = inputs.files.size() > 1 && !options.skip_bad_files_option.empty() &&
                     !absl::IsCancelled(bad_file);
  if (!helps) return bad_file;
  return AppendTo(bad_file, fmt::format("; nothing was stored ({} leaves out what cannot be read)",
                                        options.skip_bad_files_option));
}

void Collector::Impl::NoteFiles(std::vector<ReadSource> named) {
  for (ReadSource& file : named) {
    if (file.index >= input_files.size()) {
      input_files.resize(file.index + size_t{1});
      sent_indices.resize(input_files.size(), kNoFile);
    }
    input_files[file.index] = std::move(file);
  }
}

absl::Status Collector::Impl::MergeReports(size_t index, ReadInput& part) {
  for (size_t i = 0; i < part.reports.size(); ++i) {
    if (i % kReportsPerPoll == 0 && options.stop.Requested()) {
      return absl::CancelledError("cancelled");
    }
    const ReportIdentity identity =
        part.variants.empty() ? part.identities[i]
                              : TellApart(part.reports[i], part.identities[i], part.variants[i]);
    if (!identities.Insert(identity)) continue;
    if (counts.reports == options.limits.max_reports) {
      return absl::ResourceExhaustedError(
          fmt::format("{}: more than {} distinct reports up to here, the limit of one store",
                      inputs.files[index].name, options.limits.max_reports));
    }
    if (!part.reviewed.empty() && !part.reviewed[i]) ApplyRules(index, part.reports[i]);
    STORED_RETURN_IF_ERROR(SendReport(index, std::move(part.reports[i])));
  }
  return absl::OkStatus();
}

ReportIdentity Collector::Impl::TellApart(Report& report, const ReportIdentity& identity,
                                          const ReportVariant& variant) {
  ReportIdentity own = identity;
  const NamedPaths paths(input_files);
  if (variant.bug != 0) {
    const uint32_t number = bugs.NumberOf(Thing(report.report_hash), variant.bug);
    if (number > 0) {
      report.report_hash = NumberedReportHash(report.report_hash, number);
      own = IdentityOf(report, paths);
    }
  }
  if (variant.context != 0) {
    report.discriminator = contexts.NumberOf(Thing(own.Raw()), variant.context);
    if (report.discriminator > 0) own = IdentityOf(report, paths);
  }
  return own;
}

void Collector::Impl::ApplyRules(size_t index, Report& report) {
  const auto rules = static_cast<size_t>(inputs.files[index].review_rules);
  const ReviewRule* const rule = inputs.review_rules[rules].FirstFor(
      input_files[report.location.file].rules, report.checker_name, report.report_hash);
  if (rule != nullptr) report.review = rule->review;
}

absl::Status Collector::Impl::SendReport(size_t index, Report report) {
  absl::Status sent;
  ForEachFileIndex(report, [&](FileIndex& file) {
    absl::StatusOr<FileIndex> as_sent = SentIndex(index, file);
    if (as_sent.ok()) {
      file = *as_sent;
    } else {
      sent.Update(as_sent.status());
    }
  });
  STORED_RETURN_IF_ERROR(sent);
  ++counts.reports;
  return sink.AddReport(std::move(report));
}

absl::StatusOr<FileIndex> Collector::Impl::SentIndex(size_t index, FileIndex local) {
  FileIndex& sent = sent_indices[local];
  if (sent == kNoFile) {
    STORED_ASSIGN_OR_RETURN(sent, SendFile(index, input_files[local]));
  }
  return sent;
}

absl::StatusOr<FileIndex> Collector::Impl::SendFile(size_t index, const ReadSource& file) {
  const SentFile named = Named(index, file);
  const auto [entry, is_new] = files.try_emplace(file.path, named);
  SentFile& sent = entry->second;
  if (!is_new) {
    NoteConflict(file.path, sent, named);
    NoteChange(index, file, sent);
    return sent.index;
  }
  if (next_file == options.limits.max_entries) {
    return absl::ResourceExhaustedError(
        fmt::format("{}: more than {} source files up to here, the limit of one store",
                    inputs.files[index].name, options.limits.max_entries));
  }
  sent.index = next_file++;
  SourceFile source{.path = file.path, .sha256 = {}};
  if (named.found) source.sha256 = std::string(named.digest.Raw());
  if (!file.is_no_file()) NoteSource(index, file, sent);
  const FileIndex result = sent.index;
  STORED_RETURN_IF_ERROR(sink.AddFile(std::move(source)));
  return result;
}

SentFile Collector::Impl::Named(size_t index, const ReadSource& file) const {
  SentFile named;
  if (file.embedded) {
    named.untrimmed = inputs.files[index].name;
    named.found = true;
    named.digest = file.digest;
  } else if (file.source != nullptr) {
    named.untrimmed = file.source->path();
    named.found = file.source->status().ok();
    if (named.found) named.digest = file.source->digest();
  }
  return named;
}

void Collector::Impl::NoteSource(size_t index, const ReadSource& file, SentFile& sent) {
  ++counts.source_files;
  if (!sent.found) return NoteMissing(file);
  contents.try_emplace(sent.digest, ContentOrigin{file.source, index, file.index});
  NoteChange(index, file, sent);
}

void Collector::Impl::NoteConflict(const std::string& path, SentFile& sent, const SentFile& named) {
  if (!named.found || !sent.found || named.digest == sent.digest || sent.conflict_told) return;
  sent.conflict_told = true;
  warnings.Add(
      fmt::format("{}: {} and {} are both stored under this path, but differ; the text of the "
                  "first is kept",
                  path, sent.untrimmed, named.untrimmed));
}

// Notes a source, once, if it is newer than any result file that names it: the lines in that result
// file refer to another text, even if other result files are newer.
void Collector::Impl::NoteChange(size_t index, const ReadSource& file, SentFile& sent) {
  if (file.source == nullptr || sent.change_told) return;
  const bool archived = inputs.files[index].directory.empty();
  if (!IsNewer(file.source->modified_ns(), input_modified_ns, archived)) return;
  sent.change_told = true;
  changed.Add(file.source->path(), inputs.files[index].name);
}

void Collector::Impl::NoteMissing(const ReadSource& file) {
  const absl::Status& why = file.source->status();
  if (const std::optional<std::string> real_path = PathOutsideRoots(why)) {
    ++counts.left_out_source_files;
    left_out.Add(file.source->path(), *real_path);
    return;
  }
  ++counts.missing_source_files;
  if (!absl::IsNotFound(why)) {
    warnings.Add(fmt::format("no text of {}: {}", file.path, std::string(why.message())));
  }
  if (missing.size() < kNamedMissingSources) missing.push_back(file.path);
}

absl::Status Collector::Impl::Finish() {
  if (!missing.empty()) {
    const size_t more = counts.missing_source_files - missing.size();
    warnings.AddFirst(
        fmt::format("{} of {} source files were not found, their reports are stored without text: "
                    "{}{}",
                    counts.missing_source_files, counts.source_files, fmt::join(missing, ", "),
                    more > 0 ? fmt::format(" and {} more", more) : ""));
  }
  if (changed.count() > 0) warnings.AddFirst(changed.Warning());
  if (left_out.count() > 0) warnings.AddFirst(left_out.Warning());
  CollectionSummary summary;
  summary.diagnostics = counts.diagnostics;
  summary.result_files = counts.result_files;
  summary.analyzed_files = inputs.analyzed_files.total();
  summary.failed_files = inputs.analyzed_files.failed();
  summary.warnings = warnings.all();
  return sink.Finish(summary);
}

Collector::Collector(const Inputs& inputs, CollectorOptions options, ReportSink& sink)
    : impl_(std::make_unique<Impl>(inputs, std::move(options), sink)) {}
Collector::~Collector() = default;

absl::Status Collector::Collect() {
  if (impl_->status.ok()) impl_->status = impl_->Collect();
  return impl_->status;
}

std::string Collector::ChangeWarning() const { return impl_->changed.Warning(); }

std::vector<Sha256Digest> Collector::Sources() const {
  std::vector<Sha256Digest> digests;
  digests.reserve(impl_->contents.size());
  for (const auto& [digest, origin] : impl_->contents) digests.push_back(digest);
  std::sort(digests.begin(), digests.end());
  return digests;
}

absl::Status Collector::SendContents(absl::Span<const Sha256Digest> wanted) {
  if (impl_->status.ok()) {
    impl_->status =
        reports::SendContents(wanted, impl_->contents, impl_->inputs, impl_->options.limits,
                              impl_->work, impl_->sink, impl_->warnings);
  }
  return impl_->status;
}

absl::Status Collector::Finish() {
  if (impl_->status.ok()) impl_->status = impl_->Finish();
  return impl_->status;
}

const CollectorCounts& Collector::counts() const { return impl_->counts; }
const std::vector<std::string>& Collector::warnings() const { return impl_->warnings.all(); }

}  // namespace stored::reports
