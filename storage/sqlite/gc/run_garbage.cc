#include "storage/sqlite/gc/run_garbage.h"

#include <algorithm>
#include <optional>
#include <string>

#include "base/status.h"
#include "storage/sqlite/results/run_writer.h"

namespace stored::storage::sqlite {
namespace {

struct ExpiredRun {
  int64_t id = 0;
  std::string name;
};

// Returns the runs past their lifetime, sorted by name, including those that an unfinished store is
// for.
absl::StatusOr<std::vector<ExpiredRun>> FindExpired(const GcTarget& target) {
  STORED_ASSIGN_OR_RETURN(const ReaderPool::Reader reader, target.read());
  STORED_ASSIGN_OR_RETURN(
      Statement select,
      reader->Prepare("SELECT runs.id, name FROM runs JOIN run_history ON run_history.id = "
                      "latest_history_id WHERE stored_at + expire_after <= ? ORDER BY name"));
  select.BindAll(target.bounds.now);
  std::vector<ExpiredRun> runs;
  while (true) {
    STORED_ASSIGN_OR_RETURN(const bool row, select.Step());
    if (!row) return runs;
    runs.push_back({select.Int(0), select.String(1)});
  }
}

absl::StatusOr<bool> IsExpired(Database& database, int64_t run_id, absl::Time now) {
  STORED_ASSIGN_OR_RETURN(
      Statement select,
      database.Prepare("SELECT 1 FROM runs JOIN run_history ON run_history.id = latest_history_id "
                       "WHERE runs.id = ? AND stored_at + expire_after <= ?"));
  select.BindAll(run_id, now);
  return select.Step();
}

void AddRun(const std::string& name, ProductGarbage& garbage) {
  ++garbage.expired_run_count;
  if (garbage.expired_runs.size() < ProductGarbage::kMaxRunNames) {
    garbage.expired_runs.push_back(name);
  }
}

absl::StatusOr<std::vector<int64_t>> Ids(Database& database, std::string_view sql, int64_t run_id) {
  STORED_ASSIGN_OR_RETURN(Statement select, database.Prepare(sql));
  select.BindAll(run_id, TransactionBudget::kRows);
  std::vector<int64_t> ids;
  while (true) {
    STORED_ASSIGN_OR_RETURN(const bool row, select.Step());
    if (!row) return ids;
    ids.push_back(select.Int(0));
  }
}

// Removes the rows of the run that `select` finds, one by one. Returns true once there are none
// left, false if the budget is spent before.
absl::StatusOr<bool> RemoveAll(Database& database, TransactionBudget& budget, int64_t run_id,
                               std::string_view select, std::string_view remove, int64_t& count) {
  while (true) {
    STORED_ASSIGN_OR_RETURN(const std::vector<int64_t> ids, Ids(database, select, run_id));
    if (ids.empty()) return true;
    for (const int64_t id : ids) {
      if (!budget.Spend()) return false;
      STORED_RETURN_IF_ERROR(database.Run(remove, id));
      ++count;
    }
  }
}

// As RemoveAll(), for file versions.
absl::StatusOr<bool> RemoveFileVersions(Database& database, TransactionBudget& budget,
                                        int64_t run_id) {
  constexpr std::string_view kFiles =
      "SELECT DISTINCT file_id FROM file_versions WHERE run_id = ? LIMIT ?";
  while (true) {
    STORED_ASSIGN_OR_RETURN(const std::vector<int64_t> files, Ids(database, kFiles, run_id));
    if (files.empty()) return true;
    for (const int64_t file : files) {
      if (!budget.Spend()) return false;
      STORED_RETURN_IF_ERROR(
          database.Run("DELETE FROM file_versions WHERE run_id = ? AND file_id = ?", run_id, file));
    }
  }
}

// Returns false if the budget is spent and rows are left.
absl::StatusOr<bool> RemoveRows(Database& database, TransactionBudget& budget, int64_t run_id,
                                ProductGarbage& removed) {
  STORED_ASSIGN_OR_RETURN(
      bool done,
      RemoveAll(database, budget, run_id,
                "SELECT id FROM reports INDEXED BY reports_by_run WHERE run_id = ? ORDER BY id "
                "LIMIT ?",
                "DELETE FROM reports WHERE id = ?", removed.reports));
  if (!done) return false;
  int64_t past = 0;
  STORED_ASSIGN_OR_RETURN(
      done, RemoveAll(database, budget, run_id,
                      "SELECT id FROM past_reports INDEXED BY past_reports_by_run WHERE run_id = ? "
                      "LIMIT ?",
                      "DELETE FROM past_reports WHERE id = ?", past));
  if (!done) return false;
  STORED_ASSIGN_OR_RETURN(done, RemoveFileVersions(database, budget, run_id));
  if (!done) return false;
  return RemoveAll(database, budget, run_id, "SELECT id FROM run_history WHERE run_id = ? LIMIT ?",
                   "DELETE FROM run_history WHERE id = ?", removed.history_entries);
}

absl::StatusOr<std::optional<int64_t>> FirstRemovedRun(Database& database) {
  STORED_ASSIGN_OR_RETURN(
      Statement select,
      database.Prepare("SELECT run_id FROM removed_runs ORDER BY run_id LIMIT 1"));
  STORED_ASSIGN_OR_RETURN(const bool row, select.Step());
  if (!row) return std::nullopt;
  return select.Int(0);
}

absl::Status CountRows(Database& database, int64_t run_id, ProductGarbage& counted) {
  STORED_ASSIGN_OR_RETURN(
      Statement count,
      database.Prepare("SELECT (SELECT count(*) FROM reports INDEXED BY reports_by_run WHERE "
                       "run_id = ?1), (SELECT count(*) FROM run_history WHERE run_id = ?1)"));
  count.BindAll(run_id);
  STORED_RETURN_IF_ERROR(count.Step().status());
  counted.reports += count.Int(0);
  counted.history_entries += count.Int(1);
  return absl::OkStatus();
}

}  // namespace

absl::Status RemoveExpiredRuns(const GcTarget& target, ProductGarbage& removed) {
  STORED_ASSIGN_OR_RETURN(const std::vector<ExpiredRun> runs, FindExpired(target));
  return ForEachInSmallTransactions<ExpiredRun>(
      target, runs, [&](Database& database, const ExpiredRun& run) -> absl::Status {
        STORED_ASSIGN_OR_RETURN(const std::optional<std::string> token,
                                target.unfinished(run.name));
        if (token.has_value()) return absl::OkStatus();
        // A store may have extended the lifetime since the query.
        STORED_ASSIGN_OR_RETURN(const bool expired, IsExpired(database, run.id, target.bounds.now));
        if (!expired) return absl::OkStatus();
        STORED_RETURN_IF_ERROR(UnlinkRun(database, run.id));
        AddRun(run.name, removed);
        return absl::OkStatus();
      });
}

absl::StatusOr<std::vector<int64_t>> CountExpiredRuns(const GcTarget& target,
                                                      ProductGarbage& counted) {
  STORED_ASSIGN_OR_RETURN(const std::vector<ExpiredRun> runs, FindExpired(target));
  STORED_ASSIGN_OR_RETURN(const ReaderPool::Reader reader, target.read());
  std::vector<int64_t> ids;
  for (const ExpiredRun& run : runs) {
    STORED_RETURN_IF_ERROR(CheckStopped(target.pace));
    STORED_ASSIGN_OR_RETURN(const std::optional<std::string> token, target.unfinished(run.name));
    if (token.has_value()) continue;
    AddRun(run.name, counted);
    STORED_RETURN_IF_ERROR(CountRows(*reader, run.id, counted));
    ids.push_back(run.id);
  }
  std::sort(ids.begin(), ids.end());
  return ids;
}

absl::Status RemoveRowsOfRemovedRuns(const GcTarget& target, ProductGarbage& removed) {
  return InSmallTransactions(
      target.writer, target.pace,
      [&](Database& database, TransactionBudget& budget) -> absl::StatusOr<bool> {
        STORED_ASSIGN_OR_RETURN(const std::optional<int64_t> run, FirstRemovedRun(database));
        if (!run.has_value()) return false;
        STORED_ASSIGN_OR_RETURN(const bool done, RemoveRows(database, budget, *run, removed));
        if (!done) return true;
        STORED_RETURN_IF_ERROR(database.Run("DELETE FROM removed_runs WHERE run_id = ?", *run));
        return true;
      });
}

absl::Status CountRowsOfRemovedRuns(const GcTarget& target, ProductGarbage& counted) {
  STORED_ASSIGN_OR_RETURN(const ReaderPool::Reader reader, target.read());
  STORED_ASSIGN_OR_RETURN(Statement select, reader->Prepare("SELECT run_id FROM removed_runs"));
  while (true) {
    STORED_ASSIGN_OR_RETURN(const bool row, select.Step());
    if (!row) return absl::OkStatus();
    STORED_RETURN_IF_ERROR(CheckStopped(target.pace));
    STORED_RETURN_IF_ERROR(CountRows(*reader, select.Int(0), counted));
  }
}

}  // namespace stored::storage::sqlite
