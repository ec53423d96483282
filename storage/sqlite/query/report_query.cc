#include "storage/sqlite/query/report_query.h"

#include <fmt/format.h>

#include <array>
#include <optional>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "base/status.h"
#include "reports/bundle/bug_path_codec.h"
#include "reports/report_files.h"
#include "storage/columns/list_page_token.h"
#include "storage/columns/record.h"
#include "storage/columns/severity_column.h"
#include "storage/ingest/present_run.h"
#include "storage/policy/resource_errors.h"
#include "storage/sqlite/query/checker_reader.h"
#include "storage/sqlite/query/report_conditions.h"
#include "storage/sqlite/query/snapshot_query.h"
#include "storage/sqlite/results/product_schema.h"
#include "storage/sqlite/results/report_hash_column.h"
#include "storage/sqlite/results/run_reader.h"

namespace stored::storage::sqlite {
namespace {

using reports::DetectionStatus;
using reports::StoredReport;

// Upper bounds for parts of a page's message in bytes: a location or range without its path, and a
// report without its texts.
constexpr int64_t kPlaceBytes = 32;
constexpr int64_t kReportBytes = 128;

// The number of the DetectionStatus, computed from the report's columns (product_schema.cc). ?3 is
// the newest entry of the run's history.
#define STORED_DETECTION_STATUS                                                            \
  "CASE WHEN state <> 0 THEN state WHEN opened_by <> ?3 THEN 2 WHEN reopened THEN 3 ELSE " \
  "1 END"
static_assert(static_cast<int>(DetectionStatus::kNew) == 1 &&
              static_cast<int>(DetectionStatus::kUnresolved) == 2 &&
              static_cast<int>(DetectionStatus::kReopened) == 3 &&
              static_cast<int>(ReportState::kOpen) == 0);

// The same after the store ?3, which may not be the newest one: a report that a later store closed
// was open.
#define STORED_WAS_CLOSED "(state <> 0 AND closed_by <= ?3)"
#define STORED_PAST_DETECTION_STATUS \
  "CASE WHEN " STORED_WAS_CLOSED     \
  " THEN state WHEN opened_by <> ?3 THEN 2 WHEN reopened THEN 3 ELSE 1 END"
// While it was open, only a review that closes it had set fixed_at.
#define STORED_PAST_FIXED_AT \
  "CASE WHEN " STORED_WAS_CLOSED " OR review_status IN (3, 4) THEN fixed_at END"
static_assert(static_cast<int>(reports::ReviewStatus::kFalsePositive) == 3 &&
              static_cast<int>(reports::ReviewStatus::kIntentional) == 4);

// Reads a page in one statement. All conditions but the one on logical locations use only columns
// of the index, so SQLite looks up a row of the tables only if they hold; rows of a run are stored
// side by side. The statement does not join the checkers: it would copy the checker's name for
// every report, and a page has few checkers.
#define STORED_SCAN(table, index, id, status, fixed_at, bug_path)                                \
  "SELECT " id ", " status                                                                       \
  ", checker_id, file_id, path, severity, review_status, report_hash, "                          \
  "line, col, category, type, message, review_comment, review_in_source, detected_at, " fixed_at \
  ", bug_path_length, annotations, CASE WHEN ?4 THEN " bug_path                                  \
  " END, logical_location FROM " table " INDEXED BY " index                                      \
  " LEFT JOIN files ON files.id = file_id WHERE run_id = ?1 AND " id                             \
  " > ?2 AND (?5 = -1 OR ?5 >> (" status                                                         \
  ") & 1) AND (?6 = -1 OR ?6 >> review_status & 1) "                                             \
  "AND (?7 OR stored_holds(?7, " STORED_SEVERITY_KEY                                             \
  ")) AND (?8 OR stored_holds(?8, report_hash)) AND (?9 OR stored_holds(?9, checker_id)) "       \
  "AND (?10 OR stored_holds(?10, file_id)) AND (?11 OR stored_holds(?11, logical_location)) "
constexpr std::string_view kScan =
    STORED_SCAN("reports", "reports_by_run", "reports.id", STORED_DETECTION_STATUS, "fixed_at",
                "bug_path") "ORDER BY 1";
// The rows of a snapshot after the store ?3 that hold still, and those that held then. Both parts
// come in the order of the ids, so SQLite merges them without sorting.
constexpr std::string_view kPastScan =
    STORED_SCAN("reports", "reports_by_run", "reports.id", STORED_PAST_DETECTION_STATUS,
                STORED_PAST_FIXED_AT, "bug_path")
    "AND coalesce(valid_from, opened_by) <= ?3 UNION ALL "
    STORED_SCAN("past_reports AS past", "past_reports_by_run", "report_id",
                STORED_PAST_DETECTION_STATUS, STORED_PAST_FIXED_AT,
                "coalesce(bug_path, (SELECT next.bug_path FROM past_reports AS next INDEXED BY "
                "past_reports_by_run WHERE next.run_id = ?1 AND next.report_id = past.report_id AND "
                "next.valid_from > past.valid_from AND next.bug_path IS NOT NULL ORDER BY "
                "next.valid_from LIMIT 1), (SELECT present.bug_path FROM reports AS present WHERE "
                "present.id = past.report_id))")
    "AND valid_from <= ?3 AND valid_until > ?3 ORDER BY 1";
#undef STORED_SCAN
constexpr int kPathColumn = 4;
constexpr int kBugPathColumn = 19;

// Builds a page: its reports, the files that they name, and an estimate of its message's size.
class PageBuilder {
 public:
  // REQUIRES: `database` and `severities` outlive it.
  static absl::StatusOr<PageBuilder> Create(Database& database, const SeverityResolver& severities,
                                            int page_size) {
    STORED_ASSIGN_OR_RETURN(Statement file,
                            database.Prepare("SELECT path FROM files WHERE id = ?"));
    STORED_ASSIGN_OR_RETURN(CheckerReader checkers, CheckerReader::Create(database));
    PageBuilder page(std::move(file), std::move(checkers), severities);
    page.page_.reports.reserve(static_cast<size_t>(page_size));
    return page;
  }

