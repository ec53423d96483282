#include "reports/collect/input_reader.h"

#include <fmt/format.h>
#include <xxhash.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <new>
#include <optional>
#include <string_view>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "base/files/file.h"
#include "base/status.h"
#include "reports/collect/reviews/comment_reviewer.h"
#include "reports/collect/sources/offset_places.h"
#include "reports/collect/sources/source_lines.h"
#include "reports/content_digest.h"
#include "reports/inputs/archive.h"
#include "reports/plist/plist_reader.h"
#include "reports/report_files.h"
#include "reports/sarif/sarif_reader.h"

namespace stored::reports {
namespace {

// The limit on ReadSource::rules of all files of one result file.
constexpr size_t kMaxNotedRules = 4'000'000;

class TrimmedPaths final : public FilePaths {
 public:
  explicit TrimmedPaths(const std::vector<std::string>& paths) : paths_(paths) {}

  std::string_view Path(FileIndex file) const override { return paths_[file]; }

 private:
  const std::vector<std::string>& paths_;
};

// Returns the second path by which a source in an archive may be found. Empty for other inputs,
// where an unrelated file may have that path.
std::string_view BelowBase(const NamedSource& named, const InputFile& input) {
  return input.unpacked_directory.empty() ? std::string_view() : named.below_base;
}

// Returns the text of a file that `input` names; empty if there is none.
std::string ReadText(const SourceProvider& provider, const NamedSource& named,
                     const InputFile& input) {
  if (named.content) return *named.content;
  if (IsNoFile(named.path)) return "";
  return ReadSourceText(provider, named.path, input.source_directory(), BelowBase(named, input))
      .value_or(SourceText())
      .text;
}

// Computes the report hashes that one result file does not give. Reads each source it needs once.
class MissingHashes {
 public:
  // `named` are the files and `trimmed` their paths as stored. Both may grow afterwards.
  MissingHashes(const InputFile& input, const SourceProvider& provider,
                const std::vector<NamedSource>& named, const FilePaths& trimmed)
      : input_(input), provider_(provider), named_(named), trimmed_(trimmed) {}

  // Sets the report's hash. Returns ReportVariant::bug: 0 if the hash is made of the tool's partial
  // fingerprints.
  uint64_t Compute(Report& report, const HashBasis& basis, uint64_t context) {
    const FileIndex file = report.location.file;
    const std::string_view path = trimmed_.Path(file);
    if (!basis.partial_fingerprints.empty()) {
      report.report_hash = ComputeReportHash(report, path, basis, "");
      return 0;
    }
    const std::string_view line = LinesOf(file).Line(report.location.line);
    report.report_hash = ComputeReportHash(report, path, basis, line);
    const std::string_view text = line.empty() ? basis.snippet : line;
    const uint64_t place[2] = {report.location.column, context};
    return XXH3_64bits_withSeed(place, sizeof(place), XXH3_64bits(text.data(), text.size()));
  }

 private:
  const SourceLines& LinesOf(FileIndex file) {
    const auto found = lines_.find(file);
    if (found != lines_.end()) return found->second;
    return lines_.try_emplace(file, ReadText(provider_, named_[file], input_)).first->second;
  }

  const InputFile& input_;
  const SourceProvider& provider_;
  const std::vector<NamedSource>& named_;
  const FilePaths& trimmed_;
  std::map<FileIndex, SourceLines> lines_;
};

absl::StatusOr<ResultFile> Parse(std::string bytes, const InputFile& input, const Limits& limits,
                                 const Cancellation& stop, const ReadOptions& options) {
  switch (input.format) {
    case InputFile::Format::kPlist:
      return ReadPlist(bytes, input.name, input.directory, limits, stop, options.filter);
    case InputFile::Format::kSarif:
      return ReadSarif(std::move(bytes), input.name, limits, stop, options.parts);
  }
  return absl::InternalError(input.name + ": its format is not known");
}

}  // namespace

absl::StatusOr<ResultFile> ReadResultFile(const InputFile& input, const Limits& limits,
                                          const Cancellation& stop, const ReadOptions& options) {
  absl::StatusOr<std::string> packed = ReadFile(input.path, limits.max_result_file_bytes);
  if (!packed.ok()) {
    return input.path == input.name ? packed.status() : Annotate(packed.status(), input.name);
  }
  STORED_ASSIGN_OR_RETURN(std::string bytes,
                          DecompressIfNeeded(*std::move(packed), input.name, limits));
  if (options.size != nullptr) *options.size = bytes.size();
  return Parse(std::move(bytes), input, limits, stop, options);
}

// Reads one result file. Holds the state that is carried from part to part.
class InputReader::FileReading final : public DiagnosticFilter, public ResultParts {
 public:
  FileReading(const InputReader& reader, const InputFile& input, const Cancellation& stop,
              const HandOn& hand_on)
      : reader_(reader),
        input_(input),
        stop_(stop),
        hand_on_(hand_on),
        modified_ns_(input.has_time ? ModifiedNs(input.path) : 0),
        trimmed_(paths_),
        hashes_(input, *reader.inputs_.sources, named_, trimmed_),
        offset_places_([this](FileIndex file) {
          return ReadText(*reader_.inputs_.sources, named_[file], input_);
        }),
        rules_(RulesFor(input, reader.inputs_)) {}

