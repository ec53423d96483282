#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "base/file.h"
#include "reports/limits.h"
#include "reports/metadata.h"
#include "reports/skip_file.h"

namespace stored::reports {

// Where the contents of named sources are looked for. Safe for concurrent use.
class SourceProvider {
 public:
  virtual ~SourceProvider() = default;

  // The content of the source that a result file in `directory` names as `path` (untrimmed).
  // NOT_FOUND when there is none; RESOURCE_EXHAUSTED when it is over max_source_bytes.
  virtual absl::StatusOr<std::string> Read(const std::string& path,
                                           const std::string& directory) const = 0;
};

// Sources on this machine: an absolute path as it is, a relative one below `directory`, then below
// the working directory. For clients only: a server that opened the paths a stranger names would
// give its files away.
std::unique_ptr<SourceProvider> LocalSources(const Limits& limits);
// Sources below `root`, as CodeChecker's upload zip keeps them (root/abs/path). Never opens
// anything outside of it, symbolic links included.
std::unique_ptr<SourceProvider> SourcesBelow(const std::string& root, const Limits& limits);
// No sources.
std::unique_ptr<SourceProvider> NoSources();

// One result file to read.
struct InputFile {
  enum class Format { kPlist, kSarif };

  // Where to open it.
  std::string path;
  // What to call it in messages: the path as the user knows it, "reports.zip: sub/x.plist".
  std::string name;
  Format format = Format::kPlist;
  // What relative paths in it are relative to; empty inside an archive, where they stay relative.
  std::string directory;
  // Which of Inputs::skip_files applies; -1 is none.
  int skip_file = -1;
};

// All that is to be read, in a fixed order: as the inputs were given, and by name within a
// directory.
struct Inputs {
  std::vector<InputFile> files;
  std::vector<SkipFile> skip_files;
  // What metadata.json says, of each directory that has one.
  std::vector<Analysis> analyses;
  // Checker -> analyzer, from metadata.json.
  std::map<std::string, std::string, std::less<>> checker_analyzers;
  // Name of the run, from the first metadata.json that has one.
  std::string run_name;
  // Files that could not be read though they are not result files themselves (a metadata.json), and
  // were passed over with skip_bad_files; and directories without metadata.
  std::vector<std::string> warnings;
  std::unique_ptr<SourceProvider> sources;
  // What archives were unpacked to; goes with the object.
  std::vector<TemporaryDirectory> unpacked;
};

struct InputOptions {
  Limits limits;
  bool skip_bad_files = false;
  // Where archives are unpacked; empty is the system's temporary directory.
  std::string temporary_parent;
};

// Finds what there is to read in `paths`: each a report directory (walked, symbolic links to
// directories not followed), a plist, a SARIF log, or an archive of a report directory. A file's
// kind is told by its content, in a directory also by its name (*.plist, *.sarif, *.sarif.json,
// each also .gz or .zst). CodeChecker's own upload layout (reports/, root/) is recognised in an
// archive, and sources are then looked for below root/ first.
// NOT_FOUND for a path that is not there, INVALID_ARGUMENT for one with nothing to read in it.
absl::StatusOr<Inputs> FindInputs(const std::vector<std::string>& paths,
                                  const InputOptions& options);

// A single upload payload on the server's disk. Sources come from the payload alone.
absl::StatusOr<Inputs> InputsOfPayload(const std::string& path, InputFile::Format format,
                                       const std::string& name);
absl::StatusOr<Inputs> InputsOfArchive(const std::string& path, const std::string& name,
                                       const InputOptions& options);

}  // namespace stored::reports
