#include "marshalling/report_marshalling.h"

#include <fmt/format.h>

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/status.h"
#include "base/text/text.h"
#include "marshalling/store_marshalling.h"
#include "marshalling/time_marshalling.h"
#include "reports/limits.h"
#include "storage/policy/field_checks.h"

namespace stored::marshalling {
namespace {

// Limits of the number of values in one filter and of the bytes of one value, because matching a
// pattern may take as many steps as the pattern has bytes for every byte of a path. A value can
// still hold any path or checker name in full.
constexpr int kMaxFilterValues = 100;
constexpr size_t kMaxFilterBytes = 4096;
static_assert(kMaxFilterBytes >= reports::Limits().max_checker_name_bytes &&
              kMaxFilterBytes >= reports::Limits().max_path_bytes);

// The bounds that google/protobuf/timestamp.proto states.
constexpr int64_t kMinTimestampSeconds = -62'135'596'800;
constexpr int64_t kMaxTimestampSeconds = 253'402'300'799;
constexpr int32_t kMaxTimestampNanos = 999'999'999;

absl::StatusOr<std::vector<std::string>> Patterns(
    const google::protobuf::RepeatedPtrField<std::string>& values, std::string_view field) {
  if (values.size() > kMaxFilterValues) {
    return absl::InvalidArgumentError(
        fmt::format("{} has {} values; the limit is {}", field, values.size(), kMaxFilterValues));
  }
  for (const std::string& value : values) {
    if (value.empty() || value.size() > kMaxFilterBytes) {
      return absl::InvalidArgumentError(
          fmt::format("{} has a value that is not 1 to {} bytes long", field, kMaxFilterBytes));
    }
  }
  return std::vector<std::string>(values.begin(), values.end());
}

template <typename Enum>
absl::StatusOr<std::vector<Enum>> Numbers(const google::protobuf::RepeatedField<int>& values,
                                          int min, int max, std::string_view field) {
  std::vector<Enum> numbers;
  for (const int value : values) {
    if (value < min || value > max || numbers.size() >= kMaxFilterValues) {
      return absl::InvalidArgumentError(
          fmt::format("{} has a value that is not in the enum, or too many values", field));
    }
    numbers.push_back(static_cast<Enum>(value));
  }
  return numbers;
}

int32_t Number(uint32_t value) { return static_cast<int32_t>(value & 0x7fffffff); }

// Replaces ill-formed UTF-8. Does not copy well-formed text, which nearly all text is.
std::string Shown(std::string text) {
  return IsValidUtf8(text) ? std::move(text) : ReplaceInvalidUtf8(text);
}

// Writes the reports of one page into messages.
class PageWriter {
 public:
  PageWriter(const storage::ReportPage& page, bool with_bug_path) : with_bug_path_(with_bug_path) {
    paths_.reserve(page.files.size());
    for (const std::string& path : page.files) paths_.push_back(ReplaceInvalidUtf8(path));
  }

  void Write(reports::StoredReport stored, v1::Report& out) const {
    reports::Report& report = stored.report;
    out.set_report_id(stored.id);
    out.set_report_hash(Shown(std::move(report.report_hash)));
    out.set_checker_name(Shown(std::move(report.checker_name)));
    out.set_analyzer_name(Shown(std::move(report.analyzer_name)));
    out.set_category(Shown(std::move(report.category)));
    out.set_type(Shown(std::move(report.type)));
    out.set_severity(static_cast<v1::Severity>(report.severity));
    out.set_message(Shown(std::move(report.message)));
    out.set_file_path(paths_[report.location.file]);
    out.set_line(Number(report.location.line));
    out.set_column(Number(report.location.column));
    out.set_detection_status(static_cast<v1::DetectionStatus>(stored.detection_status));
    out.set_review_status(static_cast<v1::ReviewStatus>(report.review.status));
    out.set_review_comment(Shown(std::move(report.review.comment)));
    *out.mutable_detected_at() = ToProto(stored.detected_at);
    if (stored.fixed_at) *out.mutable_fixed_at() = ToProto(*stored.fixed_at);
    out.set_bug_path_length(stored.bug_path_length);
    out.set_logical_location(Shown(std::move(report.logical_location)));
    for (reports::Annotation& annotation : report.annotations) {
      v1::Annotation& wire = *out.add_annotations();
      wire.set_key(Shown(std::move(annotation.key)));
      wire.set_value(Shown(std::move(annotation.value)));
    }
    if (with_bug_path_) Write(report.bug_path, *out.mutable_bug_path());
  }