  // Returns the last part.
  ReadInput Read() {
    absl::StatusOr<ResultFile> result = ReadResultFile(
        input_, reader_.limits_, stop_,
        {.size = &bytes_left_, .filter = this, .parts = hand_on_ == nullptr ? nullptr : this});
    ReadInput last;
    last.weight = bytes_left_;
    last.modified_ns = modified_ns_;
    last.status = result.ok() ? Prepare(*std::move(result), last) : result.status();
    return last;
  }

  // Returns false for a report that was merged or wanted before. Reports in headers come with every
  // file that includes them, so that usually three of four reports are dropped here.
  bool Wants(const Report& report, const std::vector<NamedSource>& files) override {
    LookAt(files);
    // The identity of a report without a hash is not known yet, and skipped reports must be
    // counted.
    if (report.report_hash.empty() || Skips(report)) {
      identities_.emplace_back();
      return true;
    }
    const ReportIdentity identity = IdentityOf(report, trimmed_);
    if (reader_.merged_.Contains(identity) || !wanted_.insert(identity).second) return false;
    identities_.emplace_back(identity);
    return true;
  }

  absl::Status Take(ResultFile part, size_t bytes) override {
    ReadInput out;
    out.weight = bytes;
    out.modified_ns = modified_ns_;
    // Text that is not UTF-8 is converted and gets longer, so `bytes` may exceed what is left.
    bytes_left_ -= std::min<uint64_t>(bytes, bytes_left_);
    STORED_RETURN_IF_ERROR(Prepare(std::move(part), out));
    return hand_on_(std::move(out)) ? absl::OkStatus() : absl::CancelledError("cancelled");
  }

 private:
  absl::Status Prepare(ResultFile part, ReadInput& out) {
    LookAt(part.files);
    std::move(part.files.begin(), part.files.end(), std::back_inserter(named_));
    out.diagnostics = part.reports.size() + part.unwanted;
    out.identities.reserve(part.reports.size());
    size_t kept = 0;
    auto place = part.offset_places.begin();
    for (size_t i = 0; i < part.reports.size(); ++i) {
      if (stop_.Requested()) return absl::CancelledError("cancelled");
      Report& report = part.reports[i];
      if (Skips(report)) {
        ++out.skipped_diagnostics;
        continue;
      }
      for (; place != part.offset_places.end() && place->report <= i; ++place) {
        if (place->report == i) offset_places_.Put(*place, report);
      }
      ReportVariant variant;
      if (part.context_tells_apart) variant.context = digester_.ContextDigestOf(report);
      if (report.report_hash.empty()) {
        variant.bug = hashes_.Compute(report, part.hash_bases[i], variant.context);
      }
      AddVariant(variant, out);
      const std::optional<ReportIdentity> known = IdentityAt(i);
      out.identities.push_back(known ? *known : IdentityOf(report, trimmed_));
      SetAnalyzer(report);
      report.content_digest = digester_.DigestOf(report);
      AddSources(report, out);
      if (kept < i) part.reports[kept] = std::move(report);
      ++kept;
    }
    part.reports.resize(kept);
    out.reports = std::move(part.reports);
    // Reviewed as late as possible, so that other threads have read the sources that Review() waits
    // for.
    STORED_RETURN_IF_ERROR(Review(out));
    identities_.clear();
    out.analyses = std::move(part.analyses);
    out.warnings = std::move(part.warnings);
    return absl::OkStatus();
  }

  // Adds the variant of the report whose identity will be added next.
  static void AddVariant(const ReportVariant& variant, ReadInput& out) {
    const bool needed = variant.bug != 0 || variant.context != 0;
    if (needed) out.variants.resize(out.identities.size());
    if (needed || !out.variants.empty()) out.variants.push_back(variant);
  }

  static const ReviewRules* RulesFor(const InputFile& input, const Inputs& inputs) {
    return input.review_rules < 0 ? nullptr
                                  : &inputs.review_rules[static_cast<size_t>(input.review_rules)];
  }

  absl::Status Review(ReadInput& out) {
    if (noted_rules_ > kMaxNotedRules) {
      return absl::ResourceExhaustedError(
          fmt::format("{}: too many rules of its review_status.yaml are for too many of its files: "
                      "more than {}",
                      input_.name, kMaxNotedRules));
    }
    for (Report& report : out.reports) {
      if (stop_.Requested()) return absl::CancelledError("cancelled");
      STORED_ASSIGN_OR_RETURN(
          const bool decided,
          reviewer_.Review(report, paths_[report.location.file], out.comment_warnings));
      if (rules_ != nullptr) out.reviewed.push_back(decided);
    }
    return absl::OkStatus();
  }

