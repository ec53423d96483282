#include "storage/sqlite/query/history_query.h"

#include <cstdint>
#include <string_view>
#include <utility>

#include "base/status.h"
#include "storage/columns/list_page_token.h"
#include "storage/columns/record.h"
#include "storage/ingest/present_run.h"
#include "storage/policy/resource_errors.h"
#include "storage/sqlite/results/run_reader.h"

namespace stored::storage::sqlite {
namespace {

// A run's entries have the same order by store number, in which the index has them, and by id. The
// index of store numbers also has the ids, so that the entries of earlier pages are skipped without
// their rows. The position is an id because a store with `force` begins the numbers again.
constexpr std::string_view kSelectEntries =
    "SELECT id, store_number, stored_at, tag, description, analyzers, analyzed_files, "
    "failed_files, new_reports, unresolved_reports, reopened_reports, resolved_reports, "
    "off_reports, unavailable_reports FROM run_history WHERE run_id = ? AND id < ? "
    "ORDER BY store_number DESC";
constexpr int kFirstCount = 8;

// The size of an entry without its texts, about that of its message.
constexpr size_t kEntryBytes = 64;

int32_t Count(const Statement& row, int column) { return static_cast<int32_t>(row.Int(column)); }

absl::StatusOr<EntrySummary> ReadEntry(const Statement& row) {
  EntrySummary entry;
  entry.store_number = row.Int(1);
  entry.stored_at = row.Time(2);
  entry.tag = row.String(3);
  entry.description = row.String(4);
  STORED_ASSIGN_OR_RETURN(entry.analyzers, DecodeStrings(row.Bytes(5)));
  entry.analyzed_files = Count(row, 6);
  entry.failed_files = Count(row, 7);
  if (row.IsNull(kFirstCount)) return entry;
  entry.counts = {.new_reports = Count(row, kFirstCount),
                  .unresolved_reports = Count(row, kFirstCount + 1),
                  .reopened_reports = Count(row, kFirstCount + 2),
                  .resolved_reports = Count(row, kFirstCount + 3),
                  .off_reports = Count(row, kFirstCount + 4),
                  .unavailable_reports = Count(row, kFirstCount + 5)};
  return entry;
}

size_t SizeOf(const EntrySummary& entry) {
  size_t size = kEntryBytes + entry.tag.size() + entry.description.size();
  for (const std::string& analyzer : entry.analyzers) size += analyzer.size();
  return size;
}

}  // namespace

absl::StatusOr<HistoryPage> QueryHistory(Database& database, const std::string& run_name,
                                         int page_size, const std::string& page_token) {
  STORED_ASSIGN_OR_RETURN(const int64_t before, ReadHistoryPageToken(run_name, page_token));
  STORED_ASSIGN_OR_RETURN(const PresentRun run, FindRun(database, run_name));
  if (run.id == 0) return RunNotFoundError(run_name);
  STORED_ASSIGN_OR_RETURN(Statement select, database.Prepare(kSelectEntries));
  select.BindAll(run.id, before);
  HistoryPage page;
  int64_t last_id = 0;
  size_t bytes = 0;
  while (true) {
    STORED_ASSIGN_OR_RETURN(const bool row, select.Step());
    if (!row) return page;
    if (page.entries.size() == static_cast<size_t>(page_size)) break;
    STORED_ASSIGN_OR_RETURN(EntrySummary entry, ReadEntry(select));
    bytes += SizeOf(entry);
    if (bytes > kMaxHistoryPageBytes && !page.entries.empty()) break;
    page.entries.push_back(std::move(entry));
    last_id = select.Int(0);
  }
  page.next_page_token = MakeHistoryPageToken(run_name, last_id);
  return page;
}

}  // namespace stored::storage::sqlite
