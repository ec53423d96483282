#pragma once

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "reports/report.h"
#include "reports/sarif/json/json.h"

namespace stored::reports::sarif {

// All suppressions of a result (SARIF sections 3.27.23 and 3.35).
class Suppressions {
 public:
  // Adds a suppression object.
  absl::Status Read(const JsonLog& log, JsonValue value);

  // Returns the review status that they amount to. The result is suppressed, and so a false
  // positive, if there are suppressions and all of them are accepted (section 3.27.23). A rejected
  // suppression only means that the result is visible, with two exceptions: CodeChecker writes a
  // source comment that confirms the finding as a rejected suppression in the source, and in a log
  // of CodeChecker (`tool`) every rejected one confirms the finding.
  Review ToReview(std::string_view tool) &&;

 private:
  // The suppressions of one status.
  struct Statement {
    bool any = false;
    bool in_source = false;
    // The first justification that is not empty.
    std::string justification;
  };

  Statement accepted_;
  Statement rejected_;
  // True if one is under review, or has a status that SARIF does not define.
  bool undecided_ = false;
};

}  // namespace stored::reports::sarif
