#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace stored::reports {

// The directories of this machine below which sources may be read. The paths in a result file are
// chosen by its writer, and the files that are read are sent to a server, so a path is judged by
// its target after all links are followed. Safe for concurrent use after the last Add function has
// returned.
class SourceRoots {
 public:
  // `home` is the user's home directory; empty if unknown.
  explicit SourceRoots(const std::string& home = "");

  // Adds a directory that the user named for sources; all files below it may be read.
  // INVALID_ARGUMENT if it is not a directory or cannot be accessed.
  absl::Status AddNamed(const std::string& directory);

  // Adds a directory that the user named for another purpose (a report directory, the working
  // directory); does nothing if it cannot be accessed. All files below it may be read except those
  // that are never sources, but that a stranger might ask for: hidden files and directories of the
  // user's home (keys, tokens), and files in a ".git" (credentials of a checkout). Ignores the root
  // of the file system: it is the working directory of services and containers, and all files are
  // below it.
  void AddImplied(const std::string& directory);

  // Adds those directories that exist in which compilers of this system have headers.
  void AddSystemIncludes();

  // Returns the directories of AddNamed, with links resolved, in that order.
  const std::vector<std::string>& named() const { return named_; }

  // Returns true if the file `real_path` may be read. REQUIRES: the path is absolute and has no
  // links.
  bool Contain(std::string_view real_path) const;

 private:
  enum class Kind { kImplied, kNamed };

  void Add(const std::string& real_path, Kind kind);
  // Returns true if `real_path` is one of the files that AddImplied excludes below `root`.
  bool IsPrivate(std::string_view real_path, std::string_view root) const;

  // Paths with links resolved; none but the root ends with "/".
  std::string home_;
  std::vector<std::string> named_;
  std::map<std::string, Kind, std::less<>> roots_;
};

// Returns the current absolute path, with links resolved, of the file that `fd` is open on. The
// path by which it was opened does not matter. `name` is for messages. Needs /proc.
absl::StatusOr<std::string> RealPathOf(int fd, const std::string& name);

}  // namespace stored::reports
