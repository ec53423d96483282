#include "reports/plist/plist_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <string_view>
#include <utility>

#include "absl/strings/ascii.h"
#include "base/status.h"
#include "reports/inputs/few_warnings.h"
#include "reports/inputs/path_trimmer.h"
#include "reports/plist/diagnostic.h"
#include "reports/plist/document.h"
#include "reports/validate.h"

namespace stored::reports {
namespace {

// The entries of the outermost <dict> that are needed.
struct TopLevel {
  PlistNode files;
  PlistNode diagnostics;
  PlistNode metadata;
  PlistNode clang_version;
};

// Returns the analyzer that clang_version names: clang ("Debian clang version 14.0.6", "Apple LLVM
// version 10.0.0"), or a program that imitates clang's plists ("cppcheck version 2.10"). Returns ""
// if it names neither.
std::string AnalyzerOfVersion(std::string version) {
  absl::AsciiStrToLower(&version);
  if (version.find("cppcheck") != std::string::npos) return "cppcheck";
  const bool is_clang =
      version.find("clang") != std::string::npos || version.find("llvm") != std::string::npos;
  return is_clang ? "clangsa" : "";
}

// Returns true if the generator is a program of CodeChecker, which writes plists for any analyzer.
bool IsConverter(std::string_view generator) {
  return generator == "codechecker" || generator == "report-converter";
}

// Reads one plist; holds the state that all steps need.
class PlistReader {
 public:
  PlistReader(const std::string& name, const std::string& directory, const Limits& limits,
              const Cancellation& stop, DiagnosticFilter* filter)
      : name_(name),
        directory_(directory),
        limits_(limits),
        stop_(stop),
        filter_(filter),
        odd_(name) {}

  absl::StatusOr<ResultFile> Read(const std::string& bytes) {
    STORED_ASSIGN_OR_RETURN(const PlistDocument plist, PlistDocument::Parse(bytes, name_));
    STORED_ASSIGN_OR_RETURN(const TopLevel top, FindTopLevel(plist.dictionary()));
    STORED_RETURN_IF_ERROR(ReadFiles(top.files));
    ReadAnalyzer(top);
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
      if (key == "clang_version") top.clang_version = value;
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
      // clang uses an empty path for a place that is in no file.
      std::string resolved = path.empty() ? "" : Resolve(path);
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
    PlistDiagnosticReader reader(result_.files.size(), odd_);
    Report identifying;
    for (const PlistNode diagnostic : diagnostics.children()) {
      if (stop_.Requested()) return absl::CancelledError("cancelled");
      // Diagnostics that the filter wants are then read twice, so this pays only if most are
      // unwanted.
      const bool ask_first = filter_ != nullptr && result_.unwanted > result_.reports.size();
      if (ask_first) {
        if (!reader.ReadIdentifying(diagnostic, identifying)) {
          return InvalidDiagnostic(reader.failure());
        }
        AddNoFile(reader);
        if (!filter_->Wants(identifying, result_.files)) {
          NoteDiagnostic(identifying);
          ++result_.unwanted;
          continue;
        }
      }
      Report& report = result_.reports.emplace_back();
      if (!reader.Read(diagnostic, diagnostics_, report)) {
        return InvalidDiagnostic(reader.failure());
      }
      AddNoFile(reader);
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

  // Adds the file without a path as soon as a report has a location without a file.
  void AddNoFile(const PlistDiagnosticReader& reader) {
    if (!reader.names_no_file() || has_no_file_) return;
    has_no_file_ = true;
    result_.files.emplace_back();
  }

  // Returns the report's analyzer. CodeChecker's metadata name it. clang itself only writes its
  // version, and clang-tidy turns clang's own warnings into checkers.
  const std::string& AnalyzerOf(const Report& report) const {
    static const std::string kClangTidy = "clang-tidy";
    if (!analyzer_.empty()) return analyzer_;
    return report.checker_name.starts_with("clang-diagnostic-") ? kClangTidy : by_version_;
  }

  void ReadAnalyzer(const TopLevel& top) {
    analyzer_ = NameIn(top.metadata, "analyzer");
    if (analyzer_.empty()) {
      analyzer_ = NameIn(top.metadata, "generated_by");
      if (IsConverter(analyzer_)) analyzer_.clear();
    }
    std::string version;
    top.clang_version.ReadText(version);
    by_version_ = AnalyzerOfVersion(std::move(version));
    if (by_version_ == "cppcheck" && analyzer_.empty()) analyzer_ = by_version_;
  }

  // Returns the name that `metadata` has under `part`.
  static std::string NameIn(PlistNode metadata, std::string_view part) {
    std::string name;
    metadata.FindValue(part).FindValue("name").ReadText(name);
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
    for (std::string& warning : odd_.Take()) result_.warnings.push_back(std::move(warning));
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
  const Cancellation& stop_;
  DiagnosticFilter* const filter_;
  // The analyzer, if the plist names it.
  std::string analyzer_;
  // The analyzer that clang_version names, for plists without an analyzer's name.
  std::string by_version_;
  // True if the file without a path, for locations without a file, has been added.
  bool has_no_file_ = false;
  FewWarnings odd_;
  // Counts of the diagnostics read so far.
  size_t diagnostics_ = 0;
  size_t unknown_checkers_ = 0;
  ResultFile result_;
};

}  // namespace

absl::StatusOr<ResultFile> ReadPlist(const std::string& bytes, const std::string& name,
                                     const std::string& directory, const Limits& limits,
                                     const Cancellation& stop, DiagnosticFilter* filter) {
  return PlistReader(name, directory, limits, stop, filter).Read(bytes);
}

}  // namespace stored::reports
