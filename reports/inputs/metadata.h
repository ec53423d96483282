#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "reports/analyzed_files.h"
#include "reports/limits.h"
#include "reports/report.h"

namespace stored::reports {

// The contents of a report directory's metadata.json (CodeChecker's docs/report_directory.md,
// version 2; version 1, without tools[], is read too).
struct Metadata {
  // False if the file is not a metadata.json. In that case only the warnings, which say why, are
  // set.
  bool usable = false;
  // One for each tool.
  std::vector<Analysis> analyses;
  // The name of the run, if the analysis was given one; else empty.
  std::string run_name;
  std::vector<std::string> warnings;
};

// A larger metadata.json is not read, because it would be held in memory and parsed as a whole.
// That of an analysis of 100,000 files has about half this size.
inline constexpr uint64_t kMaxMetadataBytes = uint64_t{64} << 20;

// Reads as much of a metadata.json as is well-formed, because the results beside it are useful
// without it. A warning names the file, the place and the fault; a value that is malformed or over
// a limit is not used. Unknown fields are ignored; a field that is null counts as absent; of a
// field that occurs twice the last value is used.
//
// Adds the analyzed files to `files`.
Metadata ReadMetadata(std::string bytes, const std::string& name, const Limits& limits,
                      AnalyzedFiles& files);

}  // namespace stored::reports
