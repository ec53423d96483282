#include "reports/inputs/inputs.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/strings/cord.h"
#include "base/status.h"
#include "base/text/text.h"
#include "reports/inputs/archive.h"
#include "reports/inputs/archive_sources.h"
#include "reports/inputs/path_trimmer.h"

namespace stored::reports {
namespace {

namespace fs = std::filesystem;

constexpr char kMetadataName[] = "metadata.json";
constexpr char kSkipFileName[] = "skip_file";
constexpr uint64_t kMaxSkipFileBytes = 1 << 20;
constexpr char kReviewRulesName[] = "review_status.yaml";
constexpr uint64_t kMaxReviewRulesBytes = 1 << 20;

bool RemoveSuffix(std::string_view* name, std::string_view suffix) {
  if (!name->ends_with(suffix)) return false;
  name->remove_suffix(suffix.size());
  return true;
}

// Returns the format of a result file with this name, or nothing if the name is not that of one.
std::optional<InputFile::Format> FormatOfName(std::string_view name) {
  if (!RemoveSuffix(&name, ".gz")) RemoveSuffix(&name, ".zst");
  if (name.ends_with(".plist")) return InputFile::Format::kPlist;
  if (name.ends_with(".sarif") || name.ends_with(".sarif.json")) return InputFile::Format::kSarif;
  return std::nullopt;
}

// Returns the same error with the user's name for the file: base/files/file.h uses its real path.
absl::Status Renamed(const absl::Status& status, const std::string& path, const std::string& name) {
  std::string_view message(status.message().data(), status.message().size());
  if (!message.starts_with(path)) return status;
  message.remove_prefix(path.size());
  absl::Status renamed(status.code(), fmt::format("{}{}", name, message));
  // The payloads distinguish system errors from faults of the file.
  status.ForEachPayload(
      [&renamed](auto type, const absl::Cord& payload) { renamed.SetPayload(type, payload); });
  return renamed;
}

// A directory that the walk has yet to visit.
struct Directory {
  std::string path;
  // The prefix of the names in it in messages: "reports/", "reports.zip: sub/".
  std::string label;
  // The files that apply here: those of the nearest directory above that has one.
  int skip_file = -1;
  int review_rules = -1;
  int checker_analyzers = -1;
  // True if the nearest review_status.yaml is malformed.
  bool refused = false;
  bool has_metadata = false;
};

struct Listing {
  // Sorted by name.
  std::vector<std::string> files;
  std::vector<std::string> directories;
};

// Collects Inputs, path by path.
class Finder {
 public:
  explicit Finder(InputOptions options)
      : options_(std::move(options)), roots_(options_.home_directory) {}

  // Adds the directories from which local sources are read for all paths.
  absl::Status AddSourceRoots() {
    for (const std::string& root : options_.source_roots) {
      STORED_RETURN_IF_ERROR(roots_.AddNamed(root));
    }
    roots_.AddImplied(".");
    roots_.AddSystemIncludes();
    return absl::OkStatus();
  }

  absl::Status AddPath(const std::string& path) {
    struct stat info {};
    if (::stat(path.c_str(), &info) != 0) return ErrnoStatus(errno, path);
    if (S_ISDIR(info.st_mode)) {
      return AddTree(path, path, path.ends_with('/') ? path : path + "/", /*archived=*/false);
    }
    if (S_ISREG(info.st_mode)) return AddSingleFile(path);
    return absl::InvalidArgumentError(fmt::format("{}: neither a file nor a directory", path));
  }

  absl::Status AddArchive(const std::string& path, const std::string& name) {
    STORED_ASSIGN_OR_RETURN(TemporaryDirectory unpacked,
                            TemporaryDirectory::Create(options_.temporary_parent, "unpack-"));
    STORED_RETURN_IF_ERROR(
        UnpackArchive(path, name, unpacked.path(), options_.limits, options_.stop));
    const std::string root = unpacked.path();
    inputs_.unpacked.push_back(std::move(unpacked));
    const bool is_upload = IsCodeCheckerUpload(root);
    archives_.push_back(std::make_unique<ArchiveSources>(root, is_upload, options_.limits));
    if (!is_upload) return AddTree(root, name, name + ": ", /*archived=*/true);
    // Only reports/ is walked: sources below root/ may be named like result files.
    return AddTree(root + "/reports", name, name + ": reports/", /*archived=*/true);
  }

