#include "reports/collect/input_reader.h"

#include <fmt/format.h>

#include <map>
#include <new>
#include <optional>
#include <string_view>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "base/file.h"
#include "base/status.h"
#include "reports/collect/source_lines.h"
#include "reports/inputs/archive.h"
#include "reports/plist/plist_reader.h"
#include "reports/report_files.h"
#include "reports/sarif/sarif_reader.h"

namespace stored::reports {
namespace {

class TrimmedPaths final : public FilePaths {
 public:
  explicit TrimmedPaths(const std::vector<ReadSource>& files) : files_(files) {}

  std::string_view Path(FileIndex file) const override { return files_[file].path; }

 private:
  const std::vector<ReadSource>& files_;
};

// Computes the hashes that one result file does not give; reads each source it needs once.
class MissingHashes {
 public:
  MissingHashes(const InputFile& input, const SourceProvider& provider,
                const std::vector<NamedSource>& named, const std::vector<ReadSource>& files)
      : input_(input), provider_(provider), named_(named), files_(files) {}

  void Compute(Report& report, const HashBasis& basis) {
    const FileIndex file = report.location.file;
    // Fingerprints need no source.
    const std::string_view line =
        basis.partial_fingerprints.empty() ? LinesOf(file).Line(report.location.line) : "";
    report.report_hash = ComputeReportHash(report, files_[file].path, basis, line);
  }

 private:
  const SourceLines& LinesOf(FileIndex file) {
    const auto found = lines_.find(file);
    if (found != lines_.end()) return found->second;
    const NamedSource& named = named_[file];
    std::string content =
        named.content ? *named.content
                      : provider_.Read(named.path, input_.directory).value_or(std::string());
    return lines_.try_emplace(file, std::move(content)).first->second;
  }

  const InputFile& input_;
  const SourceProvider& provider_;
  const std::vector<NamedSource>& named_;
  const std::vector<ReadSource>& files_;
  std::map<FileIndex, SourceLines> lines_;
};

absl::StatusOr<ResultFile> Parse(std::string bytes, const InputFile& input, const Limits& limits,
                                 const std::stop_token& stop, ReportFilter* filter) {
  switch (input.format) {
    case InputFile::Format::kPlist:
      return ReadPlist(std::move(bytes), input.name, input.directory, limits, stop, filter);
    case InputFile::Format::kSarif:
      return ReadSarif(std::move(bytes), input.name, limits, stop);
  }
  return absl::InternalError(input.name + ": of no known format");
}

}  // namespace

absl::StatusOr<ResultFile> ReadResultFile(const InputFile& input, const Limits& limits,
                                          const std::stop_token& stop, uint64_t* size,
                                          ReportFilter* filter) {
  absl::StatusOr<std::string> packed = ReadFile(input.path, limits.max_result_file_bytes);
  if (!packed.ok()) {
    return input.path == input.name ? packed.status() : Annotate(packed.status(), input.name);
  }
  STORED_ASSIGN_OR_RETURN(std::string bytes,
                          DecompressIfNeeded(*std::move(packed), input.name, limits));
  if (size != nullptr) *size = bytes.size();
  return Parse(std::move(bytes), input, limits, stop, filter);
}

// Wants of a result file's reports those that were neither merged nor wanted before. A report of
// the headers comes with every file that includes them: three of four, as a rule, end here.
class InputReader::NotMergedYet final : public ReportFilter {
 public:
  NotMergedYet(const InputReader& reader, const InputFile& input)
      : reader_(reader), input_(input), paths_(files_) {}

  bool Wants(const Report& report, const std::vector<NamedSource>& files) override {
    LookAt(files);
    // Without its hash its identity is not known; and what is skipped is counted.
    if (report.report_hash.empty() || Skips(report)) {
      identities_.emplace_back();
      return true;
    }
    const ReportIdentity identity = IdentityOf(report, paths_);
    if (reader_.merged_.Contains(identity) || !wanted_.insert(identity).second) return false;
    identities_.emplace_back(identity);
    return true;
  }

  // The files of the result, all of them; once, whoever is first.
  void LookAt(const std::vector<NamedSource>& files) {
    if (files_.size() == files.size()) return;
    files_ = reader_.TrimPaths(files);
    skipped_ = reader_.FindSkipped(input_, files);
  }
  bool Skips(const Report& report) const {
    return !skipped_.empty() && skipped_[report.location.file];
  }
  // Of report `index` of what it wanted; nothing where it is not known, or it was not asked.
  std::optional<ReportIdentity> IdentityAt(size_t index) const {
    return index < identities_.size() ? identities_[index] : std::nullopt;
  }
  // When nothing more will be asked.
  std::vector<ReadSource> TakeFiles() { return std::move(files_); }

