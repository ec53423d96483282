#pragma once

#include <string>
#include <string_view>

#include "absl/container/flat_hash_map.h"
#include "reports/report.h"
#include "storage/ingest/report_state.h"

namespace stored::storage {

// Which checkers a store's analyses had on, merged over all of them: enabled in one counts as
// enabled, and so does having reports (CodeChecker's rule for several report directories).
class CheckerStates {
 public:
  void AddAnalysis(const reports::Analysis& analysis);
  void AddReported(std::string_view checker);

  // Why a report of `checker` that the store lacks is not there: kOff when the checker was disabled
  // wherever it is listed, kUnavailable when there are lists and none holds it, else kResolved.
  // clang-diagnostic-* is on no list and so never unavailable.
  ReportState StateOfMissing(std::string_view checker) const;

 private:
  absl::flat_hash_map<std::string, bool> enabled_;
  // Whether any analysis lists checkers.
  bool listed_ = false;
};

}  // namespace stored::storage
