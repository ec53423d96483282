#pragma once

#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "reports/sarif/json/json.h"
#include "reports/sarif/location/files.h"
#include "reports/sarif/location/location.h"
#include "reports/sarif/result/message.h"

namespace stored::reports::sarif {

// A step of a code flow (a threadFlowLocation, SARIF section 3.38).
struct FlowStep {
  LogLocation location;
  int32_t nesting_level = 0;
  // -1 if unknown.
  int64_t execution_order = -1;
};

// A code flow (section 3.36).
struct CodeFlow {
  // The messages of the flow and of its thread flows.
  std::vector<Message> messages;
  // The steps of its thread flows one after another, or sorted by their execution order.
  std::vector<FlowStep> steps;
};

// A call stack (section 3.44).
struct Stack {
  Message message;
  // The innermost frame comes first.
  std::vector<LogLocation> frames;
};

// The objects that reading a result of a run needs.
struct ResultContext {
  const JsonLog& log;
  ArtifactFiles& files;
  CopyBudget& budget;
  // The run's threadFlowLocations (section 3.14.19); null while they are being read.
  const std::vector<FlowStep>* cached_steps = nullptr;
};

absl::Status ReadFlowStep(const ResultContext& context, JsonValue value, FlowStep& step);
absl::Status ReadCodeFlows(const ResultContext& context, JsonValue value,
                           std::vector<CodeFlow>& code_flows);
absl::Status ReadStacks(const ResultContext& context, JsonValue value, std::vector<Stack>& stacks);

}  // namespace stored::reports::sarif
