#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/files/file.h"

namespace stored::bench {

// A directory of real report files, from which corpora are made.
class ReportsDirectory {
 public:
  // `path` where it is not empty; else the large sample that some developers have beside the
  // project, unpacked; else the project's own.
  static absl::StatusOr<ReportsDirectory> Find(const std::string& path);

  const std::string& path() const { return path_; }

 private:
  ReportsDirectory(std::string path, std::optional<TemporaryDirectory> unpacked)
      : path_(std::move(path)), unpacked_(std::move(unpacked)) {}

  std::string path_;
  std::optional<TemporaryDirectory> unpacked_;
};

// Makes corpora of any size out of a few real report files: every copy of them is under a source
// root of its own and has report hashes of its own, so that nothing collapses across copies. The
// sources are made up, with as many lines as the reports mention.
//
// A copy has about 14,313 diagnostics (3,376 reports in the large sample): where the files have
// fewer, one copy is several of them.
class CorpusMaker {
 public:
  // Of all plists in `reports`, and its metadata.json.
  static absl::StatusOr<CorpusMaker> Load(const std::string& reports);

  // Writes DIRECTORY/reports and the sources they name, DIRECTORY/src/COPY/... With `changed`, it
  // writes DIRECTORY/changed instead, the same but for one in a hundred reports, and no sources.
  absl::Status Make(int copies, bool changed, const std::string& directory) const;

  // Diagnostics in a copy, and bytes that its files take on disk.
  uint64_t diagnostics() const { return diagnostics_ * repeats_; }
  uint64_t bytes() const { return bytes_ * repeats_; }

 private:
  // A report file cut where a copy differs from it: before every path and every hash.
  struct Piece {
    enum class Kind { kText, kPath, kHash };
    Kind kind;
    std::string text;
  };
  struct ReportFile {
    std::string name;
    std::vector<Piece> pieces;
  };

  absl::Status AddFile(const std::string& directory, const std::string& name);
  void FindRoot();
  std::string MovedPath(const std::string& path, const std::string& root) const;
  absl::Status WriteSources(int copy, const std::string& root) const;
  absl::Status WriteReports(int copy, bool changed, const std::string& root,
                            const std::string& directory) const;

  std::vector<ReportFile> files_;
  std::string metadata_;
  // Source path -> lines it must have.
  absl::flat_hash_map<std::string, uint32_t> lines_;
  // Of all sources, "/" at its end.
  std::string root_;
  uint64_t diagnostics_ = 0;
  uint64_t bytes_ = 0;
  int repeats_ = 1;
};

// A corpus of so many copies in DIRECTORY; `reports` as in Context.
absl::Status MakeCorpus(const std::string& reports, int copies, const std::string& directory);

// The bundle that storectl would make of the report files in DIRECTORY for a server that has no
// source yet. There is nothing at `path`.
absl::Status BundleReports(const std::string& directory, const std::string& path);

}  // namespace stored::bench
