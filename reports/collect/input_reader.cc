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

// Places of review rules beside the files of one result file.
constexpr size_t kMaxNotedRules = 4'000'000;

class TrimmedPaths final : public FilePaths {
 public:
  explicit TrimmedPaths(const std::vector<std::string>& paths) : paths_(paths) {}

  std::string_view Path(FileIndex file) const override { return paths_[file]; }

 private:
  const std::vector<std::string>& paths_;
};

// Returns the second path by which a source in an archive may be found. Outside of archives there
// is none: another file of that name may lie there.
std::string_view BelowBase(const NamedSource& named, const InputFile& input) {
  return input.unpacked_directory.empty() ? std::string_view() : named.below_base;
}

// The text of a file that `input` names; empty where there is none.
std::string ReadText(const SourceProvider& provider, const NamedSource& named,
                     const InputFile& input) {
  if (named.content) return *named.content;
  if (IsNoFile(named.path)) return "";
  return ReadSourceText(provider, named.path, input.source_directory(), BelowBase(named, input))
      .value_or(SourceText())
      .text;
}

// Computes the hashes that one result file does not give; reads each source it needs once.
class MissingHashes {
 public:
  // `named` are the files, `trimmed` their paths as stored. Both may grow.
  MissingHashes(const InputFile& input, const SourceProvider& provider,
                const std::vector<NamedSource>& named, const FilePaths& trimmed)
      : input_(input), provider_(provider), named_(named), trimmed_(trimmed) {}

  // Sets the report's hash. Returns what tells its bug from others that have the same one: 0 where
  // that is the tool's word.
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
  return absl::InternalError(input.name + ": of no known format");
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

// The reading of one result file: what is known of its files and reports from part to part.
class InputReader::Reading final : public DiagnosticFilter, public ResultParts {
 public:
  Reading(const InputReader& reader, const InputFile& input, const Cancellation& stop,
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

  // The last part.
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

  // Wants of a result file's reports those that were neither merged nor wanted before. A report of
  // the headers comes with every file that includes them: three of four, as a rule, end here.
  bool Wants(const Report& report, const std::vector<NamedSource>& files) override {
    LookAt(files);
    // Without its hash its identity is not known; and what is skipped is counted.
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
    // A text that was not UTF-8 is longer while it is read.
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
    // As late as possible, so that other threads have read the sources that this one waits for.
    STORED_RETURN_IF_ERROR(Review(out));
    identities_.clear();
    out.analyses = std::move(part.analyses);
    out.warnings = std::move(part.warnings);
    return absl::OkStatus();
  }

  // For the report whose identity comes next.
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

  // Which rules a report holds for depends on its hash, which may change when it is merged.
  void NoteRules(ReadSource& file) {
    if (rules_ == nullptr || noted_rules_ > kMaxNotedRules) return;
    file.rules = rules_->OfPath(named_[file.index].path, stop_);
    noted_rules_ += file.rules.size();
  }

  // `files` are those of the part that is being read, all of them; once, whoever is first.
  void LookAt(const std::vector<NamedSource>& files) {
    for (size_t i = paths_.size() - named_.size(); i < files.size(); ++i) {
      const std::string& path = files[i].path;
      paths_.push_back(reader_.trimmer_.Trim(path));
      digester_.AddFile(paths_.back());
      if (input_.skip_file < 0) continue;
      const auto skip_file = static_cast<size_t>(input_.skip_file);
      // A skip file is about files: what is in none is never left out.
      skipped_.push_back(!path.empty() && reader_.inputs_.skip_files[skip_file].ShouldSkip(path));
    }
  }
  // metadata.json knows better than the result file which analyzer a checker belongs to.
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
  // Of report `index` of the part; nothing where it is not known, or Wants was not asked.
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
  // Uncompressed bytes of no part yet.
  uint64_t bytes_left_ = 0;

  // Of the parts that have been read, and beside them their trimmed paths. Those of the part that
  // is being read may be known before.
  std::vector<NamedSource> named_;
  std::vector<std::string> paths_;
  const TrimmedPaths trimmed_;
  ContentDigester digester_;
  // Whether the reports in each are to be left out; empty when there is no skip file.
  std::vector<bool> skipped_;
  // Whether a report names it.
  std::vector<bool> used_;

  MissingHashes hashes_;
  OffsetPlaces offset_places_;
  CommentReviewer reviewer_;
  // Null when there are none.
  const ReviewRules* const rules_;
  // How many places of rules have been noted.
  size_t noted_rules_ = 0;
  absl::flat_hash_set<ReportIdentity> wanted_;
  // Of what was wanted since the last part.
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
    return Reading(*this, input, stop, hand_on).Read();
  } catch (const std::bad_alloc&) {
    // This runs on threads of its own, where nobody else could catch it.
    ReadInput out;
    out.status = absl::ResourceExhaustedError(
        fmt::format("{}: there is not enough memory to read it", input.name));
    return out;
  }
}

}  // namespace stored::reports
