#pragma once

#include <string>
#include <string_view>

#include "absl/container/flat_hash_map.h"
#include "reports/report.h"
#include "storage/ingest/report_state.h"

namespace stored::storage {

// Which checkers the analyses of a store enabled, merged over all analyses. A checker counts as
// enabled if one analysis enables it or if it has reports (CodeChecker's rule for several report
// directories).
class CheckerStates {
 public:
  void AddAnalysis(const reports::Analysis& analysis);
  void AddReported(std::string_view checker);

  // Returns the new state of a report of `checker` that the store lacks: kOff if the checker was
  // disabled in every analysis that lists it, kUnavailable if analyses list checkers but not this
  // one, else kResolved. No analyzer lists clang-diagnostic-*, so these are never kUnavailable.
  ReportState StateOfMissing(std::string_view checker) const;

 private:
  absl::flat_hash_map<std::string, bool> enabled_;
  // True if any analysis lists checkers.
  bool listed_ = false;
};

}  // namespace stored::storage
