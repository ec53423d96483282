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
  // Leaves out each result file that cannot be read, with a warning, instead of returning an error.
  // Then a file is read to its end before any of its reports is sent.
  bool skip_bad_files = false;
  // The option by which a user or client sets `skip_bad_files`. Errors about one file of several
  // name it. Empty if there is no such option.
  std::string skip_bad_files_option;
  // The number of threads that parse; 0 for one per processor.
  int threads = 0;
  // The user's home directory, for the warning about sources that were left out; may be empty.
  std::string home_directory;
  // Called after each result file with the number of files that are done and of all files. Called
  // by any thread, but by one at a time.
  std::function<void(uint64_t done, uint64_t total)> progress;
  // Polled by the thread that collects; ends Collect and SendContents with CANCELLED.
  Cancellation stop;
};

// Counts of what was found, for people.
struct CollectorCounts {
  uint32_t result_files = 0;
  uint32_t bad_files = 0;
  uint64_t diagnostics = 0;
  uint64_t skipped_diagnostics = 0;
  uint32_t reports = 0;
  uint32_t source_files = 0;
  // Not read because they are outside of the directories that sources are read from. Not counted as
  // missing.
  uint32_t left_out_source_files = 0;
  uint32_t missing_source_files = 0;
};

// Reads result files in parallel and sends their reports to a sink, in the order of the inputs. It
// resolves and trims paths, applies skip files, computes the hashes that the format does not give,
// drops duplicates by ReportIdentity, and finds and hashes sources. Its memory is bounded: a few
// parsed files or parts of large ones, the table of sources, and 16 bytes per distinct report.
//
// Paths that are trimmed to the same path are one file. Its text is that of the first path that a
// report names; if the text of another one differs, a warning says so.
//
// Call Collect() once, then SendContents(), then Finish(). Not safe for concurrent use.
class Collector {
 public:
  // `inputs` and `sink` outlive this.
  Collector(const Inputs& inputs, CollectorOptions options, ReportSink& sink);
  ~Collector();
  Collector(const Collector&) = delete;
  Collector& operator=(const Collector&) = delete;

  // Sends analyses, files and reports. An error names the file it is about. After an error, all
  // later calls return it too.
  absl::Status Collect();

  // Returns one line about the sources that are newer than a result file that names them, so that
  // their text may not be the one that was analyzed; empty if there are none.
  // REQUIRES: Collect() has returned.
  std::string ChangeWarning() const;

  // Returns the digests of all sources that were found, sorted and without repetition.
  std::vector<Sha256Digest> Sources() const;

  // Sends the contents among Sources() whose digests are in `wanted` (sorted), compressed in
  // parallel. A source that was changed or removed since it was hashed is left out, with a warning.
  absl::Status SendContents(absl::Span<const Sha256Digest> wanted);

  // Sends the summary. Its warnings include one each for sources that were not found, that were
  // left out, and that were changed; each names the first few.
  absl::Status Finish();

  const CollectorCounts& counts() const;
  // Returns the warnings so far, those of Inputs included.
  const std::vector<std::string>& warnings() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace stored::reports
