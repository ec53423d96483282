#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>

#include "absl/time/time.h"
#include "base/cancellation.h"
#include "reports/report_filter.h"

namespace stored::storage {

// Names a snapshot: a run's state after its newest store, or after the store with this tag, or
// after the last store at or before this time. At most one of the two is set.
struct SnapshotName {
  std::string run_name;
  std::string tag;
  std::optional<absl::Time> time;
};

// A request for one page of a run's reports (ProductResults::ListReports).
struct ReportQuery {
  std::string run_name;
  // As in SnapshotName.
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

// A difference between two snapshots, by report hash. A hash is outstanding in a snapshot if one of
// its reports there is new, unresolved or reopened, and is unreviewed or confirmed. The numbers are
// those of stored.v1.Difference.
enum class Difference : uint8_t {
  // Outstanding in the current snapshot and not in the base.
  kNew = 1,
  // Outstanding in the base and not in the current snapshot.
  kResolved = 2,
  // Outstanding in both.
  kUnresolved = 3,
};

// A request to compare two snapshots (ProductResults::CompareRuns).
struct ComparisonQuery {
  SnapshotName base;
  SnapshotName current;
  // Lists the reports of this difference: those of the base for kResolved, else those of the
  // current snapshot. If not set, there is no list.
  std::optional<Difference> listed;
  // Selects among the outstanding reports those that are listed and counted. Whether their hash is
  // outstanding in the other snapshot does not depend on it.
  reports::ReportFilter filter;
  // As in ReportQuery.
  bool with_bug_path = false;
  int page_size = 1000;
  int64_t max_page_bytes = std::numeric_limits<int64_t>::max();
  std::string page_token;
  Cancellation cancelled;
};

}  // namespace stored::storage
