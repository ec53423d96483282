#include "storage/sqlite/gc/history_garbage.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "base/status.h"
#include "storage/sqlite/results/past_reports.h"

namespace stored::storage::sqlite {
namespace {

// The number of rows that are read between two polls of the pace.
constexpr int64_t kRowsPerPoll = 10'000;

struct RunName {
  int64_t id = 0;
  std::string name;
};

absl::StatusOr<std::vector<RunName>> Runs(const GcTarget& target) {
  STORED_ASSIGN_OR_RETURN(const ReaderPool::Reader reader, target.read());
  STORED_ASSIGN_OR_RETURN(Statement select,
                          reader->Prepare("SELECT id, name FROM runs ORDER BY id"));
  std::vector<RunName> runs;
  while (true) {
    STORED_ASSIGN_OR_RETURN(const bool row, select.Step());
    if (!row) return runs;
    runs.push_back({select.Int(0), select.String(1)});
  }
}

// Returns whether the run still exists under its name and no unfinished store is for it.
absl::StatusOr<bool> IsAtRest(Database& database, const GcTarget& target, const RunName& run) {
  STORED_ASSIGN_OR_RETURN(Statement select,
                          database.Prepare("SELECT 1 FROM runs WHERE id = ? AND name = ?"));
  select.BindAll(run.id, run.name);
  STORED_ASSIGN_OR_RETURN(const bool row, select.Step());
  if (!row) return false;
  STORED_ASSIGN_OR_RETURN(const std::optional<std::string> token, target.unfinished(run.name));
  return !token.has_value();
}

// Returns the first column of all remaining rows.
absl::StatusOr<std::vector<int64_t>> Column(Statement& select) {
  std::vector<int64_t> values;
  while (true) {
    STORED_ASSIGN_OR_RETURN(const bool row, select.Step());
    if (!row) return values;
    values.push_back(select.Int(0));
  }
}

// Returns the ids of reports of the run that were closed at or before `closed_by`; at most as many
// as one transaction removes.
absl::StatusOr<std::vector<int64_t>> ClosedBy(Database& database, int64_t run_id,
                                              absl::Time closed_by) {
  STORED_ASSIGN_OR_RETURN(
      Statement select,
      database.Prepare("SELECT id FROM reports INDEXED BY reports_closed WHERE state <> 0 AND "
                       "run_id = ? AND fixed_at <= ? LIMIT ?"));
  select.BindAll(run_id, closed_by, TransactionBudget::kRows);
  return Column(select);
}

absl::StatusOr<int64_t> CountClosedBy(Database& database, int64_t run_id, absl::Time closed_by) {
  STORED_ASSIGN_OR_RETURN(
      Statement count,
      database.Prepare("SELECT count(*) FROM reports INDEXED BY reports_closed WHERE state <> 0 "
                       "AND run_id = ? AND fixed_at <= ?"));
  count.BindAll(run_id, closed_by);
  STORED_RETURN_IF_ERROR(count.Step().status());
  return count.Int(0);
}

// Returns false if there is nothing left to remove from this run for now.
absl::StatusOr<bool> RemoveSomeClosed(Database& database, TransactionBudget& budget,
                                      const GcTarget& target, const RunName& run,
                                      ProductGarbage& removed) {
  STORED_ASSIGN_OR_RETURN(const bool at_rest, IsAtRest(database, target, run));
  if (!at_rest) return false;
  STORED_ASSIGN_OR_RETURN(const std::vector<int64_t> reports,
                          ClosedBy(database, run.id, target.bounds.closed_by));
  int64_t count = 0;
  for (const int64_t report : reports) {
    // Removes at least one report, however long the query took.
    if (count > 0 && !budget.Spend()) break;
    STORED_RETURN_IF_ERROR(KeepPastOfClosed(database, report));
    STORED_RETURN_IF_ERROR(database.Run("DELETE FROM reports WHERE id = ?", report));
    ++count;
  }
  if (count == 0) return false;
  removed.reports += count;
  STORED_RETURN_IF_ERROR(
      database.Run("UPDATE runs SET reports = reports - ? WHERE id = ?", count, run.id));
  return count < static_cast<int64_t>(reports.size()) || count == TransactionBudget::kRows;
}

// Returns the history entries to which a report of the run refers. Ignores reports that were closed
// at or before `closed_by`.
absl::StatusOr<absl::flat_hash_set<int64_t>> ReferencedEntries(Database& database, int64_t run_id,
                                                               absl::Time closed_by, GcPace& pace) {
  absl::flat_hash_set<int64_t> referenced;
  STORED_ASSIGN_OR_RETURN(Statement open,
                          database.Prepare("SELECT opened_by FROM reports INDEXED BY "
                                           "reports_by_run WHERE run_id = ? AND state = 0"));
  STORED_ASSIGN_OR_RETURN(
      Statement closed,
      database.Prepare("SELECT opened_by, closed_by FROM reports INDEXED BY reports_closed WHERE "
                       "state <> 0 AND run_id = ? AND fixed_at > ?"));
  open.BindAll(run_id);
  closed.BindAll(run_id, closed_by);
  for (int64_t rows = 1;; ++rows) {
    STORED_ASSIGN_OR_RETURN(const bool row, open.Step());
    if (!row) break;
    referenced.insert(open.Int(0));
    if (rows % kRowsPerPoll == 0) STORED_RETURN_IF_ERROR(CheckStopped(pace));
  }
  for (int64_t rows = 1;; ++rows) {
    STORED_ASSIGN_OR_RETURN(const bool row, closed.Step());
    if (!row) return referenced;
    referenced.insert(closed.Int(0));
    referenced.insert(closed.Int(1));
    if (rows % kRowsPerPoll == 0) STORED_RETURN_IF_ERROR(CheckStopped(pace));
  }
}

// Returns the history entries to remove if the reports that were closed at or before `closed_by`
// are removed first. The result stays valid: a report only ever begins to refer to a new entry, or
// to an entry that another report of its run refers to.
absl::StatusOr<std::vector<int64_t>> OldEntries(Database& database, const GcTarget& target,
                                                int64_t run_id, absl::Time closed_by) {
  STORED_ASSIGN_OR_RETURN(
      Statement select,
      database.Prepare("SELECT id FROM run_history WHERE run_id = ?1 AND stored_at <= ?2 AND tag = "
                       "'' AND id <> (SELECT latest_history_id FROM runs WHERE id = ?1)"));
  select.BindAll(run_id, target.bounds.stored_by);
  STORED_ASSIGN_OR_RETURN(std::vector<int64_t> entries, Column(select));
  if (entries.empty()) return entries;
  STORED_ASSIGN_OR_RETURN(const absl::flat_hash_set<int64_t> referenced,
                          ReferencedEntries(database, run_id, closed_by, target.pace));
  std::erase_if(entries, [&](int64_t entry) { return referenced.contains(entry); });
  return entries;
}

// Returns the ids of the run's history entries, sorted.
absl::StatusOr<std::vector<int64_t>> Entries(Database& database, int64_t run_id) {
  STORED_ASSIGN_OR_RETURN(
      Statement select,
      database.Prepare("SELECT id FROM run_history WHERE run_id = ? ORDER BY id"));
  select.BindAll(run_id);
  return Column(select);
}

struct FileVersion {
  int64_t file_id = 0;
  int64_t from_history = 0;
};

// Returns the versions of the run's files that none of `entries`, the remaining ones, needs. A
// version is needed by the entry that brought it and by all later ones up to the entry that brought
// the next version. That one is included because a report that it closed shows the source from
// before it.
absl::StatusOr<std::vector<FileVersion>> UnneededVersions(Database& database, int64_t run_id,
                                                          const std::vector<int64_t>& entries,
                                                          GcPace& pace) {
  STORED_ASSIGN_OR_RETURN(
      Statement select,
      database.Prepare("SELECT file_id, from_history FROM file_versions WHERE run_id = ? ORDER BY "
                       "file_id, from_history"));
  select.BindAll(run_id);
  std::vector<FileVersion> unneeded;
  FileVersion before;
  for (int64_t rows = 1;; ++rows) {
    STORED_ASSIGN_OR_RETURN(const bool row, select.Step());
    if (!row) return unneeded;
    if (rows % kRowsPerPoll == 0) STORED_RETURN_IF_ERROR(CheckStopped(pace));
    const FileVersion version = {select.Int(0), select.Int(1)};
    if (version.file_id == before.file_id) {
      const auto entry = std::lower_bound(entries.begin(), entries.end(), before.from_history);
      if (entry == entries.end() || *entry > version.from_history) unneeded.push_back(before);
    }
    before = version;
  }
}

// Returns the ids of the rows of past_reports that none of `entries`, the remaining ones, needs: a
// row is needed by the entries from valid_from to the one before valid_until.
absl::StatusOr<std::vector<int64_t>> UnneededPast(Database& database, int64_t run_id,
                                                  const std::vector<int64_t>& entries,
                                                  GcPace& pace) {
  STORED_ASSIGN_OR_RETURN(
      Statement select,
      database.Prepare("SELECT id, valid_from, valid_until FROM past_reports INDEXED BY "
                       "past_reports_by_run WHERE run_id = ?"));
  select.BindAll(run_id);
  std::vector<int64_t> unneeded;
  for (int64_t rows = 1;; ++rows) {
    STORED_ASSIGN_OR_RETURN(const bool row, select.Step());
    if (!row) return unneeded;
    if (rows % kRowsPerPoll == 0) STORED_RETURN_IF_ERROR(CheckStopped(pace));
    const auto entry = std::lower_bound(entries.begin(), entries.end(), select.Int(1));
    if (entry == entries.end() || *entry >= select.Int(2)) unneeded.push_back(select.Int(0));
  }
}

// Removes the rows that belong to history entries and that none of the remaining ones needs.
absl::Status RemoveUnneeded(const GcTarget& target, int64_t run_id) {
  std::vector<int64_t> past;
  std::vector<FileVersion> versions;
  {
    STORED_ASSIGN_OR_RETURN(const ReaderPool::Reader reader, target.read());
    STORED_ASSIGN_OR_RETURN(const std::vector<int64_t> entries, Entries(*reader, run_id));
    STORED_ASSIGN_OR_RETURN(past, UnneededPast(*reader, run_id, entries, target.pace));
    STORED_ASSIGN_OR_RETURN(versions, UnneededVersions(*reader, run_id, entries, target.pace));
  }
  STORED_RETURN_IF_ERROR(ForEachInSmallTransactions<int64_t>(target, past, DeletePast));
  return ForEachInSmallTransactions<FileVersion>(
      target, versions, [&](Database& database, const FileVersion& version) {
        return database.Run(
            "DELETE FROM file_versions WHERE run_id = ? AND file_id = ? AND from_history = ?",
            run_id, version.file_id, version.from_history);
      });
}

absl::Status RemoveEntries(const GcTarget& target, const std::vector<int64_t>& entries,
                           ProductGarbage& removed) {
  return ForEachInSmallTransactions<int64_t>(
      target, entries, [&](Database& database, int64_t entry) -> absl::Status {
        STORED_RETURN_IF_ERROR(database.Run("DELETE FROM run_history WHERE id = ?", entry));
        removed.history_entries += database.changes();
        return absl::OkStatus();
      });
}

}  // namespace

absl::Status RemoveClosedReports(const GcTarget& target, ProductGarbage& removed) {
  if (target.bounds.closed_by == absl::InfinitePast()) return absl::OkStatus();
  STORED_ASSIGN_OR_RETURN(const std::vector<RunName> runs, Runs(target));
  size_t next = 0;
  return InSmallTransactions(
      target.writer, target.pace,
      [&](Database& database, TransactionBudget& budget) -> absl::StatusOr<bool> {
        while (next < runs.size()) {
          if (!budget.Spend()) return true;
          STORED_ASSIGN_OR_RETURN(const bool more,
                                  RemoveSomeClosed(database, budget, target, runs[next], removed));
          if (more) return true;
          ++next;
        }
        return false;
      });
}

absl::Status RemoveHistory(const GcTarget& target, ProductGarbage& removed) {
  if (target.bounds.stored_by == absl::InfinitePast()) return absl::OkStatus();
  STORED_ASSIGN_OR_RETURN(const std::vector<RunName> runs, Runs(target));
  for (const RunName& run : runs) {
    STORED_RETURN_IF_ERROR(CheckStopped(target.pace));
    std::vector<int64_t> entries;
    {
      STORED_ASSIGN_OR_RETURN(const ReaderPool::Reader reader, target.read());
      STORED_ASSIGN_OR_RETURN(entries, OldEntries(*reader, target, run.id, absl::InfinitePast()));
    }
    STORED_RETURN_IF_ERROR(RemoveEntries(target, entries, removed));
    // Without removed entries too: a garbage collection that was stopped may have left rows.
    STORED_RETURN_IF_ERROR(RemoveUnneeded(target, run.id));
  }
  return absl::OkStatus();
}

absl::Status CountRetention(const GcTarget& target, const std::vector<int64_t>& without,
                            ProductGarbage& counted) {
  STORED_ASSIGN_OR_RETURN(const std::vector<RunName> runs, Runs(target));
  for (const RunName& run : runs) {
    STORED_RETURN_IF_ERROR(CheckStopped(target.pace));
    if (std::binary_search(without.begin(), without.end(), run.id)) continue;
    STORED_ASSIGN_OR_RETURN(const ReaderPool::Reader reader, target.read());
    STORED_ASSIGN_OR_RETURN(const bool at_rest, IsAtRest(*reader, target, run));
    const absl::Time closed_by = at_rest ? target.bounds.closed_by : absl::InfinitePast();
    STORED_ASSIGN_OR_RETURN(const int64_t reports, CountClosedBy(*reader, run.id, closed_by));
    counted.reports += reports;
    if (target.bounds.stored_by == absl::InfinitePast()) continue;
    STORED_ASSIGN_OR_RETURN(const std::vector<int64_t> entries,
                            OldEntries(*reader, target, run.id, closed_by));
    counted.history_entries += static_cast<int64_t>(entries.size());
  }
  return absl::OkStatus();
}

}  // namespace stored::storage::sqlite
