#include "reports/report_filter.h"

#include <algorithm>

#include "base/text/text.h"

namespace stored::reports {
namespace {

bool AnyGlob(const std::vector<std::string>& patterns, std::string_view text) {
  return std::any_of(patterns.begin(), patterns.end(),
                     [&](const std::string& pattern) { return GlobMatch(pattern, text); });
}

template <typename Enum>
bool Allows(const std::vector<Enum>& values, Enum value) {
  return values.empty() || std::find(values.begin(), values.end(), value) != values.end();
}

}  // namespace

bool ReportFilter::Matches(const StoredReport& stored, std::string_view path) const {
  const Report& report = stored.report;
  return Allows(severities, report.severity) &&
         Allows(detection_statuses, stored.detection_status) &&
         Allows(review_statuses, report.review.status) && MatchesReportHash(report.report_hash) &&
         MatchesChecker(report.checker_name, report.analyzer_name) && MatchesFile(path) &&
         MatchesLogicalLocation(report.logical_location);
}

bool ReportFilter::MatchesChecker(std::string_view checker_name,
                                  std::string_view analyzer_name) const {
  return (checker_names.empty() || AnyGlob(checker_names, checker_name)) &&
         (analyzer_names.empty() || AnyGlob(analyzer_names, analyzer_name));
}

bool ReportFilter::MatchesFile(std::string_view path) const {
  if (file_paths.empty() && !without_file) return true;
  return path.empty() ? without_file : AnyGlob(file_paths, path);
}

bool ReportFilter::MatchesLogicalLocation(std::string_view logical_location) const {
  if (logical_locations.empty()) return true;
  return !logical_location.empty() && AnyGlob(logical_locations, logical_location);
}

bool ReportFilter::MatchesReportHash(std::string_view report_hash) const {
  return report_hashes.empty() ||
         std::any_of(report_hashes.begin(), report_hashes.end(),
                     [&](const std::string& prefix) { return report_hash.starts_with(prefix); });
}

}  // namespace stored::reports