  // Returns an error if nothing remains to be read after refusals: an empty store would resolve all
  // reports of the run.
  absl::Status CheckRefusal() const { return inputs_.files.empty() ? refusal_ : absl::OkStatus(); }

  // Returns the inputs, with the sources from archives and, if `local`, those of this machine.
  Inputs Take(bool local) {
    inputs_.sources = ArchivedThenLocalSources(
        std::move(archives_),
        local ? LocalSources(std::move(roots_), options_.limits) : NoSources());
    return std::move(inputs_);
  }

 private:
  // The files that accompany the result files of a directory.
  struct Companions {
    int skip_file = -1;
    int review_rules = -1;
    int checker_analyzers = -1;
    bool refused = false;
    bool has_metadata = false;
    // True if its metadata.json is unusable; there has been a warning about it.
    bool has_odd_metadata = false;
  };

  static bool IsCodeCheckerUpload(const std::string& root) {
    std::error_code ignored;  // An unreadable directory counts as absent.
    return fs::is_directory(root + "/reports", ignored) &&
           (fs::is_directory(root + "/root", ignored) ||
            fs::is_regular_file(root + "/content_hashes.json", ignored));
  }

  absl::Status AddSingleFile(const std::string& path) {
    const absl::StatusOr<FileKind> kind = ReadFileKind(path);
    // A file that cannot be opened, but is named like a result file, counts as a bad result file.
    if (!kind.ok() && !FormatOfName(path)) return kind.status();
    switch (kind.value_or(FileKind::kUnknown)) {
      case FileKind::kXml:
        return AddResultFile(path, InputFile::Format::kPlist);
      case FileKind::kJson:
        return AddResultFile(path, InputFile::Format::kSarif);
      case FileKind::kZip:
      case FileKind::kTar:
      case FileKind::kBzip2:
      case FileKind::kXz:
        return AddArchive(path, path);
      case FileKind::kGzip:
      case FileKind::kZstd:
      case FileKind::kUnknown:
        break;
    }
    // Its name tells the intended format; reading the file will tell what is wrong with it.
    if (const auto format = FormatOfName(path)) return AddResultFile(path, *format);
    return absl::InvalidArgumentError(
        fmt::format("{}: neither a plist, nor a SARIF log, nor a zip or tar archive", path));
  }

  absl::Status AddResultFile(const std::string& path, InputFile::Format format) {
    STORED_RETURN_IF_ERROR(CountEntries(path, 1));
    const size_t slash = path.rfind('/');
    const std::string label = slash == std::string::npos ? "" : path.substr(0, slash + 1);
    STORED_ASSIGN_OR_RETURN(const std::string directory, AbsolutePath(label.empty() ? "." : label));
    // The copy of standard input is in a temporary directory, not in one of the user's.
    if (path != options_.standard_input) roots_.AddImplied(directory);
    STORED_ASSIGN_OR_RETURN(const Companions companions, ReadCompanions(directory, label));
    if (companions.refused) return absl::OkStatus();
    inputs_.files.push_back({path, path, format, directory, companions.skip_file,
                             companions.review_rules, companions.checker_analyzers});
    return absl::OkStatus();
  }

  static absl::StatusOr<std::string> AbsolutePath(const std::string& path) {
    std::error_code error;
    const fs::path absolute = fs::absolute(path, error);
    if (error) return ErrnoStatus(error.value(), path);
    return NormalizePath(absolute.string());
  }

  // Adds a report directory and its subdirectories. In messages, `name` is its name, and `label` is
  // the prefix of the names in it.
  absl::Status AddTree(const std::string& path, const std::string& name, const std::string& label,
                       bool archived) {
    std::string root = path;
    if (!archived) {
      STORED_ASSIGN_OR_RETURN(root, AbsolutePath(path));
      roots_.AddImplied(root);
    }
    const size_t files_before = inputs_.files.size();
    tree_has_metadata_ = false;
    tree_refused_ = false;
    plists_without_metadata_ = false;
    // Uses an explicit stack, because directories may be nested deeper than calls can be.
    std::vector<Directory> open = {{root, label}};
    while (!open.empty()) {
      const Directory directory = std::move(open.back());
      open.pop_back();
      STORED_RETURN_IF_ERROR(AddDirectory(directory, archived, &open));
    }
    return CheckTree(name, inputs_.files.size() > files_before);
  }

