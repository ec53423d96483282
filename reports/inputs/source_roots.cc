#include "reports/inputs/source_roots.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <glob.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <climits>

#include "base/files/file.h"
#include "base/files/path.h"
#include "base/status.h"

namespace stored::reports {
namespace {

// The directories in which the compilers of Debian, Fedora, Red Hat's toolsets and LLVM's own
// packages keep headers.
constexpr std::array kSystemIncludes = {
    "/usr/include",
    "/usr/local/include",
    "/usr/*-linux-*/include",
    "/usr/lib/gcc*",
    "/usr/lib64/gcc*",
    "/usr/local/lib/gcc*",
    "/usr/local/lib64/gcc*",
    "/usr/lib/llvm*",
    "/usr/lib64/llvm*",
    "/usr/local/llvm*",
    "/usr/lib/clang*",
    "/usr/lib64/clang*",
    "/usr/local/lib/clang*",
    "/opt/rh/*/root/usr/include",
    "/opt/rh/*/root/usr/lib/gcc*",
};

absl::StatusOr<std::string> RealDirectory(const std::string& path) {
  STORED_ASSIGN_OR_RETURN(const UniqueFd fd, OpenFile(path, O_PATH | O_DIRECTORY));
  return RealPathOf(fd.get(), path);
}

}  // namespace

absl::StatusOr<std::string> RealPathOf(int fd, const std::string& name) {
  std::array<char, PATH_MAX> path{};
  const ssize_t size =
      ::readlink(fmt::format("/proc/self/fd/{}", fd).c_str(), path.data(), path.size());
  if (size < 0) return ErrnoStatus(errno, name + ": its real path cannot be determined");
  const std::string_view real(path.data(), static_cast<size_t>(size));
  if (real.size() == path.size() || !real.starts_with('/')) {
    return absl::NotFoundError(name + ": its real path cannot be determined");
  }
  return std::string(real);
}

SourceRoots::SourceRoots(const std::string& home) {
  if (home.empty()) return;
  // A home directory that does not exist has no private files.
  if (absl::StatusOr<std::string> real = RealDirectory(home); real.ok()) home_ = *std::move(real);
}

absl::Status SourceRoots::AddNamed(const std::string& directory) {
  // Most likely an unset variable of a script.
  if (directory.empty()) return absl::InvalidArgumentError("the name of the directory is empty");
  const absl::StatusOr<std::string> real = RealDirectory(directory);
  if (!real.ok()) return absl::InvalidArgumentError(real.status().message());
  Add(*real, Kind::kNamed);
  named_.push_back(*real);
  return absl::OkStatus();
}

void SourceRoots::AddImplied(const std::string& directory) {
  const absl::StatusOr<std::string> real = RealDirectory(directory);
  if (real.ok() && *real != "/") Add(*real, Kind::kImplied);
}

void SourceRoots::AddSystemIncludes() {
  for (const char* pattern : kSystemIncludes) {
    glob_t found{};
    if (::glob(pattern, GLOB_NOSORT | GLOB_ONLYDIR, nullptr, &found) == 0) {
      for (size_t i = 0; i < found.gl_pathc; ++i) {
        const absl::StatusOr<std::string> real = RealDirectory(found.gl_pathv[i]);
        if (real.ok() && *real != "/") Add(*real, Kind::kNamed);
      }
    }
    ::globfree(&found);
  }
}

void SourceRoots::Add(const std::string& real_path, Kind kind) {
  const auto [root, is_new] = roots_.try_emplace(real_path, kind);
  if (!is_new && kind == Kind::kNamed) root->second = kind;
}

bool SourceRoots::Contain(std::string_view real_path) const {
  if (!real_path.starts_with('/')) return false;
  for (size_t end = real_path.rfind('/');; end = real_path.rfind('/', end - 1)) {
    const std::string_view directory = end == 0 ? "/" : real_path.substr(0, end);
    const auto root = roots_.find(directory);
    if (root != roots_.end() &&
        (root->second == Kind::kNamed || !IsPrivate(real_path, directory))) {
      return true;
    }
    if (end == 0) return false;
  }
}

bool SourceRoots::IsPrivate(std::string_view real_path, std::string_view root) const {
  const std::string_view rest = real_path.substr(root.size());
  if (rest.find("/.git/") != std::string_view::npos) return true;
  if (home_.empty() || !IsWithin(home_, root) || !IsWithin(real_path, home_)) return false;
  return real_path.substr(home_.size()).starts_with("/.");
}

}  // namespace stored::reports
