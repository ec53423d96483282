#include "storage/columns/list_page_token.h"

#include <fmt/format.h>

#include <limits>
#include <optional>
#include <vector>

#include "base/status.h"
#include "storage/columns/enum_mask.h"
#include "storage/columns/page_token.h"
#include "storage/columns/record.h"

namespace stored::storage {
namespace {

std::string SessionListKey(const SessionFilter& filter) {
  RecordWriter key;
  key.Bytes("stores");
  key.Bytes(filter.product);
  key.Bytes(filter.run_name);
  key.Int(EnumMask(filter.states));
  return key.bytes();
}

std::string RunListKey(std::string_view name_pattern) {
  RecordWriter key;
  key.Bytes("runs");
  key.Bytes(name_pattern);
  return key.bytes();
}

std::string HistoryListKey(std::string_view run_name) {
  RecordWriter key;
  key.Bytes("history");
  key.Bytes(run_name);
  return key.bytes();
}

template <typename Enum>
void AddNumbers(RecordWriter& key, const std::vector<Enum>& values) {
  key.Int(static_cast<int64_t>(values.size()));
  for (const Enum value : values) key.Int(static_cast<int64_t>(value));
}

// Two filters have the same key if and only if they are equal.
std::string ReportFilterKey(const reports::ReportFilter& filter) {
  RecordWriter key;
  key.Strings(filter.checker_names);
  key.Strings(filter.file_paths);
  key.Strings(filter.analyzer_names);
  key.Strings(filter.report_hashes);
  AddNumbers(key, filter.severities);
  AddNumbers(key, filter.detection_statuses);
  AddNumbers(key, filter.review_statuses);
  key.Strings(filter.logical_locations);
  key.Int(filter.without_file ? 1 : 0);
  return key.bytes();
}

// Adds nothing for the newest store, so that tokens of such a query are as they always were.
void AddSnapshot(RecordWriter& key, std::string_view tag, std::optional<absl::Time> time) {
  if (!tag.empty()) {
    key.Bytes("tag");
    key.Bytes(tag);
  }
  if (time.has_value()) {
    key.Bytes("time");
    key.Int(absl::ToUnixMicros(*time));
  }
}

std::string ReportListKey(const ReportQuery& query) {
  RecordWriter key;
  key.Bytes("reports");
  key.Bytes(query.run_name);
  key.Bytes(ReportFilterKey(query.filter));
  AddSnapshot(key, query.tag, query.time);
  return key.bytes();
}

std::string ComparisonKey(const ComparisonQuery& query) {
  RecordWriter key;
  key.Bytes("comparison");
  for (const SnapshotName* name : {&query.base, &query.current}) {
    key.Bytes(name->run_name);
    AddSnapshot(key, name->tag, name->time);
  }
  key.Int(query.listed.has_value() ? static_cast<int64_t>(*query.listed) : 0);
  key.Bytes(ReportFilterKey(query.filter));
  return key.bytes();
}

}  // namespace

std::string MakeSessionPageToken(const SessionFilter& filter, int64_t last_sequence) {
  RecordWriter position;
  position.Int(last_sequence);
  return MakePageToken(SessionListKey(filter), position.bytes());
}

absl::StatusOr<int64_t> ReadSessionPageToken(const SessionFilter& filter,
                                             std::string_view page_token) {
  if (page_token.empty()) return std::numeric_limits<int64_t>::max();
  STORED_ASSIGN_OR_RETURN(const std::string position,
                          ReadPageToken(page_token, SessionListKey(filter)));
  return RecordReader(position).Int();
}

std::string MakeRunPageToken(std::string_view name_pattern, std::string_view last_name) {
  return MakePageToken(RunListKey(name_pattern), last_name);
}

absl::StatusOr<std::string> ReadRunPageToken(std::string_view name_pattern,
                                             std::string_view page_token) {
  if (page_token.empty()) return std::string();
  return ReadPageToken(page_token, RunListKey(name_pattern));
}

std::string MakeHistoryPageToken(std::string_view run_name, int64_t last_id) {
  RecordWriter position;
  position.Int(last_id);
  return MakePageToken(HistoryListKey(run_name), position.bytes());
}

absl::StatusOr<int64_t> ReadHistoryPageToken(std::string_view run_name,
                                             std::string_view page_token) {
  if (page_token.empty()) return std::numeric_limits<int64_t>::max();
  STORED_ASSIGN_OR_RETURN(const std::string position,
                          ReadPageToken(page_token, HistoryListKey(run_name)));
  return RecordReader(position).Int();
}

std::string MakeReportPageToken(const ReportQuery& query, int64_t history_id, int64_t last_id) {
  RecordWriter position;
  position.Int(history_id);
  position.Int(last_id);
  return MakePageToken(ReportListKey(query), position.bytes());
}

absl::StatusOr<int64_t> ReadReportPageToken(const ReportQuery& query, int64_t history_id) {
  if (query.page_token.empty()) return 0;
  STORED_ASSIGN_OR_RETURN(const std::string position,
                          ReadPageToken(query.page_token, ReportListKey(query)));
  RecordReader reader(position);
  const int64_t history_id_of_token = reader.Int();
  const int64_t after = reader.Int();
  if (history_id_of_token != history_id) {
    const std::string change =
        query.tag.empty()
            ? fmt::format("a store into run \"{}\" has finished", query.run_name)
            : fmt::format("run \"{}\" has another store with this tag", query.run_name);
    return absl::AbortedError(
        fmt::format("{} since the previous page; start again from the first page", change));
  }
  return after;
}

std::string MakeComparisonPageToken(const ComparisonQuery& query, int64_t base, int64_t current,
                                    int64_t last_id) {
  RecordWriter position;
  position.Int(base);
  position.Int(current);
  position.Int(last_id);
  return MakePageToken(ComparisonKey(query), position.bytes());
}

absl::StatusOr<int64_t> ReadComparisonPageToken(const ComparisonQuery& query, int64_t base,
                                                int64_t current) {
  if (query.page_token.empty()) return 0;
  STORED_ASSIGN_OR_RETURN(const std::string position,
                          ReadPageToken(query.page_token, ComparisonKey(query)));
  RecordReader reader(position);
  const int64_t base_of_token = reader.Int();
  const int64_t current_of_token = reader.Int();
  const int64_t after = reader.Int();
  if (base_of_token != base || current_of_token != current) {
    const SnapshotName& changed = base_of_token != base ? query.base : query.current;
    return absl::AbortedError(fmt::format(
        "run \"{}\" has another store than at the previous page; start again from the first page",
        changed.run_name));
  }
  return after;
}

}  // namespace stored::storage
