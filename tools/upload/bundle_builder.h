#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "base/files/file.h"
#include "base/sha256.h"
#include "reports/bundle/bundle_writer.h"
#include "reports/collect/collector.h"
#include "reports/inputs/inputs.h"

namespace stored::tools {

struct BundleOptions {
  // Report directories, plists, SARIF logs and archives; "-" means standard input.
  std::vector<std::string> paths;
  std::vector<std::string> trim_path_prefixes;
  bool skip_bad_files = false;
  // Directories from which sources may be read, besides the paths, the working directory and the
  // system's include directories.
  std::vector<std::string> source_roots;
  // Called after each result file, from any thread but never concurrently.
  std::function<void(uint64_t done, uint64_t total)> progress;
};

// Checks the paths before any work is done. NOT_FOUND if a path does not exist, INVALID_ARGUMENT if
// standard input is named twice.
absl::Status CheckPaths(const std::vector<std::string>& paths);
// INVALID_ARGUMENT if one of `roots` is not a directory.
absl::Status CheckSourceRoots(const std::vector<std::string>& roots);

// Builds one bundle from analyzer output. Call Open, Collect and Finish in this order. Errors name
// the file that caused them. Not safe for concurrent use.
class BundleBuilder {
 public:
  // `scratch` is a directory for the contents of archives and for a copy of standard input.
  BundleBuilder(BundleOptions options, std::string scratch);
  ~BundleBuilder();
  BundleBuilder(const BundleBuilder&) = delete;
  BundleBuilder& operator=(const BundleBuilder&) = delete;

  // Finds the result files.
  absl::Status Open();
  // Returns the names of runs in the metadata of the input.
  // REQUIRES: Open() has succeeded.
  const std::vector<reports::NamedRun>& run_names() const { return inputs_.run_names; }

  // Reads all result files.
  absl::Status Collect();
  // Returns one line about sources that are newer than their result files; empty without such
  // sources.
  std::string ChangeWarning() const { return collector_->ChangeWarning(); }
  // Returns the digests of the sources that were found, sorted.
  std::vector<Sha256Digest> Sources() const { return collector_->Sources(); }

  // Adds the contents of the sources `wanted` and completes the bundle.
  // REQUIRES: `wanted` is sorted.
  absl::Status Finish(absl::Span<const Sha256Digest> wanted);

  // Returns the complete bundle. The file has been unlinked, so closing the descriptor removes it.
  // REQUIRES: Finish() has succeeded.
  UniqueFd TakeBundle() { return std::move(fd_); }

  const reports::CollectorCounts& counts() const { return collector_->counts(); }
  const std::vector<std::string>& warnings() const { return collector_->warnings(); }

 private:
  absl::Status SpoolStandardInput();
  absl::Status OpenBundle();
  // Returns the same error with "(standard input)" for the path of the copy of standard input.
  absl::Status NameStandardInput(const absl::Status& status) const;

  BundleOptions options_;
  std::string scratch_;
  // Path of the copy of standard input; empty if it is not read.
  std::string standard_input_;
  reports::Inputs inputs_;
  UniqueFd fd_;
  std::unique_ptr<reports::BundleWriter> writer_;
  std::unique_ptr<reports::Collector> collector_;
};

}  // namespace stored::tools