  absl::Status CheckTree(const std::string& name, bool has_result_files) {
    // A refused tree has caused a warning; otherwise CheckRefusal returns the error.
    if (!has_result_files && tree_refused_) return absl::OkStatus();
    if (!has_result_files && !tree_has_metadata_) {
      return absl::InvalidArgumentError(fmt::format(
          "{}: nothing to read: it does not have a *.plist, *.sarif or *.sarif.json file", name));
    }
    if (!has_result_files) {
      inputs_.warnings.push_back(fmt::format("{}: no result files, only {}", name, kMetadataName));
    } else if (plists_without_metadata_) {
      inputs_.warnings.push_back(
          fmt::format("{}: no {}: it is not known which checkers were on", name, kMetadataName));
    }
    return absl::OkStatus();
  }

  // Adds the result files of one directory, and pushes its subdirectories on `open`.
  absl::Status AddDirectory(const Directory& directory, bool archived,
                            std::vector<Directory>* open) {
    STORED_ASSIGN_OR_RETURN(const Listing listing, List(directory));
    STORED_ASSIGN_OR_RETURN(const Companions own, ReadCompanions(directory.path, directory.label));
    const int skip_file = own.skip_file >= 0 ? own.skip_file : directory.skip_file;
    const int review_rules = own.review_rules >= 0 ? own.review_rules : directory.review_rules;
    const bool refused = own.refused || (directory.refused && own.review_rules < 0);
    const int checker_analyzers =
        own.has_metadata ? own.checker_analyzers : directory.checker_analyzers;
    const bool has_metadata = own.has_metadata || directory.has_metadata;
    tree_has_metadata_ |= has_metadata;
    tree_refused_ |= refused;
    for (const std::string& file : listing.files) {
      const std::optional<InputFile::Format> format = FormatOfName(file);
      if (!format || refused) continue;
      plists_without_metadata_ |=
          !has_metadata && !own.has_odd_metadata && *format == InputFile::Format::kPlist;
      inputs_.files.push_back({directory.path + "/" + file, directory.label + file, *format,
                               archived ? "" : directory.path, skip_file, review_rules,
                               checker_analyzers, true, archived ? directory.path : ""});
    }
    // Pushed in reverse, because the last one is visited first.
    for (auto name = listing.directories.rbegin(); name != listing.directories.rend(); ++name) {
      open->push_back({directory.path + "/" + *name, directory.label + *name + "/", skip_file,
                       review_rules, checker_analyzers, refused, has_metadata});
    }
    return absl::OkStatus();
  }

  absl::StatusOr<Listing> List(const Directory& directory) {
    Listing listing;
    std::error_code error;
    fs::directory_iterator entry(directory.path, error);
    for (; !error && entry != fs::directory_iterator(); entry.increment(error)) {
      STORED_RETURN_IF_ERROR(CountEntries(directory.label, 1));
      std::error_code ignored;  // The file is gone, or the link is dangling.
      const std::string name = entry->path().filename().string();
      if (fs::is_directory(entry->symlink_status(ignored))) {
        listing.directories.push_back(name);
      } else if (!fs::is_directory(entry->status(ignored))) {
        listing.files.push_back(name);
      }
    }
    if (error) return ErrnoStatus(error.value(), directory.label);
    std::sort(listing.files.begin(), listing.files.end());
    std::sort(listing.directories.begin(), listing.directories.end());
    return listing;
  }

  absl::Status CountEntries(const std::string& name, uint32_t count) {
    entries_ += count;
    if (entries_ <= options_.limits.max_entries) return absl::OkStatus();
    return absl::ResourceExhaustedError(
        fmt::format("{}: more than {} files and directories", name, options_.limits.max_entries));
  }

  // Reads the files that accompany result files, only once per directory.
  absl::StatusOr<Companions> ReadCompanions(const std::string& directory,
                                            const std::string& label) {
    const auto [known, is_new] = companions_.try_emplace(directory);
    if (is_new) {
      STORED_RETURN_IF_ERROR(AddReviewRules(directory, label, &known->second));
      if (known->second.refused) return known->second;
      STORED_RETURN_IF_ERROR(WarnInstead(AddMetadata(directory, label, &known->second)));
      STORED_RETURN_IF_ERROR(WarnInstead(AddSkipFile(directory, label, &known->second)));
    }
    return known->second;
  }

