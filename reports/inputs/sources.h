#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "reports/inputs/source_roots.h"
#include "reports/limits.h"

namespace stored::reports {

// A source as it was found.
struct SourceText {
  std::string text;
  // When the file was last changed, in nanoseconds since 1970; 0 where that is not known.
  int64_t modified_ns = 0;
};

// Where the contents of named sources are looked for. Safe for concurrent use.
class SourceProvider {
 public:
  virtual ~SourceProvider() = default;

  // The source that a result file in `directory` names as `path` (untrimmed). NOT_FOUND when there
  // is none that can be read; RESOURCE_EXHAUSTED when it is over max_source_bytes;
  // PERMISSION_DENIED, with its PathOutsideRoots, when it is there and must not be read. The
  // message names the path as given.
  virtual absl::StatusOr<SourceText> Read(const std::string& path,
                                          const std::string& directory) const = 0;
};

// Sources on this machine: an absolute path as it is, a relative one below `directory`, then below
// the working directory, then below each of the roots that were named. Reads regular files that lie
// below one of `roots` once links are followed; nothing else is so much as opened. For clients
// only: a server that opened the paths a stranger names would give its files away.
std::unique_ptr<SourceProvider> LocalSources(SourceRoots roots, const Limits& limits);
// Sources below `root`, as CodeChecker's upload zip keeps them (root/abs/path); relative paths too.
// Never opens anything outside of it, and no symbolic link on the way.
std::unique_ptr<SourceProvider> SourcesBelow(const std::string& root, const Limits& limits);
// No sources.
std::unique_ptr<SourceProvider> NoSources();

// Where the file lies that LocalSources left out for lying below none of its roots, links followed.
// Nothing for any other status.
std::optional<std::string> PathOutsideRoots(const absl::Status& status);

// When the file `path` was last changed, in nanoseconds since 1970; 0 where that is not known.
int64_t ModifiedNs(const std::string& path);

}  // namespace stored::reports
