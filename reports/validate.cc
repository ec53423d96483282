#include "reports/validate.h"

#include <fmt/format.h>

#include <string_view>

#include "base/status.h"

namespace stored::reports {
namespace {

// Checks one report against the limits.
class Validator {
 public:
  Validator(size_t file_count, const Limits& limits) : file_count_(file_count), limits_(limits) {}

  absl::Status Check(const Report& report, bool hash_required) const {
    if (report.checker_name.empty()) {
      return absl::InvalidArgumentError("the checker name is missing");
    }
    if (hash_required && report.report_hash.empty()) {
      return absl::InvalidArgumentError("the report hash is missing");
    }
    STORED_RETURN_IF_ERROR(CheckSize("report hash", report.report_hash, kMaxReportHashBytes));
    STORED_RETURN_IF_ERROR(
        CheckSize("checker name", report.checker_name, limits_.max_checker_name_bytes));
    STORED_RETURN_IF_ERROR(CheckName("analyzer name", report.analyzer_name));
    STORED_RETURN_IF_ERROR(CheckText("category", report.category));
    STORED_RETURN_IF_ERROR(CheckText("type", report.type));
    STORED_RETURN_IF_ERROR(CheckText("message", report.message));
    STORED_RETURN_IF_ERROR(CheckText("logical location", report.logical_location));
    STORED_RETURN_IF_ERROR(CheckText("review comment", report.review.comment));
    STORED_RETURN_IF_ERROR(CheckFile("location", report.location.file));
    STORED_RETURN_IF_ERROR(CheckCount("annotations", report.annotations.size()));
    for (const Annotation& annotation : report.annotations) {
      STORED_RETURN_IF_ERROR(CheckName("annotation name", annotation.key));
      STORED_RETURN_IF_ERROR(CheckText("annotation", annotation.value));
    }
    return CheckBugPath(report.bug_path);
  }

 private:
  absl::Status CheckBugPath(const BugPath& bug_path) const {
    STORED_RETURN_IF_ERROR(CheckEvents("event", bug_path.events));
    STORED_RETURN_IF_ERROR(CheckEvents("note", bug_path.notes));
    STORED_RETURN_IF_ERROR(CheckCount("bug path positions", bug_path.positions.size()));
    for (const Range& range : bug_path.positions) {
      STORED_RETURN_IF_ERROR(CheckFile("bug path position", range.file));
    }
    STORED_RETURN_IF_ERROR(CheckCount("macro expansions", bug_path.macro_expansions.size()));
    for (const MacroExpansion& macro : bug_path.macro_expansions) {
      STORED_RETURN_IF_ERROR(CheckFile("macro expansion", macro.location.file));
      STORED_RETURN_IF_ERROR(CheckName("macro name", macro.name));
      STORED_RETURN_IF_ERROR(CheckText("macro expansion", macro.expansion));
    }
    return CheckFurtherPaths(bug_path.further_paths);
  }

  absl::Status CheckFurtherPaths(const std::vector<std::vector<BugPathEvent>>& paths) const {
    STORED_RETURN_IF_ERROR(CheckCount("further paths", paths.size()));
    size_t steps = 0;
    for (const std::vector<BugPathEvent>& events : paths) {
      steps += events.size();
      STORED_RETURN_IF_ERROR(CheckCount("steps of further paths", steps));
      STORED_RETURN_IF_ERROR(CheckEvents("step of a further path", events));
    }
    return absl::OkStatus();
  }

  absl::Status CheckEvents(std::string_view what, const std::vector<BugPathEvent>& events) const {
    STORED_RETURN_IF_ERROR(CheckCount(what, events.size()));
    for (const BugPathEvent& event : events) {
      STORED_RETURN_IF_ERROR(CheckFile(what, event.location.file));
      STORED_RETURN_IF_ERROR(CheckText(what, event.message));
      STORED_RETURN_IF_ERROR(CheckCount("ranges", event.ranges.size()));
      for (const Range& range : event.ranges) STORED_RETURN_IF_ERROR(CheckFile(what, range.file));
    }
    return absl::OkStatus();
  }

  absl::Status CheckName(std::string_view what, std::string_view text) const {
    return CheckSize(what, text, limits_.max_name_bytes);
  }
  absl::Status CheckText(std::string_view what, std::string_view text) const {
    return CheckSize(what, text, limits_.max_text_bytes);
  }
  static absl::Status CheckSize(std::string_view what, std::string_view text, size_t limit) {
    if (text.size() <= limit) return absl::OkStatus();
    return absl::ResourceExhaustedError(
        fmt::format("the {} is {} bytes long; the limit is {}", what, text.size(), limit));
  }
  absl::Status CheckCount(std::string_view what, size_t count) const {
    if (count <= limits_.max_bug_path_items) return absl::OkStatus();
    return absl::ResourceExhaustedError(fmt::format("it has {} items of kind {}; the limit is {}",
                                                    count, what, limits_.max_bug_path_items));
  }
  absl::Status CheckFile(std::string_view what, FileIndex file) const {
    if (file < file_count_) return absl::OkStatus();
    return absl::InvalidArgumentError(fmt::format(
        "the {} has file index {}, but there are only {} files", what, file, file_count_));
  }

  size_t file_count_;
  const Limits& limits_;
};

}  // namespace

absl::Status ValidateReport(const Report& report, size_t file_count, bool hash_required,
                            const Limits& limits) {
  return Validator(file_count, limits).Check(report, hash_required);
}

}  // namespace stored::reports
