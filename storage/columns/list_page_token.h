#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "storage/report_query.h"
#include "storage/session_queue.h"

// The page tokens (page_token.h) of the lists that a backend returns: the filters that a token is
// valid for, and the encoding of its position.
//
// A Make function takes the position of the last entry of a page and returns the token of the next
// page. A Read function returns that position. It takes an empty token as that of the first page,
// and returns INVALID_ARGUMENT if a token was made for another list or with other filters.
namespace stored::storage {

// SessionQueue::List. The position is a session's sequence. The newest session comes first, so a
// page has the sequences below its position, which is the largest int64_t for the first page.
std::string MakeSessionPageToken(const SessionFilter& filter, int64_t last_sequence);
absl::StatusOr<int64_t> ReadSessionPageToken(const SessionFilter& filter,
                                             std::string_view page_token);

// ProductResults::ListRuns. The position is a run's name; empty for the first page.
std::string MakeRunPageToken(std::string_view name_pattern, std::string_view last_name);
absl::StatusOr<std::string> ReadRunPageToken(std::string_view name_pattern,
                                             std::string_view page_token);

// ProductResults::ListRunHistory. The position is the id of a history entry. The newest entry comes
// first, so a page has the ids below its position, which is the largest int64_t for the first page.
std::string MakeHistoryPageToken(std::string_view run_name, int64_t last_id);
absl::StatusOr<int64_t> ReadHistoryPageToken(std::string_view run_name,
                                             std::string_view page_token);

// ProductResults::ListReports. The position is a report's id; 0 for the first page. `history_id` is
// the newest entry of the run's history. ReadReportPageToken() reads query.page_token, and returns
// ABORTED if the newest entry was another one when the token was made.
std::string MakeReportPageToken(const ReportQuery& query, int64_t history_id, int64_t last_id);
absl::StatusOr<int64_t> ReadReportPageToken(const ReportQuery& query, int64_t history_id);

// ProductResults::CompareRuns. As above, with the entries of both snapshots.
std::string MakeComparisonPageToken(const ComparisonQuery& query, int64_t base, int64_t current,
                                    int64_t last_id);
absl::StatusOr<int64_t> ReadComparisonPageToken(const ComparisonQuery& query, int64_t base,
                                                int64_t current);

}  // namespace stored::storage
