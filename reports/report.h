#pragma once

#include <cstdint>
#include <string>
#include <vector>

// The model of a report, whatever format it came from. Text is bytes as the analyzer wrote them:
// UTF-8 as a rule, but not checked. Lines and columns are 1-based; 0 is "not known".
namespace stored::reports {

// A place in the table of source files that travels with the reports. What has no file (a finding
// about a project, a step in the runtime) names a file whose path is empty, at line 0.
using FileIndex = uint32_t;

struct Location {
  FileIndex file = 0;
  uint32_t line = 0;
  uint32_t column = 0;

  friend bool operator==(const Location&, const Location&) = default;
};

// Both ends included, as in a plist.
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
  // Depth of the call stack relative to the analysed function.
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

// How the analyzer got to the report. Only ever read with its report.
struct BugPath {
  std::vector<BugPathEvent> events;
  // Where control flow went, in order: of a plist's control edges the start of each, and the end of
  // the last.
  std::vector<Range> positions;
  std::vector<BugPathEvent> notes;
  std::vector<MacroExpansion> macro_expansions;
  // Further ways to the same finding, the steps of each (SARIF's code flows and stacks after the
  // one that `events` holds). Never an empty list of steps.
  std::vector<std::vector<BugPathEvent>> further_paths;

  friend bool operator==(const BugPath&, const BugPath&) = default;
};

// A plist's report-annotation: "testcase", "timestamp", "chronological_order", ...
struct Annotation {
  std::string key;
  std::string value;

  friend auto operator<=>(const Annotation&, const Annotation&) = default;
};

// CodeChecker's words; the numbers are those of stored.v1.Severity and are kept in databases.
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

// How the source or the log itself judges a finding (SARIF section 3.35, source comments).
struct Review {
  ReviewStatus status = ReviewStatus::kUnreviewed;
  std::string comment;
  // Whether it stands in the source itself, rather than beside it.
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
  // Whether `severity` is only what the format says of a result that states no level (SARIF section
  // 3.27.10). The table of checkers comes before that.
  bool severity_is_default = false;
  Location location;
  // What the finding is about, where the log names that beside or instead of a place in a file: the
  // fully qualified name of a SARIF logical location ("pkg::Class::method"), an artifact, the tool.
  std::string logical_location;
  BugPath bug_path;
  std::vector<Annotation> annotations;
  Review review;
  // Tells reports apart that agree in all else that ReportIdentity is made of, but that the tool
  // told apart: 0 for the first of them in an upload, then 1, 2, ...
  uint32_t discriminator = 0;
  // Stands for all but the review and what identifies the report (reports/content_digest.h), so
  // that a changed report is noticed without comparing texts. 0: not computed.
  uint64_t content_digest = 0;

  friend bool operator==(const Report&, const Report&) = default;
};

// A file that reports name, as stored.
struct SourceFile {
  // Prefixes trimmed; '/' between names.
  std::string path;
  // SHA-256 of the content, 32 raw bytes; empty when the source was not found.
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
  // Every checker the analyzer offered. Empty when the format does not say.
  std::vector<CheckerState> checkers;

  friend bool operator==(const AnalyzerRun&, const AnalyzerRun&) = default;
};

// What was run, from metadata.json's tools[] or a SARIF run's tool object.
struct Analysis {
  std::string tool_name;
  std::string tool_version;
  std::vector<std::string> command;
  std::string working_directory;
  // Seconds since the Unix epoch; 0 when not known.
  double begin_time = 0;
  double end_time = 0;
  std::vector<AnalyzerRun> analyzers;

  friend bool operator==(const Analysis&, const Analysis&) = default;
};

}  // namespace stored::reports
