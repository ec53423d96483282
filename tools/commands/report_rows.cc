#include "tools/commands/report_rows.h"

#include <fmt/format.h>

#include <string>
#include <string_view>

#include "base/status.h"
#include "tools/terminal/format.h"

namespace stored::tools {
namespace {

// Returns for example "src/a.cc:12:3", without an unknown line or column; empty without a file.
std::string Place(const std::string& path, int line, int column) {
  if (path.empty() || line == 0) return path;
  if (column == 0) return fmt::format("{}:{}", path, line);
  return fmt::format("{}:{}:{}", path, line, column);
}

// Returns the place of a report, or its logical location if it has no file.
std::string Location(const v1::Report& report) {
  if (report.file_path().empty()) return report.logical_location();
  return Place(report.file_path(), report.line(), report.column());
}

std::string FormatSeverity(v1::Severity severity) {
  if (severity == v1::SEVERITY_UNSPECIFIED) return "";
  return FormatEnum(*v1::Severity_descriptor(), severity);
}

// Adds a row that belongs to the report above it.
void AddDetail(std::string kind, std::string place, std::string text, Table& table) {
  table.Add({"", std::move(kind), std::move(place), "", "", std::move(text)});
}

void AddSteps(const google::protobuf::RepeatedPtrField<v1::BugPathEvent>& events,
              std::string_view indentation, Table& table) {
  int step = 0;
  for (const v1::BugPathEvent& event : events) {
    AddDetail(fmt::format("{}step {}", indentation, ++step),
              Place(event.file_path(), event.line(), event.column()), event.message(), table);
  }
}

// Adds the steps of all paths. With several paths, a row above each path names it.
void AddPaths(const v1::BugPath& bug_path, Table& table) {
  const int paths = 1 + bug_path.further_paths_size();
  if (paths == 1) return AddSteps(bug_path.events(), "  ", table);
  int path = 0;
  const auto add = [&](const google::protobuf::RepeatedPtrField<v1::BugPathEvent>& events) {
    AddDetail(fmt::format("  path {} of {}", ++path, paths), "",
              fmt::format("{} step{}", events.size(), events.size() == 1 ? "" : "s"), table);
    AddSteps(events, "    ", table);
  };
  add(bug_path.events());
  for (const v1::BugPathSteps& further : bug_path.further_paths()) add(further.events());
}

}  // namespace

std::vector<Table::Column> ReportColumns() {
  return {{"SEVERITY"}, {"CHECKER"}, {"LOCATION"}, {"STATUS"}, {"REVIEW"}, {"MESSAGE"}};
}

void AddReportRows(const v1::Report& report, Table& table) {
  table.Add({FormatSeverity(report.severity()), report.checker_name(), Location(report),
             FormatEnum(*v1::DetectionStatus_descriptor(), report.detection_status()),
             FormatEnum(*v1::ReviewStatus_descriptor(), report.review_status()), report.message()});
  const v1::BugPath& bug_path = report.bug_path();
  AddPaths(bug_path, table);
  for (const v1::BugPathEvent& note : bug_path.notes()) {
    AddDetail("  note", Place(note.file_path(), note.line(), note.column()), note.message(), table);
  }
  for (const v1::MacroExpansion& macro : bug_path.macro_expansions()) {
    AddDetail("  macro", Place(macro.file_path(), macro.line(), macro.column()),
              fmt::format("{} expands to {}", macro.name(), macro.expansion()), table);
  }
}

absl::Status ReportListing::Add(const google::protobuf::RepeatedPtrField<v1::Report>& reports) {
  for (const v1::Report& report : reports) {
    empty_ = false;
    if (!output_.json()) {
      AddReportRows(report, table_);
    } else {
      STORED_RETURN_IF_ERROR(all_.Add(report));
    }
  }
  if (output_.json()) return absl::OkStatus();
  table_.Print();
  printed_ = true;
  return absl::OkStatus();
}

void ReportListing::Finish() {
  if (output_.json()) output_.Document(all_);
}

void WarnIfIncomplete(const v1::Snapshot& snapshot, std::string_view described, Output& output) {
  if (!snapshot.incomplete()) return;
  output.Warning(
      fmt::format("{} is from before the server kept the past: reports that have been reopened, "
                  "replaced or changed since then are missing, or are as they became",
                  described));
}

}  // namespace stored::tools
