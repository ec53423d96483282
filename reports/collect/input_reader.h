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

// Options of ReadResultFile(). All may be null.
struct ReadOptions {
  // Set to the number of uncompressed bytes before any of them is parsed.
  uint64_t* size = nullptr;
  // Decides which reports are read, if the format supports that.
  DiagnosticFilter* filter = nullptr;
  // Takes all parts but the last, if the format is read in parts.
  ResultParts* parts = nullptr;
};

// Reads the result file `input` with the reader of its format. All errors name it, except
// CANCELLED, which is returned if `stop` is requested.
absl::StatusOr<ResultFile> ReadResultFile(const InputFile& input, const Limits& limits,
                                          const Cancellation& stop,
                                          const ReadOptions& options = {});

// A source file named by the reports of one result file.
struct ReadSource {
  // The index among the result file's files.
  FileIndex index = 0;
  // The trimmed path.
  std::string path;
  // Null if the content is embedded in the result file, and if is_no_file().
  Source* source = nullptr;
  bool embedded = false;
  // The digest of embedded content.
  Sha256Digest digest;
  // The indices of the review rules that its path passes (ReviewRules::OfPath).
  std::vector<uint32_t> rules;

  // Returns true for the entry of findings in no file, for which no source is looked for.
  bool is_no_file() const { return !embedded && source == nullptr; }
};

// Digests that distinguish a report from others whose report hash or identity would be the same.
struct ReportVariant {
  // For a report whose hash is computed: a digest of the reported line, white space included, and
  // the column, by which CodeChecker's computed hashes tell bugs apart, and of `context`. 0 if the
  // format gives the hash.
  uint64_t bug = 0;
  // ContentDigester::ContextDigestOf if ResultFile::context_tells_apart, else 0.
  uint64_t context = 0;
};

// A result file, or a part of one, prepared as far as is possible without knowing the others.
struct ReadInput {
  // The status of the file. Not OK only in the last part.
  absl::Status status;
  // The files that reports of this part name and reports of earlier parts do not.
  std::vector<ReadSource> files;
  // A FileIndex is an index into the result file's files.
  std::vector<Report> reports;
  // One for each report.
  std::vector<ReportIdentity> identities;
  // One for each report; empty if no report needs one.
  std::vector<ReportVariant> variants;
  uint64_t diagnostics = 0;
  uint64_t skipped_diagnostics = 0;
  std::vector<Analysis> analyses;
  std::vector<std::string> warnings;
  // One for each report if there are review rules, else empty: true if comments in the source
  // decide the review, so that the rules do not count.
  std::vector<bool> reviewed;
  // Warnings about review comments. Several inputs may have the same.
  std::vector<std::string> comment_warnings;
  // The number of bytes it was read from, as an estimate of the memory it takes.
  uint64_t weight = 0;
  // When the file was last changed, see SourceText; 0 if not known.
  int64_t modified_ns = 0;
};

// Reads result files and prepares them for merging. Safe for concurrent use.
class InputReader {
 public:
  // All arguments outlive this. Reports that are in `merged` may be left out.
  InputReader(const Inputs& inputs, const Limits& limits, const PathTrimmer& trimmer,
              SourceTable& sources, const MergedIdentities& merged);

  // Takes a part. Returns false if no more parts are wanted.
  using HandOn = std::function<bool(ReadInput part)>;

  // Reads Inputs::files[index]. Ends early, with a status that is not OK, if `stop` is requested.
  // With `hand_on`, a large file may come in parts, of which the last is returned; then an error
  // may be found after earlier parts have been handed on.
  ReadInput Read(size_t index, const Cancellation& stop, const HandOn& hand_on = nullptr) const;

 private:
  class FileReading;

  const Inputs& inputs_;
  const Limits& limits_;
  const PathTrimmer& trimmer_;
  SourceTable& sources_;
  const MergedIdentities& merged_;
  // Inputs::checker_analyzers as hash maps, because each report is looked up.
  std::vector<absl::flat_hash_map<std::string, std::string>> checker_analyzers_;
};

}  // namespace stored::reports
