#pragma once

#include <cstdint>
#include <string>
#include <vector>

// The model of a report, independent of the format it came from. Texts are the bytes that the
// analyzer wrote: usually UTF-8, but not checked. Lines and columns are 1-based; 0 means "not
// known".
namespace stored::reports {

// An index into the table of source files that is sent with the reports. A finding or step in no
// file (a finding about a project, a step in the runtime) has the index of a file whose path is
// empty, and line 0.
using FileIndex = uint32_t;

struct Location {
  FileIndex file = 0;
  uint32_t line = 0;
  uint32_t column = 0;

  friend bool operator==(const Location&, const Location&) = default;
};

// A range of a file. Both ends are included, as in a plist.
struct Range {
  FileIndex file = 0;
  uint32_t start_line = 0;
  uint32_t start_column = 0;
  uint32_t end_line = 0;
  uint32_t end_column = 0;

  friend bool operator==(const Range&, const Range&) = default;
};

// A step of a bug path, or a note (whose depth is 0).
struct BugPathEvent {
  Location location;
  std::string message;
  // The depth of the call stack relative to the analysed function.
  int32_t depth = 0;
  std::vector<Range> ranges;

  friend bool operator==(const BugPathEvent&, const BugPathEvent&) = default;
};

struct MacroExpansion {
  Location location;
  std::string name;
  std::string expansion;

  friend bool operator==(const MacroExpansion&, const MacroExpansion&) = default;
};

// How the analyzer reached the finding. Always read together with its report.
struct BugPath {
  std::vector<BugPathEvent> events;
  // The places that control flow passed, in order: the start of each of a plist's control edges,
  // and the end of the last one.
  std::vector<Range> positions;
  std::vector<BugPathEvent> notes;
  std::vector<MacroExpansion> macro_expansions;
  // The steps of each further path to the same finding (SARIF's code flows and stacks after the one
  // in `events`). No list of steps is empty.
  std::vector<std::vector<BugPathEvent>> further_paths;

  friend bool operator==(const BugPath&, const BugPath&) = default;
};

// A plist's report-annotation: "testcase", "timestamp", "chronological_order", ...
struct Annotation {
  std::string key;
  std::string value;

  friend auto operator<=>(const Annotation&, const Annotation&) = default;
};

// CodeChecker's severities. The numbers are those of stored.v1.Severity and are kept in databases.
enum class Severity : uint8_t {
  kUnspecified = 0,
  kStyle = 1,
  kLow = 2,
  kMedium = 3,
  kHigh = 4,
  kCritical = 5,
};

// The numbers are those of stored.v1.ReviewStatus and are kept in databases.
enum class ReviewStatus : uint8_t {
  kUnreviewed = 1,
  kConfirmed = 2,
  kFalsePositive = 3,
  kIntentional = 4,
};

// The review of a finding by a source comment or by the log itself (SARIF section 3.35).
struct Review {
  ReviewStatus status = ReviewStatus::kUnreviewed;
  std::string comment;
  // True if it is in the source itself, false if it is kept outside of it.
  bool in_source = false;

  friend bool operator==(const Review&, const Review&) = default;
};

struct Report {
  // The bug id (CodeChecker's report hash). Several reports share it: one bug, several paths.
  std::string report_hash;
  std::string checker_name;
  std::string analyzer_name;
  std::string category;
  // A plist's "type" ("Dead store").
  std::string type;
  std::string message;
  Severity severity = Severity::kUnspecified;
  // True if `severity` is only the format's default for a result that states no level (SARIF
  // section 3.27.10). The table of checkers takes precedence over such a default.
  bool severity_is_default = false;
  Location location;
  // The subject of the finding, if the log names one beside or instead of a place in a file: the
  // fully qualified name of a SARIF logical location ("pkg::Class::method"), an artifact, the tool.
  std::string logical_location;
  BugPath bug_path;
  std::vector<Annotation> annotations;
  Review review;
  // Numbers the reports of an upload that the tool distinguishes although all other parts of their
  // ReportIdentity are the same: 0 for the first of them, then 1, 2, ...
  uint32_t discriminator = 0;
  // A digest of all but the review and the parts of the identity (reports/content_digest.h), so
  // that a changed report is noticed without comparing texts. 0 if not computed.
  uint64_t content_digest = 0;

  friend bool operator==(const Report&, const Report&) = default;
};

// A source file that reports name.
struct SourceFile {
  // The path as stored: prefixes trimmed, names separated by '/'.
  std::string path;
  // The SHA-256 of the content, 32 raw bytes; empty if the source was not found.
  std::string sha256;

  friend bool operator==(const SourceFile&, const SourceFile&) = default;
};

struct CheckerState {
  std::string name;
  bool enabled = false;

  friend bool operator==(const CheckerState&, const CheckerState&) = default;
};

// One analyzer of an Analysis.
struct AnalyzerRun {
  std::string name;
  std::string version;
  uint32_t successful = 0;
  uint32_t failed = 0;
  std::vector<std::string> failed_sources;
  // All checkers that the analyzer offers. Empty if the format does not list them.
  std::vector<CheckerState> checkers;

  friend bool operator==(const AnalyzerRun&, const AnalyzerRun&) = default;
};

// One run of a tool, from metadata.json's tools[] or a SARIF run's tool object.
struct Analysis {
  std::string tool_name;
  std::string tool_version;
  std::vector<std::string> command;
  std::string working_directory;
  // Seconds since the Unix epoch; 0 if not known.
  double begin_time = 0;
  double end_time = 0;
  std::vector<AnalyzerRun> analyzers;

  friend bool operator==(const Analysis&, const Analysis&) = default;
};

}  // namespace stored::reports
