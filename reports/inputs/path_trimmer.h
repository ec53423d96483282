#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace stored::reports {

// Removes prefixes from file paths; of those that match, the longest (CodeChecker's
// --trim-path-prefix). A prefix consists of whole names ("/src/lib" is not a prefix of
// "/src/library/a.c"). `*`, `?` and `[...]` in it match any character, also '/', and as much as
// possible: "/home/*" leaves only the file's own name, as in CodeChecker. The prefix "/" alone
// trims nothing.
//
// A prefix with a drive or a backslash is a Windows path: for it, '\' and '/' are the same in
// prefix and path, as are a drive's small and capital letter, and the path with and without "\\?\"
// in front. Immutable; safe for concurrent use.
class PathTrimmer {
 public:
  // Constructs a trimmer that trims nothing.
  PathTrimmer() = default;
  // INVALID_ARGUMENT if there are more than 64 prefixes, an empty one, or one over 4,096 bytes.
  static absl::StatusOr<PathTrimmer> Create(const std::vector<std::string>& prefixes);

  // Returns the trimmed path. Returns `path` unchanged if the prefix would match all of it.
  std::string Trim(std::string_view path) const;

 private:
  // Returns the number of bytes at the front of `path` that the longest prefix of windows_prefixes_
  // matches; 0 if none matches.
  size_t MatchedWindowsBytes(std::string_view path) const;

  // Normalized; each ends with '/'.
  std::vector<std::string> prefixes_;
  std::vector<std::string> windows_prefixes_;
};

// Returns `path` with "." and ".." resolved textually and single '/' between names. An absolute
// path remains absolute ("/.." becomes "/"). A relative path keeps each ".." that leads out of it,
// and becomes "." if nothing is left. Backslashes are kept, because they are legal in names.
std::string NormalizePath(std::string_view path);

}  // namespace stored::reports
