#include "storage/sqlite/query/run_query.h"

#include <string_view>
#include <utility>

#include "base/status.h"
#include "storage/columns/list_page_token.h"
#include "storage/columns/record.h"
#include "storage/policy/resource_errors.h"

namespace stored::storage::sqlite {
namespace {

#define STORED_RUN_COLUMNS                                                                  \
  "SELECT runs.id, name, created_at, stored_at, tag, description, analyzers, store_count, " \
  "open_reports, reports, expire_after, analyzed_files, failed_files FROM runs "            \
  "JOIN run_history ON run_history.id = latest_history_id "

constexpr std::string_view kSelectRuns = STORED_RUN_COLUMNS
    "WHERE name > ?1 AND (?2 = '' OR stored_glob(?2, name)) ORDER BY name LIMIT ?3";
constexpr std::string_view kSelectRun = STORED_RUN_COLUMNS "WHERE name = ?";

#undef STORED_RUN_COLUMNS

absl::StatusOr<RunSummary> ReadRun(const Statement& row) {
  RunSummary run;
  run.id = row.Int(0);
  run.name = row.String(1);
  run.created_at = row.Time(2);
  run.stored_at = row.Time(3);
  run.tag = row.String(4);
  run.description = row.String(5);
  STORED_ASSIGN_OR_RETURN(run.analyzers, DecodeStrings(row.Bytes(6)));
  run.store_count = static_cast<int32_t>(row.Int(7));
  run.open_reports = static_cast<int32_t>(row.Int(8));
  run.reports = static_cast<int32_t>(row.Int(9));
  if (!row.IsNull(10)) run.expire_after = absl::Microseconds(row.Int(10));
  run.analyzed_files = static_cast<int32_t>(row.Int(11));
  run.failed_files = static_cast<int32_t>(row.Int(12));
  return run;
}

}  // namespace

absl::StatusOr<RunPage> QueryRuns(Database& database, const std::string& name_pattern,
                                  int page_size, const std::string& page_token) {
  STORED_ASSIGN_OR_RETURN(const std::string after, ReadRunPageToken(name_pattern, page_token));
  STORED_ASSIGN_OR_RETURN(Statement select, database.Prepare(kSelectRuns));
  select.BindAll(after, name_pattern, int64_t{page_size} + 1);
  RunPage page;
  while (true) {
    STORED_ASSIGN_OR_RETURN(const bool row, select.Step());
    if (!row) return page;
    if (page.runs.size() == static_cast<size_t>(page_size)) break;
    STORED_ASSIGN_OR_RETURN(RunSummary run, ReadRun(select));
    page.runs.push_back(std::move(run));
  }
  page.next_page_token = MakeRunPageToken(name_pattern, page.runs.back().name);
  return page;
}

absl::StatusOr<RunSummary> QueryRun(Database& database, const std::string& name) {
  STORED_ASSIGN_OR_RETURN(Statement select, database.Prepare(kSelectRun));
  select.BindAll(name);
  STORED_ASSIGN_OR_RETURN(const bool row, select.Step());
  if (!row) return RunNotFoundError(name);
  return ReadRun(select);
}

}  // namespace stored::storage::sqlite