  // Makes a warning of an error about one of these files if skip_bad_files is set.
  absl::Status WarnInstead(const absl::Status& status) {
    if (status.ok() || !options_.skip_bad_files) return status;
    inputs_.warnings.emplace_back(status.message());
    return absl::OkStatus();
  }

  // Reads a file that accompanies result files. A link must lead to a place where sources may be:
  // warnings quote the file, and are sent to the server.
  absl::StatusOr<std::string> ReadBeside(const std::string& path, const std::string& name,
                                         uint64_t max_bytes) const {
    std::error_code ignored;
    if (!fs::is_symlink(fs::symlink_status(path, ignored))) return ReadFile(path, max_bytes);
    STORED_ASSIGN_OR_RETURN(const UniqueFd fd, OpenFile(path, O_PATH));
    STORED_ASSIGN_OR_RETURN(const std::string real_path, RealPathOf(fd.get(), name));
    if (roots_.Contain(real_path)) return ReadFile(path, max_bytes);
    return ErrnoStatus(EACCES, fmt::format("{}: is a link to {}, outside the directories that are "
                                           "read; give its directory as --source-root",
                                           name, real_path));
  }

  absl::Status AddMetadata(const std::string& directory, const std::string& label,
                           Companions* companions) {
    const std::string path = fmt::format("{}/{}", directory, kMetadataName);
    const std::string name = label + kMetadataName;
    absl::StatusOr<std::string> bytes =
        ReadBeside(path, name, std::min(options_.limits.max_result_file_bytes, kMaxMetadataBytes));
    if (absl::IsNotFound(bytes.status())) return absl::OkStatus();
    companions->has_odd_metadata = true;
    if (!bytes.ok()) return NoteUnreadMetadata(Renamed(bytes.status(), path, name));
    Metadata metadata =
        ReadMetadata(*std::move(bytes), name, options_.limits, inputs_.analyzed_files);
    for (std::string& warning : metadata.warnings) inputs_.warnings.push_back(std::move(warning));
    if (!metadata.usable) return absl::OkStatus();
    companions->has_metadata = true;
    companions->has_odd_metadata = false;
    NoteRunName(std::move(metadata.run_name), name);
    companions->checker_analyzers = AddCheckers(metadata.analyses);
    for (Analysis& analysis : metadata.analyses) inputs_.analyses.push_back(std::move(analysis));
    return absl::OkStatus();
  }

  // Warns about a file that is too large, as about one that is not JSON. Returns errors of the disk
  // and of permissions, because the results without their metadata would be misleading.
  absl::Status NoteUnreadMetadata(const absl::Status& status) {
    if (IsSystemError(status)) return status;
    inputs_.warnings.push_back(fmt::format("{}; the results are read as if it were not there",
                                           std::string(status.message())));
    return absl::OkStatus();
  }

  void NoteRunName(std::string run_name, const std::string& metadata) {
    if (run_name.empty() || inputs_.run_names.size() == Inputs::kMaxRunNames) return;
    const auto same = [&](const NamedRun& run) { return run.name == run_name; };
    if (std::any_of(inputs_.run_names.begin(), inputs_.run_names.end(), same)) return;
    inputs_.run_names.push_back({std::move(run_name), metadata});
  }

  // Returns the index in Inputs::checker_analyzers of the checkers in one metadata.json, or -1 if
  // it does not list any. A checker that is listed twice belongs to the last analyzer, as in
  // CodeChecker.
  int AddCheckers(const std::vector<Analysis>& analyses) {
    CheckerAnalyzers checkers;
    for (const Analysis& analysis : analyses) {
      for (const AnalyzerRun& analyzer : analysis.analyzers) {
        if (analyzer.name.empty()) continue;
        for (const CheckerState& checker : analyzer.checkers) {
          checkers.insert_or_assign(checker.name, analyzer.name);
        }
      }
    }
    if (checkers.empty()) return -1;
    std::vector<CheckerAnalyzers>& all = inputs_.checker_analyzers;
    // The directories of one project usually list the same checkers.
    if (all.empty() || all.back() != checkers) all.push_back(std::move(checkers));
    return static_cast<int>(all.size()) - 1;
  }