  // Adds the report of the current row of `scan`. Returns false and leaves the page as it was if
  // the page is not empty and would become larger than `max_bytes`.
  absl::StatusOr<bool> Add(const Statement& scan, int64_t max_bytes) {
    StoredReport stored;
    int64_t size = kReportBytes;
    STORED_RETURN_IF_ERROR(ReadColumns(scan, stored, size));
    if (!scan.IsNull(kBugPathColumn)) STORED_RETURN_IF_ERROR(ReadBugPath(scan, stored, size));
    if (!page_.reports.empty() && bytes_ + size > max_bytes) return false;
    bytes_ += size;
    page_.reports.push_back(std::move(stored));
    return true;
  }

  size_t size() const { return page_.reports.size(); }
  int64_t last_id() const { return page_.reports.back().id; }
  ReportPage Take() { return std::move(page_); }

 private:
  struct Checker {
    ShownChecker shown;
    // Resolved severities by value of the column; each is computed when first needed.
    std::array<std::optional<reports::Severity>, kSeverityColumnValues> severities;
  };

  PageBuilder(Statement file, CheckerReader checkers, const SeverityResolver& severities)
      : file_(std::move(file)), checker_reader_(std::move(checkers)), severities_(severities) {}

  absl::Status ReadColumns(const Statement& scan, StoredReport& stored, int64_t& size) {
    reports::Report& report = stored.report;
    stored.id = scan.Int(0);
    stored.detection_status = static_cast<DetectionStatus>(scan.Int(1));
    STORED_ASSIGN_OR_RETURN(Checker * checker, FindChecker(scan.Int(2)));
    report.checker_name = checker->shown.name;
    report.analyzer_name = checker->shown.analyzer;
    STORED_RETURN_IF_ERROR(PlaceFileOfReport(scan, report.location.file, size));
    const FormatSeverity severity = SeverityOfColumn(scan.Int(5));
    report.severity = SeverityOf(*checker, severity);
    report.severity_is_default = severity.is_default;
    report.review.status = static_cast<reports::ReviewStatus>(scan.Int(6));
    report.report_hash = ReportHashOfColumn(scan, 7);
    report.location.line = static_cast<uint32_t>(scan.Int(8));
    report.location.column = static_cast<uint32_t>(scan.Int(9));
    report.category = scan.String(10);
    report.type = scan.String(11);
    report.message = scan.String(12);
    report.review.comment = scan.String(13);
    report.review.in_source = scan.Int(14) != 0;
    stored.detected_at = scan.Time(15);
    stored.fixed_at = scan.OptionalTime(16);
    stored.bug_path_length = static_cast<int32_t>(scan.Int(17));
    const std::string_view annotations = scan.Bytes(18);
    STORED_ASSIGN_OR_RETURN(report.annotations, DecodeAnnotations(annotations));
    report.logical_location = scan.String(20);
    size += static_cast<int64_t>(
        report.report_hash.size() + report.checker_name.size() + report.analyzer_name.size() +
        report.category.size() + report.type.size() + report.message.size() +
        report.review.comment.size() + annotations.size() + report.logical_location.size());
    return absl::OkStatus();
  }

