#include "reports/inputs/sources.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstdint>
#include <string_view>

#include "base/file.h"
#include "base/status.h"
#include "reports/inputs/path_trimmer.h"

namespace stored::reports {
namespace {

absl::Status NotFound(const std::string& path, std::string_view why) {
  return absl::NotFoundError(fmt::format("{}: {}", path, why));
}

absl::Status TooLarge(const std::string& path, const Limits& limits) {
  return absl::ResourceExhaustedError(
      fmt::format("{}: larger than the limit of {} bytes", path, limits.max_source_bytes));
}

class LocalFiles final : public SourceProvider {
 public:
  explicit LocalFiles(const Limits& limits) : limits_(limits) {}

  absl::StatusOr<std::string> Read(const std::string& path,
                                   const std::string& directory) const override {
    if (!path.starts_with('/') && !directory.empty()) {
      absl::StatusOr<std::string> below = ReadAs(path, directory + "/" + path);
      if (below.ok() || !absl::IsNotFound(below.status())) return below;
    }
    return ReadAs(path, path);
  }

 private:
  // What is in `file`, the place of the source `path`.
  absl::StatusOr<std::string> ReadAs(const std::string& path, const std::string& file) const {
    absl::StatusOr<std::string> content = ReadFile(file, limits_.max_source_bytes);
    if (content.ok()) return content;
    if (absl::IsResourceExhausted(content.status())) return TooLarge(path, limits_);
    // Whatever else the reason, the report is kept and its source is not there.
    return absl::NotFoundError(content.status().message());
  }

  const Limits limits_;
};

class FilesBelow final : public SourceProvider {
 public:
  FilesBelow(std::string root, const Limits& limits) : root_(std::move(root)), limits_(limits) {}

  absl::StatusOr<std::string> Read(const std::string& path,
                                   const std::string& /*directory*/) const override {
    STORED_ASSIGN_OR_RETURN(const UniqueFd file, Open(path));
    struct stat info {};
    if (::fstat(file.get(), &info) != 0 || !S_ISREG(info.st_mode)) {
      return NotFound(path, "not a regular file");
    }
    const auto size = static_cast<uint64_t>(info.st_size);
    if (size > limits_.max_source_bytes) return TooLarge(path, limits_);
    std::string content(size, '\0');
    STORED_ASSIGN_OR_RETURN(const size_t read, ReadAt(file.get(), content.data(), size, 0, path));
    content.resize(read);
    return content;
  }

 private:
  // Goes down name by name, so that neither ".." nor a link can lead out of the root.
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
  absl::StatusOr<std::string> Read(const std::string& path,
                                   const std::string& /*directory*/) const override {
    return NotFound(path, "no sources came with the upload");
  }
};

}  // namespace

std::unique_ptr<SourceProvider> LocalSources(const Limits& limits) {
  return std::make_unique<LocalFiles>(limits);
}

std::unique_ptr<SourceProvider> SourcesBelow(const std::string& root, const Limits& limits) {
  return std::make_unique<FilesBelow>(root, limits);
}

std::unique_ptr<SourceProvider> NoSources() { return std::make_unique<Nowhere>(); }

}  // namespace stored::reports
