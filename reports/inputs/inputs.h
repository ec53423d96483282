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

  // Where to open it.
  std::string path;
  // What to call it in messages: the path as the user knows it, "reports.zip: sub/x.plist".
  std::string name;
  Format format = Format::kPlist;
  // What relative paths in it are relative to, an absolute path; empty inside an archive, where
  // they stay relative.
  std::string directory;
  // Which of Inputs::skip_files applies; -1 is none.
  int skip_file = -1;
  // Which of Inputs::review_rules; -1 is none.
  int review_rules = -1;
  // Which of Inputs::checker_analyzers applies; -1 is none.
  int checker_analyzers = -1;
  // Whether the time of the file at `path` is when the results were written; not so for a copy of
  // standard input.
  bool has_time = true;
  // Inside an archive: where the directory it lies in was unpacked to.
  std::string unpacked_directory;

  // What SourceProvider knows its directory by.
  const std::string& source_directory() const {
    return unpacked_directory.empty() ? directory : unpacked_directory;
  }
};

// Checker -> analyzer.
using CheckerAnalyzers = std::map<std::string, std::string, std::less<>>;

// A run that a metadata.json names.
struct NamedRun {
  std::string name;
  // The first metadata.json that names it, for messages.
  std::string metadata;
};

// All that is to be read, in a fixed order: as the inputs were given, and by name within a
// directory.
struct Inputs {
  std::vector<InputFile> files;
  std::vector<SkipFile> skip_files;
  std::vector<ReviewRules> review_rules;
  // What metadata.json says, of each directory that has one.
  std::vector<Analysis> analyses;
  // From metadata.json: a checker of one directory may be another analyzer's than in the next.
  std::vector<CheckerAnalyzers> checker_analyzers;
  // What metadata.json says of the files that were analysed.
  AnalyzedFiles analyzed_files;
  // The runs that the metadata.json name, each once, in order; at most kMaxRunNames.
  std::vector<NamedRun> run_names;
  static constexpr size_t kMaxRunNames = 10;
  // What is odd about files that are not result files themselves (metadata.json, skip_file), those
  // that were passed over with skip_bad_files, and directories without metadata.
  std::vector<std::string> warnings;
  std::unique_ptr<SourceProvider> sources;
  // What archives were unpacked to; goes with the object.
  std::vector<TemporaryDirectory> unpacked;
};

struct InputOptions {
  Limits limits;
  // Polled while an archive is unpacked; ends that with CANCELLED.
  Cancellation stop;
  bool skip_bad_files = false;
  // Where archives are unpacked; empty is the system's temporary directory.
  std::string temporary_parent;
  // Directories that sources are read from beside those that go without saying; see FindInputs.
  std::vector<std::string> source_roots;
  // The user's home, where hidden files are private; empty where it is not known. See SourceRoots.
  std::string home_directory;
  // The one among the paths that standard input was copied to; empty when there is none.
  std::string standard_input;
};

// Finds what there is to read in `paths`: each a report directory (walked, symbolic links to
// directories not followed), a plist, a SARIF log, or an archive of a report directory. In a
// directory, result files are told by name (*.plist, *.sarif, *.sarif.json, each also .gz or .zst);
// a file given by itself is told by its content, or else by its name.
//
// A directory's metadata.json counts for it and what lies below, its skip_file and its
// review_status.yaml for the result files in it and below, unless there is a nearer one. Those
// beside a result file that is given by itself count too. CodeChecker's own upload layout
// (reports/, root/) is recognised in an archive, and sources are then looked for below root/ first.
//
// A malformed review_status.yaml refuses the result files it is for, because nothing tells which
// reports it would close; with skip_bad_files they are left out with a warning.
//
// Other sources are read from this machine. Of all that result files name these are only the files
// below a directory given, the directory of a result file given by itself, the working directory,
// one of source_roots, or the system's include directories (SourceRoots). The directory that an
// archive lies in is not among them, because the archive may be a stranger's.
//
// NOT_FOUND for a path that is not there, INVALID_ARGUMENT for one with nothing to read in it
// or a source root that is not a directory.
// A report directory without result files is well when it has a metadata.json: then the analysis
// found nothing.
absl::StatusOr<Inputs> FindInputs(const std::vector<std::string>& paths,
                                  const InputOptions& options);

// A single upload payload on the server's disk. Sources come from the payload alone. `name` is the
// payload's name for messages.
absl::StatusOr<Inputs> InputsOfPayload(const std::string& path, InputFile::Format format,
                                       const std::string& name);
absl::StatusOr<Inputs> InputsOfArchive(const std::string& path, const std::string& name,
                                       const InputOptions& options);

}  // namespace stored::reports
