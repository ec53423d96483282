#include "reports/sarif/location/uri.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"

namespace stored::reports::sarif {
namespace {

// Logs nest bases two or three deep; a longer chain is taken for a cycle.
constexpr int kMaxBaseChain = 32;
// The size at which joining bases stops; it is longer than any path that is kept.
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

bool IsSlash(char c) { return c == '/' || c == '\\'; }

bool StartsWithDrive(std::string_view path) {
  return path.size() >= 2 && absl::ascii_isalpha(static_cast<unsigned char>(path[0])) &&
         path[1] == ':' && (path.size() == 2 || IsSlash(path[2]));
}

bool IsAbsolute(std::string_view uri) {
  return uri.starts_with('/') || uri.starts_with("\\\\") || StartsWithDrive(uri) || HasScheme(uri);
}

// Resolves "." and ".." and drops empty names. Keeps the root of the path ("/", "//host", "C:").
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
  // "./" names the directory itself.
  return normalized.empty() ? "." : normalized;
}

bool EqualsIgnoringCase(std::string_view a, std::string_view b) {
  return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(), [](char x, char y) {
           return absl::ascii_tolower(static_cast<unsigned char>(x)) ==
                  absl::ascii_tolower(static_cast<unsigned char>(y));
         });
}

// Returns true if a file URI's authority can be the name of a host (RFC 3986 section 3.2). It
// cannot if a tool wrote "file://" in front of text that is not a URI ("<source>", "..",
// "%SRCROOT%").
bool IsHost(std::string_view authority) {
  if (authority.empty() || authority == "." || authority == "..") return false;
  for (size_t i = 0; i < authority.size(); ++i) {
    const auto c = static_cast<unsigned char>(authority[i]);
    if (c == '%') {
      const bool encodes = i + 2 < authority.size() && HexValue(authority[i + 1]) >= 0 &&
                           HexValue(authority[i + 2]) >= 0;
      if (!encodes) return false;
    } else if (c < 0x80 && !absl::ascii_isalnum(c) &&
               std::string_view("-._~!$&'()*+,;=:@[]").find(authority[i]) ==
                   std::string_view::npos) {
      return false;
    }
  }
  return true;
}

// Returns true if `name` is a common directory in the root of POSIX systems, or of machines that
// build on them.
bool IsRootDirectory(std::string_view name) {
  static constexpr std::string_view kNames[] = {
      "Applications", "Library", "System", "Users", "Volumes", "app",  "bin",       "boot",
      "build",        "builds",  "code",   "data",  "dev",     "etc",  "github",    "home",
      "lib",          "lib64",   "media",  "mnt",   "nix",     "opt",  "private",   "proc",
      "project",      "repo",    "root",   "run",   "sbin",    "snap", "source",    "src",
      "srv",          "sys",     "tmp",    "usr",   "var",     "work", "workspace", "workspaces"};
  return std::find(std::begin(kNames), std::end(kNames), name) != std::end(kNames);
}

// Returns the path of a file URI that has no authority and several slashes at the start of its
// path. It is either a UNC path ("file:////server/share/a.c", RFC 8089 appendix E.3.2), or an
// absolute path behind a prefix that already ended with a slash ("file:///" + "/home/me/a.c").
std::string_view PathOfManySlashes(std::string_view path) {
  const size_t begin = path.find_first_not_of('/');
  if (begin == std::string_view::npos) return path.substr(path.size() - 1);
  const size_t end = path.find('/', begin);
  const bool has_share = end != std::string_view::npos && end + 1 < path.size();
  const std::string_view name = path.substr(begin, end - begin);
  const bool is_unc = has_share && name != "." && name != ".." && !IsRootDirectory(name) &&
                      !StartsWithDrive(path.substr(begin));
  return path.substr(begin - (is_unc ? 2 : 1));
}

