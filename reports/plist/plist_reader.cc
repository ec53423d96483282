#include "reports/plist/plist_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <string_view>
#include <utility>

#include "base/status.h"
#include "reports/inputs/path_trimmer.h"
#include "reports/plist/diagnostic.h"
#include "reports/plist/document.h"
#include "reports/validate.h"

namespace stored::reports {
namespace {

// The entries of the outermost <dict> that matter.
struct TopLevel {
  PlistNode files;
  PlistNode diagnostics;
  PlistNode metadata;
  bool has_clang_version = false;
};

// Reads one plist; holds what every step needs.
class PlistReader {
 public:
  PlistReader(const std::string& name, const std::string& directory, const Limits& limits,
              const std::stop_token& stop, ReportFilter* filter)
      : name_(name), directory_(directory), limits_(limits), stop_(stop), filter_(filter) {}

  absl::StatusOr<ResultFile> Read(const std::string& bytes) {
    STORED_ASSIGN_OR_RETURN(const PlistDocument plist, PlistDocument::Parse(bytes, name_));
    STORED_ASSIGN_OR_RETURN(const TopLevel top, FindTopLevel(plist.dictionary()));
    STORED_RETURN_IF_ERROR(ReadFiles(top.files));
    analyzer_ = AnalyzerIn(top.metadata);
    from_clang_ = top.has_clang_version;
    STORED_RETURN_IF_ERROR(ReadDiagnostics(top.diagnostics));
    NoteMissing();
    return std::move(result_);
  }

 private:
  absl::StatusOr<TopLevel> FindTopLevel(PlistNode dictionary) const {
    TopLevel top;
    bool malformed = false;
    dictionary.ForEachEntry(malformed, [&](std::string_view key, PlistNode value) {
      if (key == "files") top.files = value;
      if (key == "diagnostics") top.diagnostics = value;
      if (key == "metadata") top.metadata = value;
      if (key == "clang_version") top.has_clang_version = true;
      return true;
    });
    if (malformed) return Invalid("keys and values of the outermost <dict> do not alternate");
    if (!top.diagnostics.IsArray()) {
      return Invalid("not an analyzer's plist: it has no array 'diagnostics'");
    }
    if (top.files && !top.files.IsArray()) return Invalid("files: an <array> was expected");
    return top;
  }

  absl::Status ReadFiles(PlistNode files) {
    size_t index = 0;
    std::string path;
    for (const PlistNode file : files.children()) {
      file.ReadText(path);
      if (path.empty()) return Invalid(fmt::format("files[{}]: an empty path", index));
      std::string resolved = Resolve(path);
      if (resolved.size() > limits_.max_path_bytes) {
        return absl::ResourceExhaustedError(
            fmt::format("{}: files[{}]: the path is {} bytes long; the limit is {}", name_, index,
                        resolved.size(), limits_.max_path_bytes));
      }
      result_.files.push_back({.path = std::move(resolved), .content = {}});
      ++index;
    }
    return absl::OkStatus();
  }

  std::string Resolve(const std::string& path) const {
    if (path.front() == '/' || directory_.empty()) return NormalizePath(path);
    return NormalizePath(fmt::format("{}/{}", directory_, path));
  }

  absl::Status ReadDiagnostics(PlistNode diagnostics) {
    PlistDiagnosticReader reader(result_.files.size());
    Report identifying;
    for (const PlistNode diagnostic : diagnostics.children()) {
      if (stop_.stop_requested()) return absl::CancelledError("cancelled");
      // What is wanted in the end is read twice then, so it has to be the smaller part.
      const bool ask_first = filter_ != nullptr && result_.unwanted > result_.reports.size();
      if (ask_first) {
        if (!reader.ReadIdentifying(diagnostic, identifying)) {
          return InvalidDiagnostic(reader.failure());
        }
        if (!filter_->Wants(identifying, result_.files)) {
          NoteDiagnostic(identifying);
          ++result_.unwanted;
          continue;
        }
      }
      Report& report = result_.reports.emplace_back();
      if (!reader.Read(diagnostic, report)) return InvalidDiagnostic(reader.failure());
      report.analyzer_name = AnalyzerOf(report);
      absl::Status valid = ValidateReport(report, result_.files.size(), false, limits_);
      if (!valid.ok()) {
        return Annotate(valid, fmt::format("{}: diagnostics[{}]", name_, diagnostics_));
      }
      NoteDiagnostic(report);
      if (filter_ != nullptr && !ask_first && !filter_->Wants(report, result_.files)) {
        result_.reports.pop_back();
        ++result_.unwanted;
      }
    }
    return absl::OkStatus();
  }

  void NoteDiagnostic(const Report& report) {
    ++diagnostics_;
    if (report.checker_name == kUnknownChecker) ++unknown_checkers_;
  }

  // CodeChecker writes into metadata who analysed. clang itself states only its version; of its own
  // warnings, clang-tidy makes checkers.
  std::string AnalyzerOf(const Report& report) const {
    if (!analyzer_.empty()) return analyzer_;
    if (report.checker_name.starts_with("clang-diagnostic-")) return "clang-tidy";
    return from_clang_ ? "clangsa" : "";
  }

  static std::string AnalyzerIn(PlistNode metadata) {
    std::string name;
    bool malformed = false;
    metadata.ForEachEntry(malformed, [&](std::string_view key, PlistNode analyzer) {
      if (key != "analyzer" || !analyzer.IsDictionary()) return true;
      return analyzer.ForEachEntry(malformed, [&](std::string_view field, PlistNode value) {
        if (field == "name") value.ReadText(name);
        return true;
      });
    });
    return name;
  }

  void NoteMissing() {
    const auto no_hash = [](const Report& report) { return report.report_hash.empty(); };
    if (std::any_of(result_.reports.begin(), result_.reports.end(), no_hash)) {
      result_.hash_bases.resize(result_.reports.size());
    }
    if (unknown_checkers_ > 0) {
      result_.warnings.push_back(
          fmt::format("{}: {} of {} diagnostics without a check_name; kept as '{}'", name_,
                      unknown_checkers_, diagnostics_, kUnknownChecker));
    }
  }

  absl::Status Invalid(std::string_view what) const {
    return absl::InvalidArgumentError(fmt::format("{}: {}", name_, what));
  }
  absl::Status InvalidDiagnostic(std::string_view what) const {
    return Invalid(fmt::format("diagnostics[{}]: {}", diagnostics_, what));
  }

  const std::string& name_;
  const std::string& directory_;
  const Limits& limits_;
  const std::stop_token& stop_;
  ReportFilter* const filter_;
  // Who analysed, where the plist says so.
  std::string analyzer_;
  bool from_clang_ = false;
  // Read so far.
  size_t diagnostics_ = 0;
  size_t unknown_checkers_ = 0;
  ResultFile result_;
};

}  // namespace

absl::StatusOr<ResultFile> ReadPlist(const std::string& bytes, const std::string& name,
                                     const std::string& directory, const Limits& limits,
                                     const std::stop_token& stop, ReportFilter* filter) {
  return PlistReader(name, directory, limits, stop, filter).Read(bytes);
}

}  // namespace stored::reports
