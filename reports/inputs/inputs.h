#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "base/cancellation.h"
#include "base/files/file.h"
#include "reports/inputs/metadata.h"
#include "reports/inputs/skip_file.h"
#include "reports/inputs/sources.h"
#include "reports/limits.h"
#include "reports/reviews/review_rules.h"

namespace stored::reports {

// One result file to read.
struct InputFile {
  enum class Format { kPlist, kSarif };

  // The path to open.
  std::string path;
  // The name for messages: the path as the user knows it, "reports.zip: sub/x.plist".
  std::string name;
  Format format = Format::kPlist;
  // The absolute path of the directory that relative paths in the file are relative to. Empty in an
  // archive, where they remain relative.
  std::string directory;
  // The index in Inputs::skip_files that applies; -1 if none.
  int skip_file = -1;
  // The index in Inputs::review_rules that applies; -1 if none.
  int review_rules = -1;
  // The index in Inputs::checker_analyzers that applies; -1 if none.
  int checker_analyzers = -1;
  // True if the modification time of `path` is the time at which the results were written; false
  // for a copy of standard input.
  bool has_time = true;
  // In an archive: the place to which the file's directory was unpacked.
  std::string unpacked_directory;

  // Returns the directory that is passed to SourceProvider.
  const std::string& source_directory() const {
    return unpacked_directory.empty() ? directory : unpacked_directory;
  }
};

// Maps a checker to its analyzer.
using CheckerAnalyzers = std::map<std::string, std::string, std::less<>>;

// A run that a metadata.json names.
struct NamedRun {
  std::string name;
  // The first metadata.json that names it, for messages.
  std::string metadata;
};

// All that is to be read, in a fixed order: in the order of the inputs, and by name within a
// directory.
struct Inputs {
  std::vector<InputFile> files;
  std::vector<SkipFile> skip_files;
  std::vector<ReviewRules> review_rules;
  // The contents of each metadata.json.
  std::vector<Analysis> analyses;
  // From metadata.json: the same checker may belong to different analyzers in different
  // directories.
  std::vector<CheckerAnalyzers> checker_analyzers;
  // The analyzed files that metadata.json lists.
  AnalyzedFiles analyzed_files;
  // The runs that the metadata.json files name, each once, in order; at most kMaxRunNames.
  std::vector<NamedRun> run_names;
  static constexpr size_t kMaxRunNames = 10;
  // Warnings about files that are not result files (metadata.json, skip_file), about files that
  // were left out with skip_bad_files, and about directories without metadata.
  std::vector<std::string> warnings;
  // The contents of source files. Not null.
  std::unique_ptr<SourceProvider> sources;
  // The directories that archives were unpacked to; the destructor removes them.
  std::vector<TemporaryDirectory> unpacked;
};

struct InputOptions {
  Limits limits;
  // Polled while an archive is unpacked; a request ends that with CANCELLED.
  Cancellation stop;
  bool skip_bad_files = false;
  // The directory in which archives are unpacked; if empty, the system's temporary directory.
  std::string temporary_parent;
  // Further directories from which sources are read; see FindInputs.
  std::vector<std::string> source_roots;
  // The user's home, in which hidden files are private; empty if unknown. See SourceRoots.
  std::string home_directory;
  // The path among the inputs to which standard input was copied; empty if none.
  std::string standard_input;
};

// Finds the files to read in `paths`. Each is a report directory (symbolic links to directories are
// not followed), a plist, a SARIF log, or an archive of a report directory. In a directory, result
// files are recognized by name (*.plist, *.sarif, *.sarif.json, each also with .gz or .zst); a file
// that is itself in `paths` is recognized by its content, or else by its name.
//
// A directory's metadata.json applies to it and its subdirectories. Its skip_file and its
// review_status.yaml apply to the result files in it and below, unless there is a nearer one. The
// files beside a result file in `paths` apply to it too. CodeChecker's own upload layout (reports/,
// root/) is recognized in an archive; sources are then first searched for below root/.
//
// The result files to which a malformed review_status.yaml applies are refused, because it is
// unknown which reports it would close; with skip_bad_files they are left out with a warning.
//
// Other sources are read from this machine, but only files below a directory in `paths`, the
// directory of a result file in `paths`, the working directory, one of source_roots, or the
// system's include directories (SourceRoots). The directory of an archive is not among them,
// because the archive may come from a stranger.
//
// NOT_FOUND if a path does not exist, INVALID_ARGUMENT if there is nothing to read in it or a
// source root is not a directory. A report directory without result files is valid if it has a
// metadata.json: the analysis then found nothing.
absl::StatusOr<Inputs> FindInputs(const std::vector<std::string>& paths,
                                  const InputOptions& options);

// Return the inputs for a single upload payload on the server's disk: a result file of the given
// format, or an archive as for FindInputs(). Sources come only from the payload. `name` is the
// payload's name for messages.
absl::StatusOr<Inputs> InputsOfPayload(const std::string& path, InputFile::Format format,
                                       const std::string& name);
absl::StatusOr<Inputs> InputsOfArchive(const std::string& path, const std::string& name,
                                       const InputOptions& options);

}  // namespace stored::reports