  absl::Status ReadBugPath(const Statement& scan, StoredReport& stored, int64_t& size) {
    absl::StatusOr<reports::BugPath> path = reports::DecodeBugPath(scan.Bytes(kBugPathColumn));
    if (!path.ok()) return Annotate(path.status(), fmt::format("report {}", stored.id));
    stored.report.bug_path = *std::move(path);
    return PlaceFilesOfPath(stored.report.bug_path, size);
  }

  // Returns a pointer that is valid until the next call.
  absl::StatusOr<Checker*> FindChecker(int64_t id) {
    const auto [entry, added] = checkers_.try_emplace(id);
    if (added) {
      STORED_ASSIGN_OR_RETURN(entry->second.shown, checker_reader_.Read(id));
    }
    return &entry->second;
  }

  reports::Severity SeverityOf(Checker& checker, FormatSeverity format) const {
    std::optional<reports::Severity>& severity =
        checker.severities[static_cast<size_t>(ToSeverityColumn(format))];
    if (!severity.has_value()) {
      severity = severities_.Resolve(checker.shown.analyzer, checker.shown.name, format);
    }
    return *severity;
  }

  absl::Status PlaceFilesOfPath(reports::BugPath& path, int64_t& size) {
    size += TextBytes(path);
    absl::Status status;
    reports::ForEachFileIndexOfPath(path, [&](reports::FileIndex& file) {
      if (status.ok()) status = PlaceFile(file, file, size);
    });
    return status;
  }

  static int64_t TextBytes(const reports::BugPath& path) {
    size_t bytes = 0;
    const auto add_events = [&](const std::vector<reports::BugPathEvent>& events) {
      for (const reports::BugPathEvent& event : events) bytes += event.message.size();
    };
    add_events(path.events);
    add_events(path.notes);
    for (const std::vector<reports::BugPathEvent>& steps : path.further_paths) add_events(steps);
    for (const reports::MacroExpansion& macro : path.macro_expansions) {
      bytes += macro.name.size() + macro.expansion.size();
    }
    return static_cast<int64_t>(bytes);
  }

  // Sets `index` to the file's place in the page, adding the file if needed, and adds the bytes of
  // its name to `size`.
  absl::Status PlaceFile(int64_t file_id, reports::FileIndex& index, int64_t& size) {
    const auto [known, added] = places_.try_emplace(file_id, NextPlace());
    if (added) {
      file_.BindAll(file_id);
      STORED_ASSIGN_OR_RETURN(const bool row, file_.Step());
      if (!row) return MissingFile(file_id);
      page_.files.push_back(file_.String(0));
      file_.Reset();
    }
    SetPlace(known->second, index, size);
    return absl::OkStatus();
  }

