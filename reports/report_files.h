#pragma once

#include "reports/report.h"

namespace stored::reports {

// Calls visit(FileIndex&) for every place in `report` that names a file.
template <typename Visit>
void ForEachFileIndex(Report& report, Visit visit) {
  const auto visit_events = [&visit](std::vector<BugPathEvent>& events) {
    for (BugPathEvent& event : events) {
      visit(event.location.file);
      for (Range& range : event.ranges) visit(range.file);
    }
  };
  visit(report.location.file);
  visit_events(report.bug_path.events);
  for (Range& position : report.bug_path.positions) visit(position.file);
  visit_events(report.bug_path.notes);
  for (MacroExpansion& macro : report.bug_path.macro_expansions) visit(macro.location.file);
}

}  // namespace stored::reports
