#include "storage/columns/list_page_token.h"

#include <fmt/format.h>

#include <limits>
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

std::string ReportListKey(const ReportQuery& query) {
  RecordWriter key;
  key.Bytes("reports");
  key.Bytes(query.run_name);
  key.Bytes(ReportFilterKey(query.filter));
  // Tokens of a query without a snapshot are as they always were.
  if (!query.tag.empty()) {
    key.Bytes("tag");
    key.Bytes(query.tag);
  }
  if (query.time.has_value()) {
    key.Bytes("time");
    key.Int(absl::ToUnixMicros(*query.time));
  }
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

}  // namespace stored::storage
