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
  // Returns the directory `path` unless it is empty. Otherwise returns the large sample that some
  // developers have beside the project, unpacked, or else the project's own sample.
  static absl::StatusOr<ReportsDirectory> Find(const std::string& path);

  const std::string& path() const { return path_; }

 private:
  ReportsDirectory(std::string path, std::optional<TemporaryDirectory> unpacked)
      : path_(std::move(path)), unpacked_(std::move(unpacked)) {}

  std::string path_;
  std::optional<TemporaryDirectory> unpacked_;
};

// Makes corpora of any size from a few real report files. Every copy of them has a source root and
// report hashes of its own, so that no reports of two copies are duplicates. The sources are made
// up, with as many lines as the reports mention.
//
// A copy has about 14,313 diagnostics (3,376 reports in the large sample). If the files have fewer,
// one copy repeats them.
class CorpusMaker {
 public:
  // Loads all plists in `reports`, and its metadata.json.
  static absl::StatusOr<CorpusMaker> Load(const std::string& reports);

  // Writes DIRECTORY/reports and the sources they name, DIRECTORY/src/COPY/... With `changed`, it
  // writes only DIRECTORY/changed: the same reports, except for one in a hundred.
  absl::Status Make(int copies, bool changed, const std::string& directory) const;

  // Return the number of diagnostics in a copy, and the bytes that its files take on disk.
  uint64_t diagnostics() const { return diagnostics_ * repeats_; }
  uint64_t bytes() const { return bytes_ * repeats_; }

 private:
  // A piece of a report file, which is cut before every path and every hash, where copies differ.
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
  // Maps a source path to the number of lines that it must have.
  absl::flat_hash_map<std::string, uint32_t> lines_;
  // The common root of all sources, with "/" at its end.
  std::string root_;
  uint64_t diagnostics_ = 0;
  uint64_t bytes_ = 0;
  int repeats_ = 1;
};

// Makes a corpus of `copies` copies in DIRECTORY. For `reports` see Context.
absl::Status MakeCorpus(const std::string& reports, int copies, const std::string& directory);

// Writes the bundle that storectl would make of the report files in DIRECTORY for a server that has
// no sources yet. REQUIRES: `path` does not exist.
absl::Status BundleReports(const std::string& directory, const std::string& path);

}  // namespace stored::bench
