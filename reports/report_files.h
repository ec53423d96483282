#pragma once

#include "reports/report.h"

namespace stored::reports {

// Calls visit(FileIndex&) for every file index in `path`; visit(FileIndex) if `path` is const.
template <typename AnyBugPath, typename Visit>
void ForEachFileIndexOfPath(AnyBugPath& path, Visit visit) {
  const auto visit_events = [&visit](auto& events) {
    for (auto& event : events) {
      visit(event.location.file);
      for (auto& range : event.ranges) visit(range.file);
    }
  };
  visit_events(path.events);
  for (auto& position : path.positions) visit(position.file);
  visit_events(path.notes);
  for (auto& macro : path.macro_expansions) visit(macro.location.file);
  for (auto& steps : path.further_paths) visit_events(steps);
}

// As above, for every file index in `report`, its location first.
template <typename AnyReport, typename Visit>
void ForEachFileIndex(AnyReport& report, Visit visit) {
  visit(report.location.file);
  ForEachFileIndexOfPath(report.bug_path, visit);
}

}  // namespace stored::reports
