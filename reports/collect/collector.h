#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/types/span.h"
#include "base/cancellation.h"
#include "base/sha256.h"
#include "reports/inputs/inputs.h"
#include "reports/inputs/path_trimmer.h"
#include "reports/limits.h"
#include "reports/stream/report_sink.h"

namespace stored::reports {

struct CollectorOptions {
  Limits limits;
  PathTrimmer trimmer;
  // Leave out result files that cannot be read, with a warning each, instead of ending. Then each
  // is read to its end before anything of it is sent.
  bool skip_bad_files = false;
  // What sets that, where a user or client can: named in the error about one file of several.
  std::string skip_bad_files_option;
  // Threads that parse; 0 is one a processor.
  int threads = 0;
  // The user's home directory, for what is said of sources that were left out; may be empty.
  std::string home_directory;
  // Told after each result file: how many are done, of how many. From any thread, one at a time.
  std::function<void(uint64_t done, uint64_t total)> progress;
  // Polled by the thread that collects; ends Collect and SendContents with CANCELLED.
  Cancellation stop;
};

// What was found, for people.
struct CollectorCounts {
  uint32_t result_files = 0;
  uint32_t bad_files = 0;
  uint64_t diagnostics = 0;
  uint64_t skipped_diagnostics = 0;
  uint32_t reports = 0;
  uint32_t source_files = 0;
  // Neither missing nor read: they lie outside of where sources are read from.
  uint32_t left_out_source_files = 0;
  uint32_t missing_source_files = 0;
};

// Reads result files in parallel and hands their reports on in the order of the inputs, whatever
// thread was first: paths resolved and trimmed, skipped files left out, hashes computed where the
// format gives none, duplicates dropped by ReportIdentity, sources found and hashed. What it holds
// is bounded: a few parsed files or parts of large ones, the table of sources, and 16 bytes a
// distinct report.
//
// Paths that are trimmed to the same one are one file. Its text is that of the first that is named;
// when others differ from it, a warning says so.
//
// Use: Collect once, then SendContents, then Finish. Not safe for concurrent use.
class Collector {
 public:
  // `inputs` and `sink` outlive it.
  Collector(const Inputs& inputs, CollectorOptions options, ReportSink& sink);
  ~Collector();
  Collector(const Collector&) = delete;
  Collector& operator=(const Collector&) = delete;

  // Sends analyses, files and reports. An error names the file it is about and stays the answer.
  absl::Status Collect();

  // One line about the sources that are newer than a result file that names them, and so are
  // perhaps not the text that was analyzed; empty when there are none. After Collect.
  std::string ChangeWarning() const;

  // Digests of all sources found, sorted, without repetition.
  std::vector<Sha256Digest> Sources() const;

  // Sends the contents among Sources() that `wanted` names (sorted), compressed in parallel. A
  // source that changed since it was hashed, or went, is left out with a warning.
  absl::Status SendContents(absl::Span<const Sha256Digest> wanted);

  // Sends the summary. Sources not found, left out, or changed are one warning each that names the
  // first few.
  absl::Status Finish();

  const CollectorCounts& counts() const;
  // So far; those of Inputs included.
  const std::vector<std::string>& warnings() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace stored::reports
