#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/cancellation.h"
#include "base/sha256.h"
#include "reports/collect/merged_identities.h"
#include "reports/collect/sources/source_table.h"
#include "reports/identity.h"
#include "reports/inputs/inputs.h"
#include "reports/inputs/path_trimmer.h"
#include "reports/limits.h"
#include "reports/report.h"
#include "reports/result_file.h"

namespace stored::reports {

// What a result file is read with.
struct ReadOptions {
  // When given, gets the uncompressed bytes, before anything is read of them.
  uint64_t* size = nullptr;
  // When given, may be asked about the reports...
  DiagnosticFilter* filter = nullptr;
  // ...and may get all parts but the last.
  ResultParts* parts = nullptr;
};

// The result file `input` as its reader gives it. Every error names it, but for CANCELLED when
// `stop` asks for an end.
absl::StatusOr<ResultFile> ReadResultFile(const InputFile& input, const Limits& limits,
                                          const Cancellation& stop,
                                          const ReadOptions& options = {});

// A source file named by the reports of one result file.
struct ReadSource {
  // Its place among the result file's files.
  FileIndex index = 0;
  // Trimmed.
  std::string path;
  // Null when the content is in the result file itself, and for an entry without a file.
  Source* source = nullptr;
  bool embedded = false;
  // Of embedded content.
  Sha256Digest digest;
  // The places of the review rules that its path passes (ReviewRules::OfPath).
  std::vector<uint32_t> rules;
};

// Digests that tell a report from others whose report hash or identity would be the same.
struct ReportVariant {
  // Of a report whose hash was computed: a digest of the reported line as it is and the column,
  // which CodeChecker's computed hashes tell bugs apart by, and of the context below where it
  // counts. 0 where the format gave the hash.
  uint64_t bug = 0;
  // ContentDigester::ContextDigestOf where ResultFile::context_tells_apart, else 0.
  uint64_t context = 0;
};

// What one result file gives, or a part of it: all that can be done to it without knowing the
// others.
struct ReadInput {
  // The file's; only the last part has one that is not OK.
  absl::Status status;
  // Those that no report of an earlier part names.
  std::vector<ReadSource> files;
  // Their identities beside them. FileIndex: a place in the result file.
  std::vector<Report> reports;
  std::vector<ReportIdentity> identities;
  // Beside them; empty when no report needs it.
  std::vector<ReportVariant> variants;
  uint64_t diagnostics = 0;
  uint64_t skipped_diagnostics = 0;
  std::vector<Analysis> analyses;
  std::vector<std::string> warnings;
  // Where there are review rules, beside each report: whether its source decides its review, so
  // that they do not count.
  std::vector<bool> reviewed;
  // About review comments. The same may come from several inputs.
  std::vector<std::string> comment_warnings;
  // Bytes it was read from: what it is reckoned to hold.
  uint64_t weight = 0;
  // When the file was last changed, see SourceText; 0 where that is not known.
  int64_t modified_ns = 0;
};

// Reads result files and prepares them for merging. Safe for concurrent use.
class InputReader {
 public:
  // All outlive it. Of reports that are in `merged` already, no more may be read than that.
  InputReader(const Inputs& inputs, const Limits& limits, const PathTrimmer& trimmer,
              SourceTable& sources, const MergedIdentities& merged);

  // False when no more is wanted.
  using HandOn = std::function<bool(ReadInput part)>;

  // `index` is a place in Inputs::files. Ends early, with a status that is not OK, when `stop` asks
  // for it. With `hand_on` a large file may come in parts, of which the last is returned; that the
  // file is bad may then show only after some of it has been handed on.
  ReadInput Read(size_t index, const Cancellation& stop, const HandOn& hand_on = nullptr) const;

 private:
  class Reading;

  const Inputs& inputs_;
  const Limits& limits_;
  const PathTrimmer& trimmer_;
  SourceTable& sources_;
  const MergedIdentities& merged_;
  // Inputs::checker_analyzers, for many look-ups.
  std::vector<absl::flat_hash_map<std::string, std::string>> checker_analyzers_;
};

}  // namespace stored::reports
