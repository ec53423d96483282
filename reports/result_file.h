#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "reports/report.h"
#include "reports/text_index.h"

namespace stored::reports {

// The parts of a computed report hash (ComputeReportHash) that are not in the report. Never stored.
struct HashBasis {
  // SARIF's partialFingerprints, one "name=value" per line, sorted by name; empty if there are
  // none.
  std::string partial_fingerprints;
  // The reported line as the log quotes it (SARIF's snippet); empty if it does not.
  std::string snippet;
};

// A source file as one result file names it.
struct NamedSource {
  // Absolute, or relative if the format leaves it so. Names are separated by '/', and "." and ".."
  // resolved. Empty for findings in no file.
  std::string path;
  // The content, if the result file embeds it (SARIF's artifact.contents).
  std::optional<std::string> content;
  // The path below the directory that the result file says it is relative to (SARIF's uriBaseId),
  // if `path` is absolute because of that directory. Sources in an archive may be found by it.
  std::string below_base;
};

// Returns true if a NamedSource's path means "in no file", or the directory that all paths are
// relative to. Neither has a text.
inline bool IsNoFile(std::string_view path) { return path.empty() || path == "."; }

// A place in a report that the log gives by an offset into the text of a file, not by a line. Its
// line and column are 0 until OffsetPlaces, which reads the text, sets them.
struct OffsetPlace {
  enum class In : uint8_t { kLocation, kEvents, kPositions, kNotes, kFurtherPaths };

  // An index into ResultFile::reports.
  size_t report = 0;
  // The list in the report and the index into it. For steps of further paths, `path` is the index
  // of the path.
  In in = In::kLocation;
  uint32_t index = 0;
  uint32_t path = 0;
  TextSpan span;
};

// The contents of one result file (a plist, a SARIF log), before paths are trimmed and duplicates
// dropped. A FileIndex in it is an index into its own `files`.
struct ResultFile {
  std::vector<NamedSource> files;
  // One for each diagnostic that the filter wanted, in order. A report's hash is empty if the
  // format gives none.
  std::vector<Report> reports;
  // The number of diagnostics that the filter did not want.
  uint64_t unwanted = 0;
  // One for each report, used if it has no hash. Empty (not shorter) if no report needs one.
  std::vector<HashBasis> hash_bases;
  // True if reports that differ only in logical location, notes or further paths are different
  // reports. So it is in SARIF: a tool that lists a result twice with other related locations means
  // two. False if these only say how one report was reached.
  bool context_tells_apart = false;
  // Ordered by report.
  std::vector<OffsetPlace> offset_places;
  std::vector<Analysis> analyses;
  std::vector<std::string> warnings;
};

// Takes a result file in parts while it is read. A part is a ResultFile with the reports and
// analyses since the part before, and the files that they are the first to name. A FileIndex in it
// is an index into the files of all parts so far. Warnings come with the last part.
class ResultParts {
 public:
  static constexpr size_t kPartBytes = size_t{1} << 20;

  virtual ~ResultParts() = default;

  // Returns about how many bytes of the file's text a part covers.
  virtual size_t PartBytes() const { return kPartBytes; }
  // Called on the thread that reads, for each part but the last, which the reader returns. `bytes`
  // is the size of the text that was read for it. An error ends the reading.
  virtual absl::Status Take(ResultFile part, size_t bytes) = 0;
};

// Decides, while a result file is read, which of its diagnostics are read completely.
class DiagnosticFilter {
 public:
  virtual ~DiagnosticFilter() = default;

  // Called once for each diagnostic. At least the location of `report` and the parts of its
  // identity (IdentityOf) have been read. Its file indices are indices into `files`, which is
  // complete.
  virtual bool Wants(const Report& report, const std::vector<NamedSource>& files) = 0;
};

}  // namespace stored::reports
