#include "storage/sqlite/present_run.h"

#include <algorithm>
#include <cstring>
#include <tuple>

#include "base/sha256.h"
#include "base/status.h"

namespace stored::storage {
namespace {

reports::ReportIdentity IdentityOfColumn(const Statement& row, int column) {
  reports::ReportIdentity identity;
  const std::string_view bytes = row.Bytes(column);
  std::copy_n(bytes.begin(), std::min(bytes.size(), identity.bytes.size()), identity.bytes.begin());
  return identity;
}

// The review of a report, which the index that is scanned does not hold.
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

// Stands for a review; 0 for an unreviewed report.
uint64_t ReviewDigest(const reports::Review& review) {
  if (review.status == reports::ReviewStatus::kUnreviewed) return 0;
  Sha256 sha;
  const char head[2] = {static_cast<char>(review.status), review.in_source ? '\1' : '\0'};
  sha.Update({head, sizeof(head)});
  sha.Update(review.comment);
  uint64_t digest = 0;
  std::memcpy(&digest, sha.Finish().bytes.data(), sizeof(digest));
  return digest;
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

uint64_t ContentKey(uint64_t content_digest, const reports::Review& review) {
  return content_digest ^ ReviewDigest(review);
}

PresentReports::PresentReports(std::vector<PresentReport> reports) : reports_(std::move(reports)) {
  std::sort(reports_.begin(), reports_.end(), [](const PresentReport& a, const PresentReport& b) {
    return std::tie(a.hash, a.identity) < std::tie(b.hash, b.identity);
  });
  NoteResolvedHashes();
}

void PresentReports::NoteResolvedHashes() {
  for (size_t begin = 0, end = 0; begin < reports_.size(); begin = end) {
    bool resolved = true;
    for (; end < reports_.size() && reports_[end].hash == reports_[begin].hash; ++end) {
      resolved = resolved && reports_[end].state == ReportState::kResolved;
    }
    for (size_t i = begin; i < end; ++i) reports_[i].hash_resolved = resolved;
  }
}

absl::Span<PresentReport> PresentReports::WithHash(const ReportHashKey& hash) {
  const auto first = std::lower_bound(
      reports_.begin(), reports_.end(), hash,
      [](const PresentReport& report, const ReportHashKey& key) { return report.hash < key; });
  if (first == reports_.end() || first->hash != hash) return {};
  // Most hashes have one report.
  if (first + 1 == reports_.end() || (first + 1)->hash != hash) return {&*first, 1};
  const auto last = std::upper_bound(
      first + 1, reports_.end(), hash,
      [](const ReportHashKey& key, const PresentReport& report) { return key < report.hash; });
  return {&*first, static_cast<size_t>(last - first)};
}

PresentReport* PresentReports::WithIdentity(absl::Span<PresentReport> same_hash,
                                            const reports::ReportIdentity& identity) {
  const auto found =
      std::lower_bound(same_hash.begin(), same_hash.end(), identity,
                       [](const PresentReport& report, const reports::ReportIdentity& key) {
                         return report.identity < key;
                       });
  return found == same_hash.end() || found->identity != identity ? nullptr : &*found;
}

absl::Span<const PresentReport> PresentReports::SortById() {
  std::sort(reports_.begin(), reports_.end(),
            [](const PresentReport& a, const PresentReport& b) { return a.id < b.id; });
  return reports_;
}

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
    report.hash = ReportHashKey::OfColumn(select, 1);
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

}  // namespace stored::storage
