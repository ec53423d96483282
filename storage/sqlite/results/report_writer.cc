#include "storage/sqlite/results/report_writer.h"

#include <fmt/format.h>

#include <limits>

#include "base/status.h"
#include "reports/bundle/bug_path_codec.h"
#include "reports/report_files.h"
#include "storage/columns/record.h"
#include "storage/columns/report_hash.h"
#include "storage/columns/severity_column.h"
#include "storage/ingest/report_state.h"
#include "storage/sqlite/results/past_reports.h"
#include "storage/sqlite/results/product_schema.h"

namespace stored::storage::sqlite {
namespace {

constexpr std::string_view kInsertReport =
    "INSERT INTO reports (run_id, checker_id, file_id, line, col, severity, state, reopened, "
    "opened_by, review_status, review_in_source, detected_at, fixed_at, bug_path_length, "
    "report_hash, identity, category, type, message, review_comment, annotations, bug_path, "
    "logical_location, content_digest, valid_from) VALUES "
    "(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, coalesce(?15, ?16), ?17, ?18, "
    "?19, ?20, ?21, ?22, ?23, ?24, ?25, nullif(?26, ?9))";

// Column names on the right of SET are the values before the UPDATE, so CASE compares the new
// review with the old one.
constexpr std::string_view kUpdateReport =
    "UPDATE reports SET checker_id = ?1, file_id = ?2, line = ?3, col = ?4, severity = ?5, "
    "fixed_at = CASE WHEN ?6 NOT IN (3, 4) THEN NULL WHEN review_status IN (3, 4) THEN fixed_at "
    "ELSE ?7 END, "
    "review_status = ?6, review_in_source = ?8, bug_path_length = ?9, category = ?10, type = ?11, "
    "message = ?12, review_comment = ?13, annotations = ?14, bug_path = ?15, "
    "logical_location = ?16, content_digest = ?17, valid_from = ?18 WHERE id = ?19";
static_assert(static_cast<int>(reports::ReviewStatus::kFalsePositive) == 3 &&
              static_cast<int>(reports::ReviewStatus::kIntentional) == 4);

int64_t SeverityColumn(const reports::Report& report) {
  return ToSeverityColumn({report.severity, report.severity_is_default});
}

std::optional<int64_t> DigestColumn(const reports::Report& report) {
  if (report.content_digest == 0) return std::nullopt;
  return static_cast<int64_t>(report.content_digest);
}

// Replaces the path's file indices by ids and encodes it.
std::string BugPathColumn(reports::BugPath& path, const std::vector<int64_t>& file_ids) {
  reports::ForEachFileIndexOfPath(path, [&](reports::FileIndex& file) {
    file = static_cast<reports::FileIndex>(file_ids[file]);
  });
  return reports::EncodeBugPath(path);
}

// Returns the column's value: either 16 bytes or the text as it is.
std::pair<std::optional<Blob>, std::optional<std::string_view>> HashColumn(
    const ReportHashKey& key, std::string_view report_hash) {
  if (key.text) return {std::nullopt, report_hash};
  return {Blob{key.Raw()}, std::nullopt};
}

}  // namespace

absl::StatusOr<ReportWriter> ReportWriter::Create(Database& database) {
  STORED_ASSIGN_OR_RETURN(Statement insert, database.Prepare(kInsertReport));
  STORED_ASSIGN_OR_RETURN(Statement update, database.Prepare(kUpdateReport));
  STORED_ASSIGN_OR_RETURN(Statement find_file,
                          database.Prepare("SELECT id FROM files WHERE path = ?"));
  STORED_ASSIGN_OR_RETURN(Statement insert_file,
                          database.Prepare("INSERT INTO files (path) VALUES (?)"));
  return ReportWriter(database, std::move(insert), std::move(update), std::move(find_file),
                      std::move(insert_file));
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
  // A bug path stores the id as a FileIndex.
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
  const std::string bug_path = BugPathColumn(report.bug_path, file_ids);
  const std::string annotations = EncodeAnnotations(report.annotations);
  const ReportHashKey key = ReportHashKey::Of(report.report_hash);
  const auto [digits, text] = HashColumn(key, report.report_hash);
  return insert_.Run(origin.run_id, checker_id, file_ids[report.location.file],
                     report.location.line, report.location.column, SeverityColumn(report),
                     static_cast<int>(ReportState::kOpen), origin.reopened, origin.opened_by,
                     static_cast<int>(report.review.status), report.review.in_source,
                     origin.detected_at, origin.fixed_at, report.bug_path.events.size(), digits,
                     text, Blob{identity.Raw()}, report.category, report.type, report.message,
                     report.review.comment, Blob{annotations}, Blob{bug_path},
                     report.logical_location, DigestColumn(report), origin.inserted_by);
}

absl::Status ReportWriter::Update(int64_t report_id, reports::Report& report,
                                  const std::vector<int64_t>& file_ids, int64_t history_id,
                                  absl::Time now) {
  STORED_RETURN_IF_ERROR(KeepPast(*database_, report_id, history_id, BugPathOfPast::kCopied));
  STORED_ASSIGN_OR_RETURN(const int64_t checker_id,
                          CheckerId(report.analyzer_name, report.checker_name));
  const std::string bug_path = BugPathColumn(report.bug_path, file_ids);
  const std::string annotations = EncodeAnnotations(report.annotations);
  return update_.Run(checker_id, file_ids[report.location.file], report.location.line,
                     report.location.column, SeverityColumn(report),
                     static_cast<int>(report.review.status), now, report.review.in_source,
                     report.bug_path.events.size(), report.category, report.type, report.message,
                     report.review.comment, Blob{annotations}, Blob{bug_path},
                     report.logical_location, DigestColumn(report), history_id, report_id);
}

}  // namespace stored::storage::sqlite
