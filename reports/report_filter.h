#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "reports/report.h"
#include "reports/stored_report.h"

namespace stored::reports {

// Selects reports. An empty list allows every report; a report must match at least one element of
// each list that is not empty. Names, paths and logical locations are globs (GlobMatch in
// base/text/text.h), report hashes are prefixes.
struct ReportFilter {
  std::vector<std::string> checker_names;
  // A report without a file matches no glob, not even `*`.
  std::vector<std::string> file_paths;
  // Allows reports without a file, besides those that match `file_paths`.
  bool without_file = false;
  // A report without a logical location matches no glob, not even `*`.
  std::vector<std::string> logical_locations;
  // An analyzer that is not known has the name kUnknownAnalyzer.
  std::vector<std::string> analyzer_names;
  std::vector<std::string> report_hashes;
  // Resolved severities, as in StoredReport.
  std::vector<Severity> severities;
  std::vector<DetectionStatus> detection_statuses;
  std::vector<ReviewStatus> review_statuses;

  // Returns whether the filter selects `stored`. `path` is that of the report's file, empty for a
  // report without a file. Every backend selects the same reports.
  bool Matches(const StoredReport& stored, std::string_view path) const;

  // The parts of Matches(), for backends that need not repeat them for every report.
  bool MatchesChecker(std::string_view checker_name, std::string_view analyzer_name) const;
  bool MatchesFile(std::string_view path) const;
  bool MatchesLogicalLocation(std::string_view logical_location) const;
  bool MatchesReportHash(std::string_view report_hash) const;
};

}  // namespace stored::reports