// Returns the path of a file URI (RFC 8089), with its authority if that is another host.
std::string FilePath(std::string_view after_scheme) {
  std::string path;
  if (!after_scheme.starts_with("//")) {
    path = PercentDecode(after_scheme);
  } else {
    after_scheme.remove_prefix(2);
    const size_t slash = std::min(after_scheme.find('/'), after_scheme.size());
    const std::string_view host = after_scheme.substr(0, slash);
    // A URI with nothing but a host does not name a file; the host is then taken for a file name.
    const bool is_host = IsHost(host) && slash < after_scheme.size() && !StartsWithDrive(host);
    if (is_host && !EqualsIgnoringCase(host, "localhost")) path = "//" + PercentDecode(host);
    // The prefix of Windows' verbatim paths, with slashes.
    const bool is_verbatim = host == "?" && slash < after_scheme.size();
    if (is_verbatim) path = "//?";
    if (is_host || is_verbatim) after_scheme.remove_prefix(slash);
    if (path.empty() && after_scheme.starts_with("//")) {
      after_scheme = PathOfManySlashes(after_scheme);
    }
    path += PercentDecode(after_scheme);
  }
  // RFC 8089 appendix E.2: the slash before a drive belongs to the URI; E.2.2: "C|" is a drive.
  const size_t drive = path.starts_with('/') ? 1 : 0;
  if (path.size() > drive + 1 && path[drive + 1] == '|' &&
      absl::ascii_isalpha(static_cast<unsigned char>(path[drive])) &&
      (path.size() == drive + 2 || IsSlash(path[drive + 2]))) {
    path[drive + 1] = ':';
  }
  if (drive == 1 && StartsWithDrive(std::string_view(path).substr(1))) path.erase(0, 1);
  return path;
}

// Cuts off the query and the fragment of a URI reference. Tools also write plain paths with a "#"
// or "?" in a name ("C#/x.cs"), so the mark is taken for part of the name if it is followed by
// further names, or by an extension that the path before it does not have.
std::string_view WithoutQueryAndFragment(std::string_view uri) {
  for (const char mark : {'#', '?'}) {
    const size_t at = uri.find(mark);
    if (at == std::string_view::npos) continue;
    const std::string_view before = uri.substr(0, at);
    const std::string_view name = before.substr(before.find_last_of("/\\") + 1);
    if (name.empty()) continue;
    const bool has_extension = name.find('.', 1) != std::string_view::npos;
    if (has_extension || uri.find_first_of("./\\", at) == std::string_view::npos) uri = before;
  }
  return uri;
}

// Replaces the backslashes of a Windows path and removes the prefix of verbatim paths: \\?\C:\x,
// \\.\C:\x, \\?\UNC\server\share.
void MakeWindowsPathPlain(std::string& path) {
  std::replace(path.begin(), path.end(), '\\', '/');
  std::string_view rest = path;
  // The path of a file URI has one slash more.
  if (rest.starts_with("///?/") || rest.starts_with("///./")) rest.remove_prefix(1);
  if (!rest.starts_with("//?/") && !rest.starts_with("//./")) return;
  rest.remove_prefix(4);
  if (StartsWithDrive(rest)) {
    path = std::string(rest);
  } else if (rest.size() > 4 && EqualsIgnoringCase(rest.substr(0, 4), "UNC/")) {
    path = fmt::format("//{}", rest.substr(4));
  }
}

// Returns true if a decoded path can only be a Windows path, so that its backslashes separate
// names.
bool IsInWindowsForm(std::string_view path) {
  if (path.starts_with('/') && path.substr(1).starts_with('\\')) path.remove_prefix(1);
  return path.starts_with("\\\\") || path.starts_with("//?/") || path.starts_with("//./") ||
         (StartsWithDrive(path) && path.find('\\') != std::string_view::npos);
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
  if (uri.empty()) return "";
  std::string path;
  // A URI has no backslash (RFC 3986 section 2), so text with one is a plain Windows path.
  const bool is_raw = uri.find('\\') != std::string_view::npos;
  if (HasFileScheme(uri)) {
    uri.remove_prefix(kFileScheme.size());
    path = FilePath(WithoutQueryAndFragment(uri));
    if (path.empty()) return "";
  } else if (HasScheme(uri)) {
    return std::string(uri);
  } else {
    path = PercentDecode(is_raw ? uri : WithoutQueryAndFragment(uri));
  }
  if (path.find('\0') != std::string::npos) {
    return absl::InvalidArgumentError(fmt::format("the URI \"{}\" encodes a NUL", uri));
  }
  if (is_raw || IsInWindowsForm(path)) MakeWindowsPathPlain(path);
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
    // Section 3.14.14 requires a slash at the end, but not every tool writes it.
    if (!below.ends_with('/') && !resolved.empty()) below += '/';
    below += resolved;
    resolved = std::move(below);
    next = base->second.base_id;
  }
  return resolved;
}

}  // namespace stored::reports::sarif
