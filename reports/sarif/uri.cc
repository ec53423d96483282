#include "reports/sarif/uri.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"

namespace stored::reports::sarif {
namespace {

// Logs nest bases two or three deep; a chain that goes on is one that comes back to itself.
constexpr int kMaxBaseChain = 32;
// Longer than any path that is kept; where to stop putting bases together.
constexpr size_t kMaxResolvedBytes = 64 << 10;

constexpr std::string_view kFileScheme = "file:";

bool HasFileScheme(std::string_view uri) {
  if (uri.size() < kFileScheme.size()) return false;
  return std::equal(kFileScheme.begin(), kFileScheme.end(), uri.begin(), [](char a, char b) {
    return a == absl::ascii_tolower(static_cast<unsigned char>(b));
  });
}

int HexValue(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::string PercentDecode(std::string_view text) {
  std::string decoded;
  decoded.reserve(text.size());
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size()) {
      const int high = HexValue(text[i + 1]);
      const int low = HexValue(text[i + 2]);
      if (high >= 0 && low >= 0) {
        decoded += static_cast<char>(high * 16 + low);
        i += 2;
        continue;
      }
    }
    decoded += text[i];
  }
  return decoded;
}

bool StartsWithDrive(std::string_view path) {
  return path.size() >= 2 && absl::ascii_isalpha(static_cast<unsigned char>(path[0])) &&
         path[1] == ':' && (path.size() == 2 || path[2] == '/' || path[2] == '\\');
}

bool IsAbsolute(std::string_view uri) {
  return uri.starts_with('/') || StartsWithDrive(uri) || HasScheme(uri);
}

// What "." and ".." mean is applied, empty names are dropped; what the path starts with ("/",
// "//host", "C:") stays.
std::string Normalize(std::string_view path) {
  std::string root;
  if (path.size() > 2 && path.starts_with("//") && path[2] != '/') {
    const size_t end = std::min(path.find('/', 2), path.size());
    root = path.substr(0, end);
    root += '/';
    path.remove_prefix(end);
  } else if (StartsWithDrive(path)) {
    root = path.substr(0, 2);
    root += '/';
    path.remove_prefix(2);
  } else if (path.starts_with('/')) {
    root = "/";
  }
  std::vector<std::string_view> names;
  while (!path.empty()) {
    const size_t end = path.find('/');
    const std::string_view name = path.substr(0, end);
    path.remove_prefix(end == std::string_view::npos ? path.size() : end + 1);
    if (name.empty() || name == ".") continue;
    const bool goes_up = name == "..";
    if (goes_up && !names.empty() && names.back() != "..") {
      names.pop_back();
    } else if (!goes_up || root.empty()) {
      names.push_back(name);
    }
  }
  std::string normalized = std::move(root);
  for (size_t i = 0; i < names.size(); ++i) {
    if (i > 0) normalized += '/';
    normalized += names[i];
  }
  return normalized;
}

// The path of a file URI (RFC 8089), with its authority where that is another host.
std::string FilePath(std::string_view after_scheme) {
  std::string path;
  if (after_scheme.starts_with("//")) {
    after_scheme.remove_prefix(2);
    const size_t slash = std::min(after_scheme.find('/'), after_scheme.size());
    const std::string_view host = after_scheme.substr(0, slash);
    const bool elsewhere = !host.empty() && host != "localhost" && !StartsWithDrive(host);
    if (elsewhere) path = "//" + PercentDecode(host);
    if (!StartsWithDrive(host)) after_scheme.remove_prefix(slash);
    // "//host" is told from "//" and an empty name by what follows.
    if (!elsewhere) {
      while (after_scheme.starts_with("//")) after_scheme.remove_prefix(1);
    }
  }
  path += PercentDecode(after_scheme);
  // RFC 8089 appendix E.2: the slash before a drive belongs to the URI.
  if (path.starts_with('/') && StartsWithDrive(std::string_view(path).substr(1))) path.erase(0, 1);
  return path;
}

}  // namespace

bool HasScheme(std::string_view uri) {
  const size_t colon = uri.find(':');
  if (colon == std::string_view::npos || colon < 2) return false;
  if (!absl::ascii_isalpha(static_cast<unsigned char>(uri[0]))) return false;
  return std::all_of(uri.begin(), uri.begin() + static_cast<std::ptrdiff_t>(colon), [](char c) {
    return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '+' || c == '-' || c == '.';
  });
}

absl::StatusOr<std::string> PathOfUri(std::string_view uri) {
  std::string path;
  if (HasFileScheme(uri)) {
    path = FilePath(uri.substr(kFileScheme.size()));
  } else if (HasScheme(uri)) {
    return std::string(uri);
  } else {
    path = PercentDecode(uri);
  }
  if (path.find('\0') != std::string::npos) {
    return absl::InvalidArgumentError(fmt::format("the URI \"{}\" encodes a NUL", uri));
  }
  // No URI holds a backslash (RFC 3986 section 2): what has one is a Windows path as it was found.
  if (uri.find('\\') != std::string_view::npos) std::replace(path.begin(), path.end(), '\\', '/');
  return Normalize(path);
}

void UriBases::Add(std::string id, std::string uri, std::string base_id) {
  bases_.insert_or_assign(std::move(id), Base{std::move(uri), std::move(base_id)});
}

std::string UriBases::Resolve(std::string_view uri, std::string_view base_id) const {
  std::string resolved(uri);
  std::string next(base_id);
  for (int links = 0; !next.empty() && !IsAbsolute(resolved); ++links) {
    const auto base = bases_.find(next);
    if (base == bases_.end() || base->second.uri.empty()) break;
    if (links == kMaxBaseChain || resolved.size() > kMaxResolvedBytes) return std::string(uri);
    std::string below = base->second.uri;
    // Section 3.14.14 asks for a slash at the end; not every tool has read it.
    if (!below.ends_with('/') && !resolved.empty()) below += '/';
    below += resolved;
    resolved = std::move(below);
    next = base->second.base_id;
  }
  return resolved;
}

}  // namespace stored::reports::sarif
