#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "reports/analyzed_files.h"
#include "reports/limits.h"
#include "reports/report.h"

namespace stored::reports {

// What a report directory's metadata.json says (CodeChecker's docs/report_directory.md, version 2;
// version 1, without tools[], is read too).
struct Metadata {
  // Whether it is a metadata.json at all. Nothing else means anything where it is not, but the
  // warnings, which say why.
  bool usable = false;
  // One a tool.
  std::vector<Analysis> analyses;
  // Name of the run, where the analysis was given one; else empty.
  std::string run_name;
  std::vector<std::string> warnings;
};

// A larger one is not read: it would be held in memory whole, and parsed. That of a hundred
// thousand analyzed files is half as long.
inline constexpr uint64_t kMaxMetadataBytes = uint64_t{64} << 20;

// Reads as much of a metadata.json as can be read: the results beside it are worth having without
// it. A warning names the file, the place and what is wrong with it, and of a place that is
// malformed or over a limit nothing is used. Fields that are not known are passed over; one that is
// null counts as not there; one that is given twice counts as it is given last.
//
// `files` counts what the analyzers were run on.
Metadata ReadMetadata(std::string bytes, const std::string& name, const Limits& limits,
                      AnalyzedFiles& files);

}  // namespace stored::reports
