#include "storage/sqlite/query/report_page.h"

#include <fmt/format.h>

#include <array>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "base/status.h"
#include "reports/bundle/bug_path_codec.h"
#include "reports/report_files.h"
#include "storage/columns/record.h"
#include "storage/columns/severity_column.h"
#include "storage/sqlite/query/checker_reader.h"
#include "storage/sqlite/results/report_hash_column.h"

namespace stored::storage::sqlite {
namespace {

using reports::DetectionStatus;
using reports::StoredReport;

// Upper bounds for parts of a page's message in bytes: a location or range without its path, and a
// report without its texts.
constexpr int64_t kPlaceBytes = 32;
constexpr int64_t kReportBytes = 128;

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
    stored.id = scan.Int(kIdColumn);
    stored.detection_status = static_cast<DetectionStatus>(scan.Int(kDetectionStatusColumn));
    STORED_ASSIGN_OR_RETURN(Checker * checker, FindChecker(scan.Int(kCheckerIdColumn)));
    report.checker_name = checker->shown.name;
    report.analyzer_name = checker->shown.analyzer;
    STORED_RETURN_IF_ERROR(PlaceFileOfReport(scan, report.location.file, size));
    const FormatSeverity severity = SeverityOfColumn(scan.Int(kSeverityColumn));
    report.severity = SeverityOf(*checker, severity);
    report.severity_is_default = severity.is_default;
    report.review.status = static_cast<reports::ReviewStatus>(scan.Int(kReviewStatusColumn));
    report.report_hash = ReportHashOfColumn(scan, kReportHashColumn);
    report.location.line = static_cast<uint32_t>(scan.Int(kLineColumn));
    report.location.column = static_cast<uint32_t>(scan.Int(kColumnColumn));
    report.category = scan.String(kCategoryColumn);
    report.type = scan.String(kTypeColumn);
    report.message = scan.String(kMessageColumn);
    report.review.comment = scan.String(kReviewCommentColumn);
    report.review.in_source = scan.Int(kReviewInSourceColumn) != 0;
    stored.detected_at = scan.Time(kDetectedAtColumn);
    stored.fixed_at = scan.OptionalTime(kFixedAtColumn);
    stored.bug_path_length = static_cast<int32_t>(scan.Int(kBugPathLengthColumn));
    const std::string_view annotations = scan.Bytes(kAnnotationsColumn);
    STORED_ASSIGN_OR_RETURN(report.annotations, DecodeAnnotations(annotations));
    report.logical_location = scan.String(kLogicalLocationColumn);
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
    const int64_t file_id = scan.Int(kFileIdColumn);
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

}  // namespace

absl::StatusOr<FilledPage> ReadPage(Database& database, const SeverityResolver& severities,
                                    const ReportQuery& query, const ReportScan& scan,
                                    const ReportConditions& conditions) {
  STORED_ASSIGN_OR_RETURN(PageBuilder page,
                          PageBuilder::Create(database, severities, query.page_size));
  STORED_ASSIGN_OR_RETURN(Statement rows,
                          ScanReports(database, scan, conditions, query.with_bug_path));
  const StopCheck cancelled(database, query.cancelled);
  FilledPage filled;
  while (!filled.more) {
    STORED_ASSIGN_OR_RETURN(const bool row, rows.Step());
    if (!row) break;
    filled.more = page.size() >= static_cast<size_t>(query.page_size);
    if (filled.more) break;
    STORED_ASSIGN_OR_RETURN(const bool added, page.Add(rows, query.max_page_bytes));
    filled.more = !added;
  }
  if (page.size() > 0) filled.last_id = page.last_id();
  filled.page = page.Take();
  return filled;
}

}  // namespace stored::storage::sqlite
