#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "reports/report.h"

namespace stored::reports {

// One analyzer's account of the files that it was run on. Lists of names may be shorter than the
// counts (CodeChecker before 6.16 names no successful ones), and may name a file more than once.
struct AnalyzerFiles {
  std::string_view analyzer;
  // The directory that relative names are relative to.
  std::string_view directory;
  uint64_t successful = 0;
  std::vector<std::string_view> successful_sources;
  uint64_t failed = 0;
  std::vector<std::string_view> failed_sources;
};

// Counts the files that the analyzers of a store were run on, and those of them that at least one
// analyzer could not analyse. Several analyzers are run on the same files, and directories that are
// stored together may overlap, so a file that is named is counted once. Files that are not named
// may be the same ones for every analyzer. So each count is the largest of these: the files that
// all analyzers together name, and, for each analyzer, its files with and without names. Not safe
// for concurrent use.
class AnalyzedFiles {
 public:
  void Add(const AnalyzerFiles& files);
  // Adds all analyzers of `analysis`, which counts successful files but does not name them.
  void Add(const Analysis& analysis);

  // Returns the number of files, failed ones included; 0 if no analyzer reports any.
  uint32_t total() const;
  uint32_t failed() const;

 private:
  // Hashes of names.
  using Names = absl::flat_hash_set<uint64_t>;
  struct OfAnalyzer {
    Names names;
    Names failed_names;
    uint64_t unnamed = 0;
    uint64_t failed_unnamed = 0;
  };

  Names names_;
  Names failed_names_;
  std::map<std::string, OfAnalyzer, std::less<>> analyzers_;
};

}  // namespace stored::reports