 private:
  void Write(const reports::BugPath& bug_path, v1::BugPath& out) const {
    for (const reports::BugPathEvent& event : bug_path.events) Write(event, *out.add_events());
    for (const reports::Range& range : bug_path.positions) Write(range, *out.add_positions());
    for (const reports::BugPathEvent& note : bug_path.notes) Write(note, *out.add_notes());
    for (const reports::MacroExpansion& macro : bug_path.macro_expansions) {
      v1::MacroExpansion& wire = *out.add_macro_expansions();
      wire.set_file_path(paths_[macro.location.file]);
      wire.set_line(Number(macro.location.line));
      wire.set_column(Number(macro.location.column));
      wire.set_name(ReplaceInvalidUtf8(macro.name));
      wire.set_expansion(ReplaceInvalidUtf8(macro.expansion));
    }
    for (const std::vector<reports::BugPathEvent>& steps : bug_path.further_paths) {
      v1::BugPathSteps& wire = *out.add_further_paths();
      for (const reports::BugPathEvent& event : steps) Write(event, *wire.add_events());
    }
  }

  void Write(const reports::BugPathEvent& event, v1::BugPathEvent& out) const {
    out.set_file_path(paths_[event.location.file]);
    out.set_line(Number(event.location.line));
    out.set_column(Number(event.location.column));
    out.set_message(ReplaceInvalidUtf8(event.message));
    out.set_depth(event.depth);
    for (const reports::Range& range : event.ranges) Write(range, *out.add_ranges());
  }

  void Write(const reports::Range& range, v1::SourceRange& out) const {
    out.set_file_path(paths_[range.file]);
    out.set_start_line(Number(range.start_line));
    out.set_start_column(Number(range.start_column));
    out.set_end_line(Number(range.end_line));
    out.set_end_column(Number(range.end_column));
  }