  absl::Status AddReviewRules(const std::string& directory, const std::string& label,
                              Companions* companions) {
    absl::StatusOr<std::optional<ReviewRules>> rules = ReadReviewRules(directory, label);
    if (!rules.ok() && !options_.skip_bad_files) return rules.status();
    if (!rules.ok()) {
      companions->refused = true;
      refusal_.Update(rules.status());
      inputs_.warnings.push_back(fmt::format("{}; left out, with the result files it is for",
                                             std::string(rules.status().message())));
    } else if (rules->has_value()) {
      companions->review_rules = static_cast<int>(inputs_.review_rules.size());
      inputs_.review_rules.push_back(**std::move(rules));
    }
    return absl::OkStatus();
  }

  // Returns nothing if the directory does not have any.
  absl::StatusOr<std::optional<ReviewRules>> ReadReviewRules(const std::string& directory,
                                                             const std::string& label) {
    const std::string path = fmt::format("{}/{}", directory, kReviewRulesName);
    const std::string name = label + kReviewRulesName;
    const absl::StatusOr<std::string> text = ReadBeside(path, name, kMaxReviewRulesBytes);
    if (absl::IsNotFound(text.status())) return std::nullopt;
    if (!text.ok()) return Renamed(text.status(), path, name);
    return ReviewRules::Read(*text, name, inputs_.warnings);
  }

  absl::Status AddSkipFile(const std::string& directory, const std::string& label,
                           Companions* companions) {
    const std::string path = fmt::format("{}/{}", directory, kSkipFileName);
    const std::string name = label + kSkipFileName;
    absl::StatusOr<std::string> text = ReadBeside(path, name, kMaxSkipFileBytes);
    if (absl::IsNotFound(text.status())) return absl::OkStatus();
    if (absl::IsInvalidArgument(text.status()) && !IsSystemError(text.status())) {
      // This name may be that of a directory or a device.
      const absl::Status status = Renamed(text.status(), path, name);
      inputs_.warnings.push_back(fmt::format("{}; left out", std::string(status.message())));
      return absl::OkStatus();
    }
    if (!text.ok()) return Renamed(text.status(), path, name);
    STORED_ASSIGN_OR_RETURN(SkipFile skip_file, SkipFile::Parse(*text, name, inputs_.warnings));
    companions->skip_file = static_cast<int>(inputs_.skip_files.size());
    inputs_.skip_files.push_back(std::move(skip_file));
    return absl::OkStatus();
  }

  const InputOptions options_;
  SourceRoots roots_;
  Inputs inputs_;
  std::vector<std::unique_ptr<ArchiveSources>> archives_;
  std::map<std::string, Companions> companions_;
  uint64_t entries_ = 0;
  // The first reason for which result files were left out because of their review_status.yaml.
  absl::Status refusal_;
  // The state of the current tree.
  bool tree_has_metadata_ = false;
  bool tree_refused_ = false;
  bool plists_without_metadata_ = false;
};

}  // namespace

absl::StatusOr<Inputs> FindInputs(const std::vector<std::string>& paths,
                                  const InputOptions& options) {
  Finder finder(options);
  STORED_RETURN_IF_ERROR(finder.AddSourceRoots());
  for (const std::string& path : paths) STORED_RETURN_IF_ERROR(finder.AddPath(path));
  STORED_RETURN_IF_ERROR(finder.CheckRefusal());
  return finder.Take(/*local=*/true);
}

absl::StatusOr<Inputs> InputsOfPayload(const std::string& path, InputFile::Format format,
                                       const std::string& name) {
  Inputs inputs;
  inputs.files.push_back({path, name, format});
  inputs.sources = NoSources();
  return inputs;
}

absl::StatusOr<Inputs> InputsOfArchive(const std::string& path, const std::string& name,
                                       const InputOptions& options) {
  Finder finder(options);
  STORED_RETURN_IF_ERROR(finder.AddArchive(path, name));
  STORED_RETURN_IF_ERROR(finder.CheckRefusal());
  return finder.Take(/*local=*/false);
}

}  // namespace stored::reports
