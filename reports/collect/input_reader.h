#pragma once

#include <cstdint>
#include <stop_token>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/sha256.h"
#include "reports/collect/merged_identities.h"
#include "reports/collect/source_table.h"
#include "reports/identity.h"
#include "reports/inputs/inputs.h"
#include "reports/inputs/path_trimmer.h"
#include "reports/limits.h"
#include "reports/report.h"
#include "reports/result_file.h"

namespace stored::reports {

// The result file `input` as its reader gives it. Every error names it, but for CANCELLED when
// `stop` asks for an end. When `size` is given, it gets the uncompressed bytes. `filter`, when
// given, may be asked about the reports.
absl::StatusOr<ResultFile> ReadResultFile(const InputFile& input, const Limits& limits,
                                          const std::stop_token& stop, uint64_t* size = nullptr,
                                          ReportFilter* filter = nullptr);

// A source file named by the reports of one result file.
struct ReadSource {
  // Trimmed.
  std::string path;
  // Null when the content is in the result file itself, or no report names the file.
  Source* source = nullptr;
  bool embedded = false;
  // Of embedded content.
  Sha256Digest digest;
};

// What one result file gives: all that can be done to it without knowing the others.
struct ReadInput {
  absl::Status status;
  std::vector<ReadSource> files;
  // Without duplicates among them; their identities beside them. FileIndex: a place in `files`.
  std::vector<Report> reports;
  std::vector<ReportIdentity> identities;
  uint64_t diagnostics = 0;
  uint64_t skipped_diagnostics = 0;
  std::vector<Analysis> analyses;
  std::vector<std::string> warnings;
  // Bytes it was read from: what it is reckoned to hold.
  uint64_t weight = 0;
};

// Reads result files and prepares them for merging. Safe for concurrent use.
class InputReader {
 public:
  // All outlive it. Of reports that are in `merged` already, no more may be read than that.
  InputReader(const Inputs& inputs, const Limits& limits, const PathTrimmer& trimmer,
              SourceTable& sources, const MergedIdentities& merged);

  // `index` is a place in Inputs::files. Ends early, with a status that is not OK, when `stop` asks
  // for it.
  ReadInput Read(size_t index, const std::stop_token& stop) const;

 private:
  class NotMergedYet;

  // `filter`: what the result was read with, whose work is not done again.
  void Prepare(const InputFile& input, ResultFile result, NotMergedYet& filter,
               const std::stop_token& stop, ReadInput& out) const;
  std::vector<bool> FindSkipped(const InputFile& input,
                                const std::vector<NamedSource>& files) const;
  std::vector<ReadSource> TrimPaths(const std::vector<NamedSource>& files) const;
  void LoadSources(const InputFile& input, const ResultFile& result, ReadInput& out) const;

  const Inputs& inputs_;
  const Limits& limits_;
  const PathTrimmer& trimmer_;
  SourceTable& sources_;
  const MergedIdentities& merged_;
  // Inputs::checker_analyzers, for many look-ups.
  absl::flat_hash_map<std::string, std::string> checker_analyzers_;
};

}  // namespace stored::reports
