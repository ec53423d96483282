#pragma once

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "reports/report.h"
#include "reports/sarif/json/json.h"

namespace stored::reports::sarif {

// A result's suppressions (SARIF sections 3.27.23 and 3.35), taken together.
class Suppressions {
 public:
  // Adds a suppression object.
  absl::Status Read(const JsonLog& log, JsonValue value);

  // The result is suppressed, and so a false positive, when there are suppressions and all of them
  // are accepted (section 3.27.23). That one was rejected says by itself only that the result is to
  // be seen. But a rejected comment in the source is how CodeChecker writes that the comment
  // confirms the finding, and in a log of CodeChecker's own (`tool`) any rejected one is.
  Review ToReview(std::string_view tool) &&;

 private:
  // What those of one status say.
  struct Statement {
    bool any = false;
    bool in_source = false;
    // The first that is not empty.
    std::string justification;
  };

  Statement accepted_;
  Statement rejected_;
  // Whether one is under review, or has a status that SARIF does not define.
  bool undecided_ = false;
};

}  // namespace stored::reports::sarif
