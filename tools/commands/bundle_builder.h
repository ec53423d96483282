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
  // Report directories, plists, SARIF logs, archives; "-" is standard input.
  std::vector<std::string> paths;
  std::vector<std::string> trim_path_prefixes;
  bool skip_bad_files = false;
  // Directories that sources are read from beside the paths, the working directory and the
  // system's include directories.
  std::vector<std::string> source_roots;
  // Told after each result file. From any thread, one at a time.
  std::function<void(uint64_t done, uint64_t total)> progress;
};

// INVALID_ARGUMENT or NOT_FOUND when a path is not there or standard input is named twice: what can
// be told before any work is done.
absl::Status CheckPaths(const std::vector<std::string>& paths);
// INVALID_ARGUMENT when one is not a directory.
absl::Status CheckSourceRoots(const std::vector<std::string>& roots);

// Makes one bundle of analyzer output. Call Open, Collect, Finish, in this order. Errors name the
// file they are about. Not safe for concurrent use.
class BundleBuilder {
 public:
  // `scratch` is a directory for what archives unpack to and for standard input.
  BundleBuilder(BundleOptions options, std::string scratch);
  ~BundleBuilder();
  BundleBuilder(const BundleBuilder&) = delete;
  BundleBuilder& operator=(const BundleBuilder&) = delete;

  // Finds what is to be read.
  absl::Status Open();
  // The runs that the analyses say they are of. After Open.
  const std::vector<reports::NamedRun>& run_names() const { return inputs_.run_names; }

  // Reads all of it.
  absl::Status Collect();
  // One line about sources that are newer than their result files; empty when there are none.
  std::string ChangeWarning() const { return collector_->ChangeWarning(); }
  // Digests of the sources found, sorted.
  std::vector<Sha256Digest> Sources() const { return collector_->Sources(); }

  // Adds the contents of `wanted` sources (sorted) and completes the bundle.
  absl::Status Finish(absl::Span<const Sha256Digest> wanted);

  // The complete bundle, after Finish. The file has no name any more: it goes with the descriptor.
  UniqueFd TakeBundle() { return std::move(fd_); }

  const reports::CollectorCounts& counts() const { return collector_->counts(); }
  const std::vector<std::string>& warnings() const { return collector_->warnings(); }

 private:
  absl::Status SpoolStandardInput();
  absl::Status OpenBundle();
  // The same error, the spooled standard input called by its name.
  absl::Status Named(const absl::Status& status) const;

  BundleOptions options_;
  std::string scratch_;
  // Where standard input was spooled to; empty when it is not read.
  std::string standard_input_;
  reports::Inputs inputs_;
  UniqueFd fd_;
  std::unique_ptr<reports::BundleWriter> writer_;
  std::unique_ptr<reports::Collector> collector_;
};

}  // namespace stored::tools
