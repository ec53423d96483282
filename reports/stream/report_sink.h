#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "reports/report.h"

namespace stored::reports {

// The outcome of reading analyzer output, sent at the end of a stream of reports.
struct CollectionSummary {
  // Diagnostics in the analyzer output, before duplicates were dropped.
  uint64_t diagnostics = 0;
  uint32_t result_files = 0;
  // Problems that a person should know of though nothing failed. At most kMaxWarnings; the last one
  // says how many more there were.
  std::vector<std::string> warnings;
  // Source files that analyzers were run on, and those of them that could not be analysed; 0 if
  // the analysis does not say.
  uint32_t analyzed_files = 0;
  uint32_t failed_files = 0;
};

inline constexpr size_t kMaxWarnings = 100;
inline constexpr size_t kMaxWarningBytes = 1000;

// Takes a stream of reports: analyses, files and reports in any order (but a file before the first
// report that names it; a file's FileIndex is its place among the AddFile calls), then contents,
// then Finish. Duplicates have been dropped, and content digests computed. All calls come from one
// thread. Any error ends the stream.
class ReportSink {
 public:
  virtual ~ReportSink() = default;

  virtual absl::Status AddAnalysis(Analysis analysis) = 0;
  virtual absl::Status AddFile(SourceFile file) = 0;
  virtual absl::Status AddReport(Report report) = 0;
  // The content with digest `sha256` (32 raw bytes) as one zstd frame; `size` uncompressed bytes.
  virtual absl::Status AddContent(std::string_view sha256, std::string_view zstd,
                                  uint64_t size) = 0;
  virtual absl::Status Finish(const CollectionSummary& summary) = 0;
};

}  // namespace stored::reports
