#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "reports/limits.h"

namespace stored::reports {

// Where the contents of named sources are looked for. Safe for concurrent use.
class SourceProvider {
 public:
  virtual ~SourceProvider() = default;

  // The content of the source that a result file in `directory` names as `path` (untrimmed).
  // NOT_FOUND when there is none that can be read; RESOURCE_EXHAUSTED when it is over
  // max_source_bytes. The message names the path as given.
  virtual absl::StatusOr<std::string> Read(const std::string& path,
                                           const std::string& directory) const = 0;
};

// Sources on this machine: an absolute path as it is, a relative one below `directory`, then below
// the working directory. Regular files only. For clients only: a server that opened the paths a
// stranger names would give its files away.
std::unique_ptr<SourceProvider> LocalSources(const Limits& limits);
// Sources below `root`, as CodeChecker's upload zip keeps them (root/abs/path); relative paths too.
// Never opens anything outside of it, and no symbolic link on the way.
std::unique_ptr<SourceProvider> SourcesBelow(const std::string& root, const Limits& limits);
// No sources.
std::unique_ptr<SourceProvider> NoSources();

}  // namespace stored::reports
