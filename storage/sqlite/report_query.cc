#include "storage/sqlite/report_query.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "base/status.h"
#include "reports/bundle/bug_path_codec.h"
#include "storage/sqlite/page_token.h"
#include "storage/sqlite/present_run.h"
#include "storage/sqlite/product_schema.h"
#include "storage/sqlite/record.h"
#include "storage/sqlite/report_filter.h"
#include "storage/sqlite/report_hash.h"

namespace stored::storage {
namespace {

// What a location or range costs in a message beside its path, bytes, at most.
constexpr int64_t kPlaceBytes = 32;
// What a report costs beside its texts.
constexpr int64_t kReportBytes = 128;

constexpr std::string_view kScan =
    "SELECT id, state, reopened, opened_by, checker_id, file_id, severity, review_status, "
    "report_hash FROM reports INDEXED BY reports_by_run WHERE run_id = ? AND id > ? ORDER BY id";

constexpr FilteredColumns kScanColumns = {
    .checker_id = 4, .file_id = 5, .severity = 6, .review_status = 7, .report_hash = 8};
// How many are looked at before it is asked again whether somebody waits for them: a millisecond or
// so.
constexpr int64_t kReportsPerAsk = 1024;

// What the scan does not have. Without the checker's name: joined, it would be looked up for every
// report, and a page has few checkers.
constexpr std::string_view kReadReport =
    "SELECT line, col, category, type, message, review_comment, review_in_source, detected_at, "
    "fixed_at, bug_path_length, annotations FROM reports WHERE id = ?";

DetectionStatus StatusOf(const Statement& row, int64_t latest_history_id) {
  const auto state = static_cast<ReportState>(row.Int(1));
  if (state != ReportState::kOpen) return static_cast<DetectionStatus>(state);
  if (row.Int(3) != latest_history_id) return DetectionStatus::kUnresolved;
  return row.Int(2) != 0 ? DetectionStatus::kReopened : DetectionStatus::kNew;
}

// Gathers a page: its reports, the files they name, and about how large a message they make.
class PageBuilder {
 public:
  static absl::StatusOr<PageBuilder> Create(Database& database, bool with_bug_path) {
    STORED_ASSIGN_OR_RETURN(Statement report, database.Prepare(kReadReport));
    STORED_ASSIGN_OR_RETURN(Statement bug_path,
                            database.Prepare("SELECT bug_path FROM reports WHERE id = ?"));
    STORED_ASSIGN_OR_RETURN(Statement file,
                            database.Prepare("SELECT path FROM files WHERE id = ?"));
    STORED_ASSIGN_OR_RETURN(Statement checker,
                            database.Prepare("SELECT name, analyzer FROM checkers WHERE id = ?"));
    return PageBuilder(std::move(report), std::move(bug_path), std::move(file), std::move(checker),
                       with_bug_path);
  }

  // Reads the report of the present row of `scan`; false, and the page as it was, when with it the
  // page would be larger than `max_bytes` and is not empty.
  absl::StatusOr<bool> Add(const Statement& scan, DetectionStatus status, int64_t max_bytes) {
    StoredReport stored;
    stored.id = scan.Int(0);
    stored.detection_status = status;
    int64_t size = kReportBytes;
    STORED_RETURN_IF_ERROR(TakeScanned(scan, stored, size));
    STORED_RETURN_IF_ERROR(ReadColumns(stored, size));
    if (with_bug_path_) STORED_RETURN_IF_ERROR(ReadBugPath(stored, size));
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
    std::string name;
    std::string analyzer;
  };

  PageBuilder(Statement report, Statement bug_path, Statement file, Statement checker,
              bool with_bug_path)
      : report_(std::move(report)),
        bug_path_(std::move(bug_path)),
        file_(std::move(file)),
        checker_(std::move(checker)),
        with_bug_path_(with_bug_path) {}

