#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>

#include "absl/time/time.h"
#include "base/cancellation.h"
#include "reports/report_filter.h"

namespace stored::storage {

// A request for one page of a run's reports (ProductResults::ListReports).
struct ReportQuery {
  std::string run_name;
  // The snapshot: the run's state after its newest store, or after the store with this tag, or
  // after the last store at or before this time. At most one of the two is set.
  std::string tag;
  std::optional<absl::Time> time;
  reports::ReportFilter filter;
  bool with_bug_path = false;
  // Most reports on the page. REQUIRES: at least 1.
  int page_size = 1000;
  // The page ends before the report that would exceed this many bytes, but has at least one report.
  int64_t max_page_bytes = std::numeric_limits<int64_t>::max();
  // ReportPage::next_page_token of the page before; empty for the first page.
  std::string page_token;
  // Polled while the query runs, and ends it with CANCELLED.
  Cancellation cancelled;
};

}  // namespace stored::storage