  // As PlaceFile(), for the file of the current row of `scan`, which has the path as a column.
  absl::Status PlaceFileOfReport(const Statement& scan, reports::FileIndex& index, int64_t& size) {
    const int64_t file_id = scan.Int(3);
    const auto [known, added] = places_.try_emplace(file_id, NextPlace());
    if (added) {
      if (scan.IsNull(kPathColumn)) return MissingFile(file_id);
      page_.files.push_back(scan.String(kPathColumn));
    }
    SetPlace(known->second, index, size);
    return absl::OkStatus();
  }

  reports::FileIndex NextPlace() const {
    return static_cast<reports::FileIndex>(page_.files.size());
  }

  void SetPlace(reports::FileIndex place, reports::FileIndex& index, int64_t& size) const {
    index = place;
    size += kPlaceBytes + static_cast<int64_t>(page_.files[place].size());
  }

  static absl::Status MissingFile(int64_t id) {
    return absl::DataLossError(fmt::format("file {} is missing", id));
  }

  Statement file_;
  CheckerReader checker_reader_;
  const SeverityResolver& severities_;
  ReportPage page_;
  int64_t bytes_ = 0;
  absl::flat_hash_map<int64_t, reports::FileIndex> places_;
  absl::flat_hash_map<int64_t, Checker> checkers_;
};

// Adds reports with ids greater than `after` until the page is full. Returns whether there are
// more.
absl::StatusOr<bool> FillPage(Database& database, const SeverityResolver& severities,
                              const ReportQuery& query, int64_t run_id,
                              const FoundSnapshot& snapshot, int64_t after, PageBuilder& page) {
  STORED_ASSIGN_OR_RETURN(const ReportConditions conditions,
                          ReportConditions::Create(query, severities, database));
  STORED_ASSIGN_OR_RETURN(Statement scan,
                          database.Prepare(snapshot.snapshot.newest ? kScan : kPastScan));
  const StopCheck cancelled(database, query.cancelled);
  scan.BindAll(run_id, after, snapshot.history_id, query.with_bug_path,
               conditions.detection_statuses(), conditions.review_statuses(), conditions.severity(),
               conditions.report_hash(), conditions.checker(), conditions.file(),
               conditions.logical_location());
  while (true) {
    STORED_ASSIGN_OR_RETURN(const bool row, scan.Step());
    if (!row) return false;
    if (page.size() >= static_cast<size_t>(query.page_size)) return true;
    STORED_ASSIGN_OR_RETURN(const bool added, page.Add(scan, query.max_page_bytes));
    if (!added) return true;
  }
}

}  // namespace

absl::StatusOr<ReportPage> QueryReports(Database& database, const SeverityResolver& severities,
                                        const ReportQuery& query) {
  STORED_ASSIGN_OR_RETURN(const PresentRun run, FindRun(database, query.run_name));
  if (run.id == 0) return RunNotFoundError(query.run_name);
  STORED_ASSIGN_OR_RETURN(const FoundSnapshot snapshot, FindSnapshot(database, run, query));
  STORED_ASSIGN_OR_RETURN(const int64_t after, ReadReportPageToken(query, snapshot.history_id));
  STORED_ASSIGN_OR_RETURN(PageBuilder page,
                          PageBuilder::Create(database, severities, query.page_size));
  STORED_ASSIGN_OR_RETURN(const bool more,
                          FillPage(database, severities, query, run.id, snapshot, after, page));
  std::string next;
  if (more) next = MakeReportPageToken(query, snapshot.history_id, page.last_id());
  ReportPage result = page.Take();
  result.snapshot = snapshot.snapshot;
  result.next_page_token = std::move(next);
  return result;
}

}  // namespace stored::storage::sqlite