  absl::Status TakeScanned(const Statement& scan, StoredReport& stored, int64_t& size) {
    reports::Report& report = stored.report;
    STORED_ASSIGN_OR_RETURN(const Checker* checker, FindChecker(scan.Int(kScanColumns.checker_id)));
    report.checker_name = checker->name;
    report.analyzer_name = checker->analyzer;
    report.severity = static_cast<reports::Severity>(scan.Int(kScanColumns.severity));
    report.review.status = static_cast<reports::ReviewStatus>(scan.Int(kScanColumns.review_status));
    report.report_hash = ReportHashOfColumn(scan, kScanColumns.report_hash);
    size += static_cast<int64_t>(report.report_hash.size() + report.checker_name.size() +
                                 report.analyzer_name.size());
    return Place(scan.Int(kScanColumns.file_id), report.location.file, size);
  }

  // Valid until the next call.
  absl::StatusOr<const Checker*> FindChecker(int64_t id) {
    const auto [entry, added] = checkers_.try_emplace(id);
    if (!added) return &entry->second;
    checker_.BindAll(id);
    STORED_ASSIGN_OR_RETURN(const bool row, checker_.Step());
    if (!row) return absl::DataLossError(fmt::format("checker {} is missing", id));
    entry->second = {checker_.String(0), checker_.String(1)};
    checker_.Reset();
    return &entry->second;
  }

  absl::Status ReadColumns(StoredReport& stored, int64_t& size) {
    report_.BindAll(stored.id);
    STORED_ASSIGN_OR_RETURN(const bool row, report_.Step());
    if (!row) return Damaged(stored.id);
    reports::Report& report = stored.report;
    report.location.line = static_cast<uint32_t>(report_.Int(0));
    report.location.column = static_cast<uint32_t>(report_.Int(1));
    report.category = report_.String(2);
    report.type = report_.String(3);
    report.message = report_.String(4);
    report.review.comment = report_.String(5);
    report.review.in_source = report_.Int(6) != 0;
    stored.detected_at = report_.Time(7);
    stored.fixed_at = report_.OptionalTime(8);
    stored.bug_path_length = static_cast<int32_t>(report_.Int(9));
    STORED_ASSIGN_OR_RETURN(report.annotations, DecodeAnnotations(report_.Bytes(10)));
    size +=
        static_cast<int64_t>(report.category.size() + report.type.size() + report.message.size() +
                             report.review.comment.size() + report_.Bytes(10).size());
    report_.Reset();
    return absl::OkStatus();
  }

  absl::Status ReadBugPath(StoredReport& stored, int64_t& size) {
    bug_path_.BindAll(stored.id);
    STORED_ASSIGN_OR_RETURN(const bool row, bug_path_.Step());
    if (!row) return Damaged(stored.id);
    absl::StatusOr<reports::BugPath> path = reports::DecodeBugPath(bug_path_.Bytes(0));
    bug_path_.Reset();
    if (!path.ok()) return Annotate(path.status(), fmt::format("report {}", stored.id));
    stored.report.bug_path = *std::move(path);
    return PlaceBugPath(stored.report.bug_path, size);
  }

  absl::Status PlaceBugPath(reports::BugPath& path, int64_t& size) {
    for (reports::BugPathEvent& event : path.events) {
      STORED_RETURN_IF_ERROR(PlaceEvent(event, size));
    }
    for (reports::Range& position : path.positions) {
      STORED_RETURN_IF_ERROR(Place(position.file, position.file, size));
    }
    for (reports::BugPathEvent& note : path.notes) {
      STORED_RETURN_IF_ERROR(PlaceEvent(note, size));
    }
    for (reports::MacroExpansion& macro : path.macro_expansions) {
      STORED_RETURN_IF_ERROR(Place(macro.location.file, macro.location.file, size));
      size += static_cast<int64_t>(macro.name.size() + macro.expansion.size());
    }
    return absl::OkStatus();
  }

  absl::Status PlaceEvent(reports::BugPathEvent& event, int64_t& size) {
    size += static_cast<int64_t>(event.message.size());
    for (reports::Range& range : event.ranges) {
      STORED_RETURN_IF_ERROR(Place(range.file, range.file, size));
    }
    return Place(event.location.file, event.location.file, size);
  }

  // Gives the file a place in the page and adds what naming it costs.
  absl::Status Place(int64_t file_id, reports::FileIndex& index, int64_t& size) {
    const auto known = places_.find(file_id);
    if (known != places_.end()) {
      index = known->second;
    } else {
      file_.BindAll(file_id);
      STORED_ASSIGN_OR_RETURN(const bool row, file_.Step());
      if (!row) return absl::DataLossError(fmt::format("file {} is missing", file_id));
      index = static_cast<reports::FileIndex>(page_.files.size());
      page_.files.push_back(file_.String(0));
      file_.Reset();
      places_.emplace(file_id, index);
    }
    size += kPlaceBytes + static_cast<int64_t>(page_.files[index].size());
    return absl::OkStatus();
  }

