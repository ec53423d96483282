#include "reports/inputs/sources.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <limits>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/strings/cord.h"
#include "base/files/file.h"
#include "base/status.h"
#include "reports/inputs/path_trimmer.h"

namespace stored::reports {
namespace {

// The payload that PathOutsideRoots looks for.
constexpr char kOutsidePayload[] = "stored.path_outside_roots";

absl::Status NotFound(const std::string& path, std::string_view why) {
  return absl::NotFoundError(fmt::format("{}: {}", path, why));
}

absl::Status TooLarge(const std::string& path, const Limits& limits) {
  return absl::ResourceExhaustedError(
      fmt::format("{}: larger than the limit of {} bytes", path, limits.max_source_bytes));
}

// Returns nanoseconds since 1970. A file without a time, for example from an archive, has 1970.
int64_t ModifiedNs(const struct stat& info) {
  constexpr int64_t kNsOfSecond = 1'000'000'000;
  const int64_t seconds = info.st_mtim.tv_sec;
  if (seconds < 0) return 0;
  const int64_t most = std::numeric_limits<int64_t>::max() / kNsOfSecond - 1;
  return std::min(seconds, most) * kNsOfSecond + info.st_mtim.tv_nsec;
}

// Reads the regular file that is open as `fd`; `path` is its name in messages.
absl::StatusOr<SourceText> ReadOpened(int fd, const std::string& path, const Limits& limits) {
  struct stat info {};
  if (::fstat(fd, &info) != 0 || !S_ISREG(info.st_mode)) {
    return NotFound(path, "not a regular file");
  }
  const auto size = static_cast<uint64_t>(info.st_size);
  if (size > limits.max_source_bytes) return TooLarge(path, limits);
  SourceText source{std::string(size, '\0'), ModifiedNs(info)};
  const absl::StatusOr<size_t> read = ReadAt(fd, source.text.data(), size, 0, path);
  // NOT_FOUND for every reason, so that the report is kept without its source.
  if (!read.ok()) return absl::NotFoundError(read.status().message());
  source.text.resize(*read);
  return source;
}

absl::Status Outside(const std::string& path, const std::string& real_path) {
  absl::Status status = absl::PermissionDeniedError(
      fmt::format("{}: lies outside the directories that sources are read from", path));
  status.SetPayload(kOutsidePayload, absl::Cord(real_path));
  return status;
}

class LocalFiles final : public SourceProvider {
 public:
  LocalFiles(SourceRoots roots, const Limits& limits) : roots_(std::move(roots)), limits_(limits) {}

  absl::StatusOr<SourceText> Read(const std::string& path,
                                  const std::string& directory) const override {
    if (path.find('\0') != std::string::npos) return NotFound(path, "has a zero byte in its name");
    if (path.starts_with('/')) return ReadAs(path, path);
    std::vector<std::string> places;
    if (!directory.empty()) places.push_back(directory + "/" + path);
    places.push_back(path);
    for (const std::string& root : roots_.named())
      places.push_back(fmt::format("{}/{}", root, path));
    absl::Status status = NotFound(path, "no such file");
    for (const std::string& place : places) {
      absl::StatusOr<SourceText> source = ReadAs(path, place);
      if (source.ok() || absl::IsResourceExhausted(source.status())) return source;
      // An error about a source that exists is preferred to one that says that it does not.
      if (absl::IsNotFound(status)) status = source.status();
    }
    return status;
  }

 private:
  // Reads `file`, which is the place of the source `path`. Follows the path only once, so that a
  // link that is changed between the check and the read has no effect.
  absl::StatusOr<SourceText> ReadAs(const std::string& path, const std::string& file) const {
    // O_PATH does not open the file: opening a device or a pipe can have effects.
    const UniqueFd found(::open(file.c_str(), O_PATH | O_CLOEXEC));
    if (!found.valid()) return NotFound(path, std::generic_category().message(errno));
    struct stat info {};
    if (::fstat(found.get(), &info) != 0 || !S_ISREG(info.st_mode)) {
      return NotFound(path, "not a regular file");
    }
    const absl::StatusOr<std::string> real_path = RealPathOf(found.get(), path);
    if (!real_path.ok()) return absl::NotFoundError(real_path.status().message());
    if (!roots_.Contain(*real_path)) return Outside(path, *real_path);
    const UniqueFd opened(::open(fmt::format("/proc/self/fd/{}", found.get()).c_str(),
                                 O_RDONLY | O_NONBLOCK | O_CLOEXEC));
    if (!opened.valid()) return NotFound(path, std::generic_category().message(errno));
    return ReadOpened(opened.get(), path, limits_);
  }

  const SourceRoots roots_;
  const Limits limits_;
};

class FilesBelow final : public SourceProvider {
 public:
  FilesBelow(std::string root, const Limits& limits) : root_(std::move(root)), limits_(limits) {}

  absl::StatusOr<SourceText> Read(const std::string& path,
                                  const std::string& /*directory*/) const override {
    STORED_ASSIGN_OR_RETURN(const UniqueFd file, Open(path));
    return ReadOpened(file.get(), path, limits_);
  }

 private:
  // Opens one directory after the other, so that neither ".." nor a link can lead out of the root.
  absl::StatusOr<UniqueFd> Open(const std::string& path) const {
    if (path.find('\0') != std::string::npos) return NotFound(path, "has a zero byte in its name");
    const std::string normal = NormalizePath(path);
    UniqueFd at(::open(root_.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    std::string_view rest = normal;
    while (at.valid() && !rest.empty()) {
      const size_t slash = rest.find('/');
      const std::string name(rest.substr(0, slash));
      rest.remove_prefix(slash == std::string_view::npos ? rest.size() : slash + 1);
      if (name.empty()) continue;
      if (name == "..") return NotFound(path, "leads out of the upload");
      const int kind = rest.empty() ? O_RDONLY | O_NONBLOCK : O_PATH | O_DIRECTORY;
      at = UniqueFd(::openat(at.get(), name.c_str(), kind | O_NOFOLLOW | O_CLOEXEC));
    }
    if (!at.valid()) return NotFound(path, "not in the upload");
    return at;
  }

  const std::string root_;
  const Limits limits_;
};

class Nowhere final : public SourceProvider {
 public:
  absl::StatusOr<SourceText> Read(const std::string& path,
                                  const std::string& /*directory*/) const override {
    return NotFound(path, "the upload does not have sources");
  }
};

}  // namespace

std::unique_ptr<SourceProvider> LocalSources(SourceRoots roots, const Limits& limits) {
  return std::make_unique<LocalFiles>(std::move(roots), limits);
}

std::unique_ptr<SourceProvider> SourcesBelow(const std::string& root, const Limits& limits) {
  return std::make_unique<FilesBelow>(root, limits);
}

std::unique_ptr<SourceProvider> NoSources() { return std::make_unique<Nowhere>(); }

std::optional<std::string> PathOutsideRoots(const absl::Status& status) {
  const auto real_path = status.GetPayload(kOutsidePayload);
  if (!real_path) return std::nullopt;
  return std::string(*real_path);
}

int64_t ModifiedNs(const std::string& path) {
  struct stat info {};
  return ::stat(path.c_str(), &info) == 0 ? ModifiedNs(info) : 0;
}

}  // namespace stored::reports