 private:
  const InputReader& reader_;
  const InputFile& input_;
  std::vector<ReadSource> files_;
  std::vector<bool> skipped_;
  const TrimmedPaths paths_;
  absl::flat_hash_set<ReportIdentity> wanted_;
  std::vector<std::optional<ReportIdentity>> identities_;
};

InputReader::InputReader(const Inputs& inputs, const Limits& limits, const PathTrimmer& trimmer,
                         SourceTable& sources, const MergedIdentities& merged)
    : inputs_(inputs),
      limits_(limits),
      trimmer_(trimmer),
      sources_(sources),
      merged_(merged),
      checker_analyzers_(inputs.checker_analyzers.begin(), inputs.checker_analyzers.end()) {}

ReadInput InputReader::Read(size_t index, const std::stop_token& stop) const {
  const InputFile& input = inputs_.files[index];
  ReadInput out;
  try {
    NotMergedYet filter(*this, input);
    absl::StatusOr<ResultFile> result = ReadResultFile(input, limits_, stop, &out.weight, &filter);
    if (result.ok()) {
      Prepare(input, *std::move(result), filter, stop, out);
    } else {
      out.status = result.status();
    }
  } catch (const std::bad_alloc&) {
    // This runs on threads of its own, where nobody else could catch it.
    out = ReadInput();
    out.status = absl::ResourceExhaustedError(
        fmt::format("{}: there is not enough memory to read it", input.name));
  }
  return out;
}

void InputReader::Prepare(const InputFile& input, ResultFile result, NotMergedYet& filter,
                          const std::stop_token& stop, ReadInput& out) const {
  out.diagnostics = result.reports.size() + result.unwanted;
  filter.LookAt(result.files);
  out.files = filter.TakeFiles();
  const TrimmedPaths paths(out.files);
  MissingHashes hashes(input, *inputs_.sources, result.files, out.files);
  absl::flat_hash_set<ReportIdentity> seen;
  out.reports.reserve(result.reports.size());
  out.identities.reserve(result.reports.size());
  for (size_t i = 0; i < result.reports.size(); ++i) {
    if (stop.stop_requested()) {
      out.status = absl::CancelledError("cancelled");
      return;
    }
    Report& report = result.reports[i];
    if (filter.Skips(report)) {
      ++out.skipped_diagnostics;
      continue;
    }
    if (report.report_hash.empty()) hashes.Compute(report, result.hash_bases[i]);
    const std::optional<ReportIdentity> known = filter.IdentityAt(i);
    const ReportIdentity identity = known ? *known : IdentityOf(report, paths);
    if (!seen.insert(identity).second) continue;
    const auto analyzer = checker_analyzers_.find(report.checker_name);
    if (analyzer != checker_analyzers_.end()) report.analyzer_name = analyzer->second;
    out.reports.push_back(std::move(report));
    out.identities.push_back(identity);
  }
  LoadSources(input, result, out);
  out.analyses = std::move(result.analyses);
  out.warnings = std::move(result.warnings);
}

// Whether the reports in each file are to be left out; empty when there is no skip file.
std::vector<bool> InputReader::FindSkipped(const InputFile& input,
                                           const std::vector<NamedSource>& files) const {
  std::vector<bool> skipped;
  if (input.skip_file < 0) return skipped;
  const SkipFile& skip_file = inputs_.skip_files[static_cast<size_t>(input.skip_file)];
  skipped.reserve(files.size());
  for (const NamedSource& file : files) skipped.push_back(skip_file.ShouldSkip(file.path));
  return skipped;
}

std::vector<ReadSource> InputReader::TrimPaths(const std::vector<NamedSource>& files) const {
  std::vector<ReadSource> trimmed(files.size());
  for (size_t i = 0; i < files.size(); ++i) trimmed[i].path = trimmer_.Trim(files[i].path);
  return trimmed;
}

void InputReader::LoadSources(const InputFile& input, const ResultFile& result,
                              ReadInput& out) const {
  std::vector<bool> used(out.files.size());
  for (Report& report : out.reports) {
    ForEachFileIndex(report, [&used](FileIndex file) { used[file] = true; });
  }
  for (size_t i = 0; i < out.files.size(); ++i) {
    if (!used[i]) continue;
    const NamedSource& named = result.files[i];
    ReadSource& file = out.files[i];
    file.embedded = named.content.has_value();
    if (file.embedded) {
      file.digest = Sha256::Of(*named.content);
    } else {
      file.source = &sources_.Find(named.path, input.directory);
      file.source->Load(*inputs_.sources);
    }
  }
}

}  // namespace stored::reports
