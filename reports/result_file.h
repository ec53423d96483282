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

// What a report hash is computed from when the format gives none. Never stored.
struct HashBasis {
  // SARIF's partialFingerprints, one "name=value" a line, sorted by name; empty where none.
  std::string partial_fingerprints;
  // The reported line as the log quotes it (SARIF's snippet); empty where it does not.
  std::string snippet;
};

// A source file as one result file names it.
struct NamedSource {
  // Absolute, or relative as the format leaves it; '/' between names, "." and ".." resolved. Empty
  // for what is in no file.
  std::string path;
  // The content, where the result file itself embeds it (SARIF's artifact.contents).
  std::optional<std::string> content;
  // The path below the directory that the result file says it is relative to (SARIF's uriBaseId),
  // where that made an absolute path of it. What came in an archive may be found by it.
  std::string below_base;
};

// Returns whether a NamedSource's path stands for what is in no file, or for the directory that all
// is relative to: neither has a text.
inline bool IsNoFile(std::string_view path) { return path.empty() || path == "."; }

// A place that the log gives by an offset into the text of a file, not by a line. Its line and
// column are 0 until code that has the text (OffsetPlaces) puts them there.
struct OffsetPlace {
  enum class In : uint8_t { kLocation, kEvents, kPositions, kNotes, kFurtherPaths };

  // Among ResultFile::reports.
  size_t report = 0;
  // Where in the report, and which in that list; the one of further paths is `path`.
  In in = In::kLocation;
  uint32_t index = 0;
  uint32_t path = 0;
  TextSpan span;
};

// All that one result file (a plist, a SARIF log) says, before paths are trimmed and duplicates
// dropped. A FileIndex in it is a place in its own `files`.
struct ResultFile {
  std::vector<NamedSource> files;
  // One a diagnostic that the filter wanted, in order. A report's hash is empty where the format
  // gives none...
  std::vector<Report> reports;
  // How many diagnostics it did not want.
  uint64_t unwanted = 0;
  // ...and then this, at the same place, says what else to compute it from. Empty (not shorter)
  // when no report needs it.
  std::vector<HashBasis> hash_bases;
  // Whether logical locations, notes and further paths tell reports apart (as SARIF's do: a tool
  // that gives a result twice with other related locations means two), rather than say how one
  // report was reached.
  bool context_tells_apart = false;
  // Ordered by report.
  std::vector<OffsetPlace> offset_places;
  std::vector<Analysis> analyses;
  std::vector<std::string> warnings;
};

// Takes a result file in parts while it is read. A part is a ResultFile with what came since the
// part before: files that were named first in it, reports, analyses. A FileIndex in it is a place
// among the files of all parts so far; warnings come with the last part.
class ResultParts {
 public:
  static constexpr size_t kPartBytes = size_t{1} << 20;

  virtual ~ResultParts() = default;

  // After about how many bytes of the file's text there shall be another part.
  virtual size_t PartBytes() const { return kPartBytes; }
  // Called on the thread that reads, for each part but the last, which is what the reader returns.
  // `bytes` of text were read for it. An error ends the reading.
  virtual absl::Status Take(ResultFile part, size_t bytes) = 0;
};

// Says, while a result file is read, which of its diagnostics are worth reading to the end.
class DiagnosticFilter {
 public:
  virtual ~DiagnosticFilter() = default;

  // Asked once a diagnostic. Of `report`, what tells it from others (IdentityOf) and its location
  // have been read at least; its file indices are places in `files`, which is complete.
  virtual bool Wants(const Report& report, const std::vector<NamedSource>& files) = 0;
};

}  // namespace stored::reports