  // Notes which rules the file's path passes. Which of them apply to a report depends on its hash,
  // which may change when it is merged.
  void NoteRules(ReadSource& file) {
    if (rules_ == nullptr || noted_rules_ > kMaxNotedRules) return;
    file.rules = rules_->OfPath(named_[file.index].path, stop_);
    noted_rules_ += file.rules.size();
  }

  // Trims the paths of `files`, all files of the part that is being read, and looks them up in the
  // skip file. Does nothing for files that it was called with before.
  void LookAt(const std::vector<NamedSource>& files) {
    for (size_t i = paths_.size() - named_.size(); i < files.size(); ++i) {
      const std::string& path = files[i].path;
      paths_.push_back(reader_.trimmer_.Trim(path));
      digester_.AddFile(paths_.back());
      if (input_.skip_file < 0) continue;
      const auto skip_file = static_cast<size_t>(input_.skip_file);
      // Skip files have patterns for paths, so findings in no file are never skipped.
      skipped_.push_back(!path.empty() && reader_.inputs_.skip_files[skip_file].ShouldSkip(path));
    }
  }

  // Sets the analyzer from metadata.json, which takes precedence over the result file.
  void SetAnalyzer(Report& report) const {
    if (input_.checker_analyzers < 0) return;
    const auto& analyzers =
        reader_.checker_analyzers_[static_cast<size_t>(input_.checker_analyzers)];
    const auto analyzer = analyzers.find(report.checker_name);
    if (analyzer != analyzers.end()) report.analyzer_name = analyzer->second;
  }
  bool Skips(const Report& report) const {
    return !skipped_.empty() && skipped_[report.location.file];
  }
  // Returns the identity of report `index` of the part; nullopt if it is not known, or Wants() was
  // not called.
  std::optional<ReportIdentity> IdentityAt(size_t index) const {
    return index < identities_.size() ? identities_[index] : std::nullopt;
  }

  // Adds to `out` the files that `report` is the first to name, and reads them.
  void AddSources(Report& report, ReadInput& out) {
    used_.resize(named_.size());
    ForEachFileIndex(report, [&](FileIndex file) {
      if (used_[file]) return;
      used_[file] = true;
      out.files.push_back(Load(file));
    });
  }

  ReadSource Load(FileIndex index) {
    const NamedSource& named = named_[index];
    ReadSource file{.index = index, .path = paths_[index]};
    file.embedded = named.content.has_value();
    if (file.embedded) {
      file.digest = Sha256::Of(*named.content);
      reviewer_.AddEmbedded(index, *named.content, reader_.sources_.comment_budget());
    } else if (!IsNoFile(named.path)) {
      file.source =
          &reader_.sources_.Find(named.path, input_.source_directory(), BelowBase(named, input_));
      file.source->Load(*reader_.inputs_.sources);
      reviewer_.AddSource(index, *file.source);
    }
    NoteRules(file);
    return file;
  }

  const InputReader& reader_;
  const InputFile& input_;
  const Cancellation& stop_;
  const HandOn& hand_on_;
  const int64_t modified_ns_;
  // Uncompressed bytes that no part has covered yet.
  uint64_t bytes_left_ = 0;

  // The files of the parts that have been read, and their trimmed paths. `paths_` may also have
  // those of the part that is being read.
  std::vector<NamedSource> named_;
  std::vector<std::string> paths_;
  const TrimmedPaths trimmed_;
  ContentDigester digester_;
  // For each file, whether its reports are skipped; empty if there is no skip file.
  std::vector<bool> skipped_;
  // For each file, whether a report names it.
  std::vector<bool> used_;

  MissingHashes hashes_;
  OffsetPlaces offset_places_;
  CommentReviewer reviewer_;
  // Null if there are none.
  const ReviewRules* const rules_;
  // The number of ReadSource::rules of all files so far.
  size_t noted_rules_ = 0;
  absl::flat_hash_set<ReportIdentity> wanted_;
  // The identities of the reports that were wanted since the last part.
  std::vector<std::optional<ReportIdentity>> identities_;
};

InputReader::InputReader(const Inputs& inputs, const Limits& limits, const PathTrimmer& trimmer,
                         SourceTable& sources, const MergedIdentities& merged)
    : inputs_(inputs), limits_(limits), trimmer_(trimmer), sources_(sources), merged_(merged) {
  for (const CheckerAnalyzers& checkers : inputs.checker_analyzers) {
    checker_analyzers_.emplace_back(checkers.begin(), checkers.end());
  }
}

ReadInput InputReader::Read(size_t index, const Cancellation& stop, const HandOn& hand_on) const {
  const InputFile& input = inputs_.files[index];
  try {
    return FileReading(*this, input, stop, hand_on).Read();
  } catch (const std::bad_alloc&) {
    // On a thread of OrderedWork, where an exception would terminate the process.
    ReadInput out;
    out.status = absl::ResourceExhaustedError(
        fmt::format("{}: there is not enough memory to read it", input.name));
    return out;
  }
}

}  // namespace stored::reports
