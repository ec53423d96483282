#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "reports/inputs/source_roots.h"
#include "reports/limits.h"

namespace stored::reports {

// The content of a source.
struct SourceText {
  std::string text;
  // The time of modification, in nanoseconds since 1970; 0 if unknown.
  int64_t modified_ns = 0;
};

// Finds the contents of sources by name. Safe for concurrent use.
class SourceProvider {
 public:
  virtual ~SourceProvider() = default;

  // Reads the source that a result file in `directory` names as `path` (untrimmed). NOT_FOUND if
  // there is no readable one; RESOURCE_EXHAUSTED if it is over max_source_bytes; PERMISSION_DENIED,
  // with its PathOutsideRoots, if it exists and must not be read. The message names `path` as
  // given.
  virtual absl::StatusOr<SourceText> Read(const std::string& path,
                                          const std::string& directory) const = 0;
};

// Returns sources on this machine: an absolute path as it is, a relative one below `directory`,
// then below the working directory, then below each of the named roots. Reads regular files that
// are below one of `roots` after links are followed, and does not open any other file. For clients
// only: a server that opened paths from a stranger's file would disclose its own files.
std::unique_ptr<SourceProvider> LocalSources(SourceRoots roots, const Limits& limits);
// Returns sources below `root`, as CodeChecker's upload zip has them (root/abs/path); relative
// paths too. Does not open files outside `root`, and does not follow symbolic links.
std::unique_ptr<SourceProvider> SourcesBelow(const std::string& root, const Limits& limits);
// Returns a provider without sources.
std::unique_ptr<SourceProvider> NoSources();

// Returns the real path of a file that LocalSources refused because it is below none of its roots.
// Returns nothing for any other status.
std::optional<std::string> PathOutsideRoots(const absl::Status& status);

// Returns the modification time of `path` in nanoseconds since 1970; 0 if unknown.
int64_t ModifiedNs(const std::string& path);

}  // namespace stored::reports
