#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "reports/sarif/json/json.h"
#include "reports/sarif/location/location.h"
#include "reports/sarif/result/fingerprint.h"
#include "reports/sarif/result/flow.h"
#include "reports/sarif/result/message.h"
#include "reports/sarif/result/suppressions.h"
#include "reports/sarif/run/tool.h"

namespace stored::reports::sarif {

// The kind of a result (SARIF section 3.27.9).
enum class Kind { kFail, kPass, kOpen, kReview, kInformational, kNotApplicable };

// A result object (section 3.27) as the log has it, with its properties in any order. ReportBuilder
// combines them.
struct Result {
  RuleReference rule;
  Kind kind = Kind::kFail;
  std::optional<Level> level;
  // True for baselineState "absent": a result of an earlier run that this run no longer has
  // (3.27.24).
  bool absent = false;
  Message message;
  std::vector<LogLocation> locations;
  std::vector<LogLocation> related_locations;
  ArtifactReference analysis_target;
  std::vector<CodeFlow> code_flows;
  std::vector<Stack> stacks;
  Suppressions suppressions;
  std::vector<Fingerprint> fingerprints;
  std::vector<Fingerprint> partial_fingerprints;
  std::optional<double> security_severity;
  // -1 if absent.
  int64_t invocation_index = -1;
};

absl::Status ReadResult(const ResultContext& context, JsonValue value, Result& result);

}  // namespace stored::reports::sarif
