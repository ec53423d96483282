#include "storage/sqlite/results/run_reader.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "base/status.h"
#include "storage/sqlite/results/report_hash_column.h"

namespace stored::storage::sqlite {
namespace {

reports::ReportIdentity IdentityOfColumn(const Statement& row, int column) {
  reports::ReportIdentity identity;
  const std::string_view bytes = row.Bytes(column);
  std::copy_n(bytes.begin(), std::min(bytes.size(), identity.bytes.size()), identity.bytes.begin());
  return identity;
}

// Returns the review of a report. The index that LoadReports scans does not hold it.
absl::StatusOr<reports::Review> ReviewOf(Database& database, int64_t report_id) {
  STORED_ASSIGN_OR_RETURN(Statement select,
                          database.Prepare("SELECT review_status, review_comment, review_in_source "
                                           "FROM reports WHERE id = ?"));
  select.BindAll(report_id);
  reports::Review review;
  STORED_ASSIGN_OR_RETURN(const bool row, select.Step());
  if (!row) return review;
  review.status = static_cast<reports::ReviewStatus>(select.Int(0));
  review.comment = select.String(1);
  review.in_source = select.Int(2) != 0;
  return review;
}

absl::Status LoadCheckers(Database& database, PresentRun& run) {
  STORED_ASSIGN_OR_RETURN(Statement select, database.Prepare("SELECT id, name FROM checkers"));
  while (true) {
    STORED_ASSIGN_OR_RETURN(const bool row, select.Step());
    if (!row) return absl::OkStatus();
    run.checkers.emplace(select.Int(0), select.String(1));
  }
}

}  // namespace

absl::StatusOr<PresentRun> FindRun(Database& database, const std::string& name) {
  STORED_ASSIGN_OR_RETURN(
      Statement select,
      database.Prepare(
          "SELECT id, latest_history_id, store_count, reports FROM runs WHERE name = ?"));
  select.BindAll(name);
  STORED_ASSIGN_OR_RETURN(const bool row, select.Step());
  PresentRun run;
  if (!row) return run;
  run.id = select.Int(0);
  run.latest_history_id = select.Int(1);
  run.store_count = select.Int(2);
  run.report_count = select.Int(3);
  return run;
}

absl::Status LoadReports(Database& database, PresentRun& run) {
  std::vector<PresentReport> reports;
  reports.reserve(static_cast<size_t>(run.report_count));
  STORED_ASSIGN_OR_RETURN(
      Statement select,
      database.Prepare(
          "SELECT id, report_hash, identity, state, checker_id, review_status, "
          "content_digest FROM reports INDEXED BY reports_by_run WHERE run_id = ? ORDER BY id"));
  select.BindAll(run.id);
  while (true) {
    STORED_ASSIGN_OR_RETURN(const bool row, select.Step());
    if (!row) break;
    PresentReport& report = reports.emplace_back();
    report.id = select.Int(0);
    report.hash = ReportHashKeyOfColumn(select, 1);
    report.identity = IdentityOfColumn(select, 2);
    report.state = static_cast<ReportState>(select.Int(3));
    report.checker_id = select.Int(4);
    reports::Review review;
    if (static_cast<reports::ReviewStatus>(select.Int(5)) != review.status) {
      STORED_ASSIGN_OR_RETURN(review, ReviewOf(database, report.id));
    }
    report.content = ContentKey(static_cast<uint64_t>(select.Int(6)), review);
  }
  run.reports = PresentReports(std::move(reports));
  return LoadCheckers(database, run);
}

absl::StatusOr<std::optional<ReportPast>> FindPast(Database& database, int64_t report_id) {
  STORED_ASSIGN_OR_RETURN(
      Statement select,
      database.Prepare("SELECT detected_at, opened_by, reopened, review_status, fixed_at "
                       "FROM reports WHERE id = ?"));
  select.BindAll(report_id);
  STORED_ASSIGN_OR_RETURN(const bool row, select.Step());
  if (!row) return std::nullopt;
  return ReportPast{select.Time(0), select.Int(1), select.Int(2) != 0,
                    static_cast<reports::ReviewStatus>(select.Int(3)), select.OptionalTime(4)};
}

}  // namespace stored::storage::sqlite
