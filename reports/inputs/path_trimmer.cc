#include "reports/inputs/path_trimmer.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text/text.h"

namespace stored::reports {
namespace {

constexpr size_t kMaxPrefixes = 64;
constexpr size_t kMaxPrefixBytes = 4096;

// Removes the part before the first '/' from `*path`, with the '/', and returns the part. Removes
// all of `*path` if it does not have a '/'.
std::string_view TakePart(std::string_view* path) {
  const size_t slash = std::min(path->find('/'), path->size());
  const std::string_view part = path->substr(0, slash);
  path->remove_prefix(std::min(slash + 1, path->size()));
  return part;
}

// Returns the largest number of bytes at the front of `path` that the prefix, which ends in '/',
// matches; 0 if it does not match.
size_t MatchedBytes(std::string_view prefix, std::string_view path) {
  if (prefix.find_first_of("*?[") == std::string_view::npos) {
    return path.starts_with(prefix) ? prefix.size() : 0;
  }
  for (size_t slash = path.rfind('/'); slash != std::string_view::npos && slash > 0;
       slash = path.rfind('/', slash - 1)) {
    if (GlobMatch(prefix, path.substr(0, slash + 1))) return slash + 1;
  }
  return 0;
}

bool IsLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

// Returns true if `path` starts with a drive ("C:"). REQUIRES: its separators are '/'.
bool StartsWithDrive(std::string_view path) {
  return path.size() >= 2 && IsLetter(path[0]) && path[1] == ':' &&
         (path.size() == 2 || path[2] == '/');
}

// A path in the form in which Windows paths are compared.
struct WindowsPath {
  // The path with '/' between names, a drive's letter in upper case, and without the prefix of
  // verbatim paths.
  std::string text;
  // The number of bytes at the front of the path that `text` lacks.
  size_t left_out = 0;
};

WindowsPath AsWindowsPath(std::string_view path) {
  WindowsPath result;
  result.text = path;
  std::replace(result.text.begin(), result.text.end(), '\\', '/');
  if (result.text.starts_with("//?/UNC/")) {
    // Two slashes remain in front of the server.
    result.left_out = std::string_view("//?/UNC/").size() - 2;
    result.text.replace(0, std::string_view("//?/UNC/").size(), "//");
  } else if (result.text.starts_with("//?/") || result.text.starts_with("//./")) {
    result.left_out = 4;
    result.text.erase(0, 4);
  }
  if (StartsWithDrive(result.text) && result.text[0] >= 'a') result.text[0] -= 'a' - 'A';
  return result;
}

// POSIX allows backslashes in names, but they are rare there.
bool IsWindowsPrefix(std::string_view prefix) {
  return prefix.find('\\') != std::string_view::npos || StartsWithDrive(prefix);
}

}  // namespace

absl::StatusOr<PathTrimmer> PathTrimmer::Create(const std::vector<std::string>& prefixes) {
  if (prefixes.size() > kMaxPrefixes) {
    return absl::InvalidArgumentError(
        fmt::format("{} path prefixes to trim; the limit is {}", prefixes.size(), kMaxPrefixes));
  }
  PathTrimmer trimmer;
  for (const std::string& prefix : prefixes) {
    if (prefix.empty()) return absl::InvalidArgumentError("a path prefix to trim is empty");
    if (prefix.size() > kMaxPrefixBytes) {
      return absl::InvalidArgumentError(
          fmt::format("a path prefix to trim is {} bytes long; the limit is {}", prefix.size(),
                      kMaxPrefixBytes));
    }
    if (IsWindowsPrefix(prefix)) {
      const std::string text = AsWindowsPath(prefix).text;
      const bool is_network = text.starts_with("//");
      trimmer.windows_prefixes_.push_back((is_network ? "/" : "") + NormalizePath(text) + "/");
      continue;
    }
    const std::string normal = NormalizePath(prefix);
    // As in CodeChecker, the root alone trims nothing; nor does the working directory.
    if (normal == "/" || normal == ".") continue;
    trimmer.prefixes_.push_back(normal + "/");
  }
  return trimmer;
}

std::string PathTrimmer::Trim(std::string_view path) const {
  // On a POSIX system, two slashes at the front are the same as one.
  const size_t extra_slash = path.starts_with("//") ? 1 : 0;
  size_t longest = 0;
  for (const std::string& prefix : prefixes_) {
    const size_t matched = MatchedBytes(prefix, path.substr(extra_slash));
    if (matched > 0) longest = std::max(longest, matched + extra_slash);
  }
  if (!windows_prefixes_.empty()) longest = std::max(longest, MatchedWindowsBytes(path));
  if (longest == path.size()) longest = 0;
  return std::string(path.substr(longest));
}

size_t PathTrimmer::MatchedWindowsBytes(std::string_view path) const {
  const WindowsPath windows_path = AsWindowsPath(path);
  size_t longest = 0;
  for (const std::string& prefix : windows_prefixes_) {
    const size_t matched = MatchedBytes(prefix, windows_path.text);
    if (matched > 0) longest = std::max(longest, matched + windows_path.left_out);
  }
  return longest;
}

std::string NormalizePath(std::string_view path) {
  if (path.empty()) return "";
  const bool absolute = path.front() == '/';
  std::string normal = absolute ? "/" : "";
  // The length of the front of `normal` that ".." must not remove.
  size_t floor = normal.size();
  while (!path.empty()) {
    const std::string_view part = TakePart(&path);
    if (part.empty() || part == ".") continue;
    if (part != "..") {
      if (normal.size() > 1 || (!absolute && !normal.empty())) normal += '/';
      normal += part;
    } else if (normal.size() > floor) {
      const size_t slash = normal.rfind('/');
      normal.resize(slash == std::string::npos ? 0 : std::max(slash, floor));
    } else if (!absolute) {
      normal += normal.empty() ? ".." : "/..";
      floor = normal.size();
    }
  }
  return normal.empty() ? "." : normal;
}

}  // namespace stored::reports
