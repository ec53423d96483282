#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace stored::reports {

// Removes prefixes from file paths, the longest that matches (CodeChecker's --trim-path-prefix).
// A prefix is of whole names ("/src/lib" is no prefix of "/src/library/a.c"). `*`, `?` and `[...]`
// in it match any character, '/' too, and as much as they can: with "/home/*" only the file's own
// name is left, as with CodeChecker. The prefix "/" alone trims nothing.
//
// A prefix with a drive or a backslash in it is a Windows path: there '\' and '/' are the same in
// prefix and path, as are a drive's small and capital letter and the path with and without "\\?\"
// in front. Immutable; safe for concurrent use.
class PathTrimmer {
 public:
  // Trims nothing.
  PathTrimmer() = default;
  // INVALID_ARGUMENT for more than 64 prefixes, an empty one or one over 4,096 bytes.
  static absl::StatusOr<PathTrimmer> Create(const std::vector<std::string>& prefixes);

  // Never empty for a path that is not: a prefix that is all of the path leaves it as it is.
  std::string Trim(std::string_view path) const;

 private:
  // How much of the front of `path` the longest prefix of windows_prefixes_ matches; 0 for none.
  size_t MatchedWindowsBytes(std::string_view path) const;

  // Normalized, each with a '/' at its end.
  std::vector<std::string> prefixes_;
  std::vector<std::string> windows_prefixes_;
};

// `path` with "." and ".." resolved by text alone and single '/' between names. An absolute path
// stays absolute ("/.." is "/"); a relative one keeps the ".." that lead out of it, and is
// "." when nothing is left. Backslashes are kept: they are legal in names.
std::string NormalizePath(std::string_view path);

}  // namespace stored::reports