  const bool with_bug_path_;
  // The paths of the page's files, as valid UTF-8.
  std::vector<std::string> paths_;
};

// Moves the reports of `page` into messages.
void WriteReports(storage::ReportPage& page, bool with_bug_path,
                  google::protobuf::RepeatedPtrField<v1::Report>& out) {
  out.Reserve(static_cast<int>(page.reports.size()));
  const PageWriter writer(page, with_bug_path);
  for (reports::StoredReport& report : page.reports) writer.Write(std::move(report), *out.Add());
}

// ListReportsRequest and ReportFilter have the same fields.
template <typename Message>
absl::StatusOr<reports::ReportFilter> FilterOf(const Message& request) {
  reports::ReportFilter filter;
  STORED_ASSIGN_OR_RETURN(filter.checker_names, Patterns(request.checker_names(), "checker_names"));
  STORED_ASSIGN_OR_RETURN(filter.file_paths, Patterns(request.file_paths(), "file_paths"));
  STORED_ASSIGN_OR_RETURN(filter.analyzer_names,
                          Patterns(request.analyzer_names(), "analyzer_names"));
  STORED_ASSIGN_OR_RETURN(filter.logical_locations,
                          Patterns(request.logical_locations(), "logical_locations"));
  filter.without_file = request.without_file();
  STORED_ASSIGN_OR_RETURN(filter.report_hashes, Patterns(request.report_hashes(), "report_hashes"));
  STORED_ASSIGN_OR_RETURN(filter.severities,
                          Numbers<reports::Severity>(request.severities(), v1::SEVERITY_UNSPECIFIED,
                                                     v1::SEVERITY_CRITICAL, "severities"));
  STORED_ASSIGN_OR_RETURN(
      filter.detection_statuses,
      Numbers<reports::DetectionStatus>(request.detection_statuses(), v1::DETECTION_STATUS_NEW,
                                        v1::DETECTION_STATUS_UNAVAILABLE, "detection_statuses"));
  STORED_ASSIGN_OR_RETURN(
      filter.review_statuses,
      Numbers<reports::ReviewStatus>(request.review_statuses(), v1::REVIEW_STATUS_UNREVIEWED,
                                     v1::REVIEW_STATUS_INTENTIONAL, "review_statuses"));
  return filter;
}

// Reads the fields `tag` and `time` of the oneof that names a snapshot.
template <typename Message>
absl::Status ReadTagOrTime(const Message& message, std::string& tag,
                           std::optional<absl::Time>& time) {
  if (message.has_tag()) {
    if (message.tag().empty()) {
      return absl::InvalidArgumentError("tag is empty: name a tag, or leave it out");
    }
    STORED_RETURN_IF_ERROR(storage::CheckTag(message.tag()));
    tag = message.tag();
  }
  if (message.has_time()) {
    const google::protobuf::Timestamp& sent = message.time();
    if (sent.seconds() < kMinTimestampSeconds || sent.seconds() > kMaxTimestampSeconds) {
      return absl::InvalidArgumentError("time is not in the years 1 to 9999");
    }
    if (sent.nanos() < 0 || sent.nanos() > kMaxTimestampNanos) {
      return absl::InvalidArgumentError("time.nanos is not 0 to 999,999,999");
    }
    time = FromProto(sent);
  }
  return absl::OkStatus();
}

// Errors begin with `field`.
absl::Status ReadSnapshotName(const v1::SnapshotName& sent, std::string_view field,
                              storage::SnapshotName& name) {
  absl::Status status = storage::CheckRunName(sent.run_name());
  if (status.ok()) status = ReadTagOrTime(sent, name.tag, name.time);
  if (!status.ok()) return Annotate(status, std::string(field));
  name.run_name = sent.run_name();
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<reports::ReportFilter> FromProto(const v1::ListReportsRequest& request) {
  return FilterOf(request);
}

absl::Status ReadSnapshot(const v1::ListReportsRequest& request, storage::ReportQuery& query) {
  return ReadTagOrTime(request, query.tag, query.time);
}

absl::StatusOr<storage::ComparisonQuery> FromProto(const v1::CompareRunsRequest& request) {
  storage::ComparisonQuery query;
  STORED_RETURN_IF_ERROR(ReadSnapshotName(request.base(), "base", query.base));
  STORED_RETURN_IF_ERROR(ReadSnapshotName(request.current(), "current", query.current));
  if (request.difference() != v1::DIFFERENCE_UNSPECIFIED) {
    if (request.difference() < v1::DIFFERENCE_NEW ||
        request.difference() > v1::DIFFERENCE_UNRESOLVED) {
      return absl::InvalidArgumentError("difference is not in the enum");
    }
    query.listed = static_cast<storage::Difference>(request.difference());
  }
  STORED_ASSIGN_OR_RETURN(query.filter, FilterOf(request.filter()));
  query.with_bug_path = request.include_bug_path();
  query.page_token = request.page_token();
  return query;
}

v1::Snapshot ToProto(const storage::Snapshot& snapshot) {
  v1::Snapshot out;
  out.set_store_number(snapshot.store_number);
  *out.mutable_stored_at() = ToProto(snapshot.stored_at);
  out.set_tag(ReplaceInvalidUtf8(snapshot.tag));
  out.set_newest(snapshot.newest);
  out.set_incomplete(snapshot.incomplete);
  return out;
}

v1::Run ToProto(const storage::RunSummary& run) {
  v1::Run out;
  out.set_run_id(run.id);
  out.set_name(ReplaceInvalidUtf8(run.name));
  *out.mutable_created_at() = ToProto(run.created_at);
  *out.mutable_stored_at() = ToProto(run.stored_at);
  out.set_tag(ReplaceInvalidUtf8(run.tag));
  out.set_description(ReplaceInvalidUtf8(run.description));
  out.set_store_count(run.store_count);
  out.set_open_reports(run.open_reports);
  out.set_reports(run.reports);
  out.set_analyzed_files(run.analyzed_files);
  out.set_failed_files(run.failed_files);
  for (const std::string& analyzer : run.analyzers) {
    out.add_analyzers(ReplaceInvalidUtf8(analyzer));
  }
  if (run.expire_after.has_value()) {
    *out.mutable_expire_after() = ToProto(*run.expire_after);
    *out.mutable_expires_at() = ToProto(run.stored_at + *run.expire_after);
  }
  return out;
}

v1::ListRunsResponse ToProto(const storage::RunPage& page) {
  v1::ListRunsResponse response;
  for (const storage::RunSummary& run : page.runs) *response.add_runs() = ToProto(run);
  response.set_next_page_token(page.next_page_token);
  return response;
}

v1::HistoryEntry ToProto(const storage::EntrySummary& entry) {
  v1::HistoryEntry out;
  out.set_store_number(entry.store_number);
  *out.mutable_stored_at() = ToProto(entry.stored_at);
  out.set_tag(ReplaceInvalidUtf8(entry.tag));
  out.set_description(ReplaceInvalidUtf8(entry.description));
  for (const std::string& analyzer : entry.analyzers) {
    out.add_analyzers(ReplaceInvalidUtf8(analyzer));
  }
  out.set_analyzed_files(entry.analyzed_files);
  out.set_failed_files(entry.failed_files);
  if (!entry.counts.has_value()) return out;
  v1::StoreCounts& counts = *out.mutable_counts();
  counts.set_open_reports(entry.counts->open_reports());
  counts.set_new_reports(entry.counts->new_reports);
  counts.set_unresolved_reports(entry.counts->unresolved_reports);
  counts.set_reopened_reports(entry.counts->reopened_reports);
  counts.set_resolved_reports(entry.counts->resolved_reports);
  counts.set_off_reports(entry.counts->off_reports);
  counts.set_unavailable_reports(entry.counts->unavailable_reports);
  return out;
}

v1::ListRunHistoryResponse ToProto(const storage::HistoryPage& page) {
  v1::ListRunHistoryResponse response;
  for (const storage::EntrySummary& entry : page.entries) {
    *response.add_entries() = ToProto(entry);
  }
  response.set_next_page_token(page.next_page_token);
  return response;
}

void FillProto(storage::ReportPage page, bool with_bug_path, v1::ListReportsResponse& response) {
  WriteReports(page, with_bug_path, *response.mutable_reports());
  *response.mutable_snapshot() = ToProto(page.snapshot);
  response.set_next_page_token(std::move(page.next_page_token));
}

void FillProto(storage::RunComparison comparison, bool with_bug_path,
               v1::CompareRunsResponse& response) {
  *response.mutable_base() = ToProto(comparison.base);
  *response.mutable_current() = ToProto(comparison.current);
  if (comparison.counts.has_value()) {
    v1::DifferenceCounts& counts = *response.mutable_counts();
    counts.set_new_reports(comparison.counts->new_reports);
    counts.set_resolved_reports(comparison.counts->resolved_reports);
    counts.set_unresolved_reports(comparison.counts->unresolved_reports);
  }
  WriteReports(comparison.page, with_bug_path, *response.mutable_reports());
  response.set_next_page_token(std::move(comparison.page.next_page_token));
}

}  // namespace stored::marshalling
