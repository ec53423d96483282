#include "storage/sqlite/report_writer.h"

#include <fmt/format.h>

#include <limits>

#include "base/status.h"
#include "reports/bundle/bug_path_codec.h"
#include "reports/report_files.h"
#include "storage/sqlite/product_schema.h"
#include "storage/sqlite/record.h"
#include "storage/sqlite/report_hash.h"

namespace stored::storage {
namespace {

constexpr std::string_view kInsertReport =
    "INSERT INTO reports (run_id, checker_id, file_id, line, col, severity, state, reopened, "
    "opened_by, review_status, review_in_source, detected_at, fixed_at, bug_path_length, "
    "report_hash, identity, category, type, message, review_comment, annotations, bug_path) VALUES "
    "(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, coalesce(?15, ?16), ?17, ?18, "
    "?19, ?20, ?21, ?22, ?23)";

// The column's two forms: 16 bytes, or the text as it is.
std::pair<std::optional<Blob>, std::optional<std::string_view>> HashColumn(
    const ReportHashKey& key, std::string_view report_hash) {
  if (key.text) return {std::nullopt, report_hash};
  return {Blob{key.Raw()}, std::nullopt};
}

}  // namespace

absl::StatusOr<ReportWriter> ReportWriter::Create(Database& database) {
  STORED_ASSIGN_OR_RETURN(Statement insert, database.Prepare(kInsertReport));
  STORED_ASSIGN_OR_RETURN(Statement find_file,
                          database.Prepare("SELECT id FROM files WHERE path = ?"));
  STORED_ASSIGN_OR_RETURN(Statement insert_file,
                          database.Prepare("INSERT INTO files (path) VALUES (?)"));
  return ReportWriter(database, std::move(insert), std::move(find_file), std::move(insert_file));
}

absl::StatusOr<int64_t> ReportWriter::FileId(std::string_view path) {
  find_file_.BindAll(path);
  STORED_ASSIGN_OR_RETURN(const bool row, find_file_.Step());
  if (row) {
    const int64_t id = find_file_.Int(0);
    find_file_.Reset();
    return id;
  }
  STORED_RETURN_IF_ERROR(insert_file_.Run(path));
  const int64_t id = database_->last_insert_id();
  // A bug path holds it as a FileIndex.
  if (id > std::numeric_limits<reports::FileIndex>::max()) {
    return absl::ResourceExhaustedError(
        fmt::format("database {}: there are too many files in this product; use another one",
                    database_->path()));
  }
  return id;
}

absl::StatusOr<int64_t> ReportWriter::CheckerId(const std::string& analyzer,
                                                const std::string& name) {
  const auto found = checker_ids_.find({name, analyzer});
  if (found != checker_ids_.end()) return found->second;
  STORED_ASSIGN_OR_RETURN(const int64_t id, FindOrInsertChecker(analyzer, name));
  checker_ids_.emplace(std::pair(name, analyzer), id);
  return id;
}

absl::StatusOr<int64_t> ReportWriter::FindOrInsertChecker(const std::string& analyzer,
                                                          const std::string& name) {
  STORED_ASSIGN_OR_RETURN(
      Statement select,
      database_->Prepare("SELECT id FROM checkers WHERE analyzer = ? AND name = ?"));
  select.BindAll(analyzer, name);
  STORED_ASSIGN_OR_RETURN(const bool row, select.Step());
  if (row) return select.Int(0);
  STORED_RETURN_IF_ERROR(
      database_->Run("INSERT INTO checkers (analyzer, name) VALUES (?, ?)", analyzer, name));
  return database_->last_insert_id();
}

absl::Status ReportWriter::Insert(reports::Report& report, const reports::ReportIdentity& identity,
                                  const std::vector<int64_t>& file_ids,
                                  const ReportOrigin& origin) {
  STORED_ASSIGN_OR_RETURN(const int64_t checker_id,
                          CheckerId(report.analyzer_name, report.checker_name));
  reports::ForEachFileIndexOfPath(report.bug_path, [&](reports::FileIndex& file) {
    file = static_cast<reports::FileIndex>(file_ids[file]);
  });
  const std::string bug_path = reports::EncodeBugPath(report.bug_path);
  const std::string annotations = EncodeAnnotations(report.annotations);
  const ReportHashKey key = ReportHashKey::Of(report.report_hash);
  const auto [digits, text] = HashColumn(key, report.report_hash);
  return insert_.Run(origin.run_id, checker_id, file_ids[report.location.file],
                     report.location.line, report.location.column,
                     static_cast<int>(report.severity), static_cast<int>(ReportState::kOpen),
                     origin.reopened, origin.opened_by, static_cast<int>(report.review.status),
                     report.review.in_source, origin.detected_at, origin.fixed_at,
                     report.bug_path.events.size(), digits, text, Blob{identity.Raw()},
                     report.category, report.type, report.message, report.review.comment,
                     Blob{annotations}, Blob{bug_path});
}

absl::Status ReportWriter::UpdateReview(int64_t report_id, const reports::Review& review,
                                        absl::Time now) {
  // CASE sees the review that was: columns on the right are those of before the UPDATE.
  constexpr std::string_view kClose =
      "UPDATE reports SET fixed_at = CASE WHEN review_status IN (3, 4) THEN fixed_at ELSE ?1 END, "
      "review_status = ?2, review_comment = ?3, review_in_source = ?4 WHERE id = ?5";
  constexpr std::string_view kOpen =
      "UPDATE reports SET fixed_at = NULL, review_status = ?1, review_comment = ?2, "
      "review_in_source = ?3 WHERE id = ?4";
  static_assert(static_cast<int>(reports::ReviewStatus::kFalsePositive) == 3 &&
                static_cast<int>(reports::ReviewStatus::kIntentional) == 4);
  const int status = static_cast<int>(review.status);
  if (Closes(review.status)) {
    return database_->Run(kClose, now, status, review.comment, review.in_source, report_id);
  }
  return database_->Run(kOpen, status, review.comment, review.in_source, report_id);
}

}  // namespace stored::storage