  static absl::Status Damaged(int64_t id) {
    return absl::DataLossError(fmt::format(
        "report {} is in an index but not in its table; restore the database from a backup", id));
  }

  Statement report_;
  Statement bug_path_;
  Statement file_;
  Statement checker_;
  bool with_bug_path_;
  ReportPage page_;
  int64_t bytes_ = 0;
  absl::flat_hash_map<int64_t, reports::FileIndex> places_;
  absl::flat_hash_map<int64_t, Checker> checkers_;
};

std::string ListKey(const ReportQuery& query) {
  RecordWriter key;
  key.Bytes("reports");
  key.Bytes(query.run_name);
  key.Bytes(FilterKey(query.filter));
  return key.bytes();
}

// The id of the last report of the page before; 0 for the first page.
absl::StatusOr<int64_t> PageAfter(const ReportQuery& query, const PresentRun& run) {
  if (query.page_token.empty()) return 0;
  STORED_ASSIGN_OR_RETURN(const std::string position,
                          ReadPageToken(query.page_token, ListKey(query)));
  RecordReader reader(position);
  const int64_t history_id = reader.Int();
  const int64_t after = reader.Int();
  if (history_id != run.latest_history_id) {
    return absl::AbortedError(
        fmt::format("run \"{}\" was stored into since the page before; start again from the first",
                    query.run_name));
  }
  return after;
}

std::string NextPageToken(const ReportQuery& query, const PresentRun& run, int64_t last_id) {
  RecordWriter position;
  position.Int(run.latest_history_id);
  position.Int(last_id);
  return MakePageToken(ListKey(query), position.bytes());
}

// Adds reports with ids beyond `after` until the page is full; true when there are more.
absl::StatusOr<bool> FillPage(Database& database, const ReportQuery& query, const PresentRun& run,
                              int64_t after, PageBuilder& page) {
  STORED_ASSIGN_OR_RETURN(ReportMatcher matcher, ReportMatcher::Create(query.filter, database));
  STORED_ASSIGN_OR_RETURN(Statement scan, database.Prepare(kScan));
  scan.BindAll(run.id, after);
  for (int64_t looked_at = 0;; ++looked_at) {
    STORED_ASSIGN_OR_RETURN(const bool row, scan.Step());
    if (!row) return false;
    if (looked_at % kReportsPerAsk == 0 && query.filter.cancelled && query.filter.cancelled()) {
      return absl::CancelledError("nobody waits for the reports any more");
    }
    const DetectionStatus status = StatusOf(scan, run.latest_history_id);
    STORED_ASSIGN_OR_RETURN(const bool matches, matcher.Matches(scan, kScanColumns, status));
    if (!matches) continue;
    if (page.size() >= static_cast<size_t>(query.page_size)) return true;
    STORED_ASSIGN_OR_RETURN(const bool added, page.Add(scan, status, query.max_page_bytes));
    if (!added) return true;
  }
}

}  // namespace

absl::Status NoSuchRun(const std::string& name) {
  return absl::NotFoundError(fmt::format("no run named \"{}\"", name));
}

absl::StatusOr<ReportPage> QueryReports(Database& database, const ReportQuery& query) {
  STORED_ASSIGN_OR_RETURN(const PresentRun run, FindRun(database, query.run_name));
  if (run.id == 0) return NoSuchRun(query.run_name);
  STORED_ASSIGN_OR_RETURN(const int64_t after, PageAfter(query, run));
  STORED_ASSIGN_OR_RETURN(PageBuilder page, PageBuilder::Create(database, query.with_bug_path));
  STORED_ASSIGN_OR_RETURN(const bool more, FillPage(database, query, run, after, page));
  std::string next;
  if (more) next = NextPageToken(query, run, page.last_id());
  ReportPage result = page.Take();
  result.next_page_token = std::move(next);
  return result;
}

}  // namespace stored::storage
