#include "reports/sarif/result.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <utility>

#include "base/status.h"
#include "reports/sarif/words.h"

namespace stored::reports::sarif {
namespace {

constexpr Word<Kind> kKinds[] = {{"fail", Kind::kFail},
                                 {"pass", Kind::kPass},
                                 {"open", Kind::kOpen},
                                 {"review", Kind::kReview},
                                 {"informational", Kind::kInformational},
                                 {"notApplicable", Kind::kNotApplicable}};

// Section 3.27.24. Whether the result is absent.
constexpr Word<bool> kBaselineStates[] = {
    {"absent", true}, {"new", false}, {"unchanged", false}, {"updated", false}};

absl::Status ReadNestingLevel(const JsonLog& log, JsonValue value, int32_t& out) {
  int64_t level = 0;
  STORED_RETURN_IF_ERROR(log.Read(value, "nestingLevel", level));
  constexpr int64_t kDeepest = std::numeric_limits<int32_t>::max();
  out = static_cast<int32_t>(std::clamp<int64_t>(level, 0, kDeepest));
  return absl::OkStatus();
}

// The properties that `step` has in common with the one it refers to are taken from there
// (section 3.38.2).
absl::Status TakeCachedStep(const ResultContext& context, int64_t index, FlowStep& step) {
  if (static_cast<uint64_t>(index) >= context.cached_steps->size()) {
    context.log.Warn(
        fmt::format("a thread flow location's index is {}, but the run has {} threadFlowLocations",
                    index, context.cached_steps->size()));
    return absl::OkStatus();
  }
  const FlowStep& cached = (*context.cached_steps)[static_cast<size_t>(index)];
  const Message& message = cached.location.message;
  uint64_t bytes = sizeof(FlowStep) + message.text.size() + message.markdown.size() +
                   message.id.size() + cached.location.region.snippet.size();
  for (const std::string& argument : message.arguments) bytes += argument.size();
  STORED_RETURN_IF_ERROR(context.budget.Take(bytes));
  const int64_t execution_order = step.execution_order;
  step = cached;
  // It is of this flow, whatever the other properties are of.
  if (execution_order >= 0) step.execution_order = execution_order;
  return absl::OkStatus();
}

absl::Status ReadThreadFlow(const ResultContext& context, JsonValue value,
                            std::vector<FlowStep>& flow) {
  const JsonLog& log = context.log;
  return log.ForEachField(value, "a thread flow", [&](std::string_view key, JsonValue field) {
    if (key != "locations") return log.Skip(field);
    return log.ForEachElement(field, "a thread flow's locations", [&](size_t, JsonValue element) {
      return ReadFlowStep(context, element, flow.emplace_back());
    });
  });
}

// Thread flows interleave as their steps' execution order says, where it says (section 3.38.11).
void OrderSteps(std::vector<FlowStep>& flow) {
  const bool ordered = std::all_of(flow.begin(), flow.end(),
                                   [](const FlowStep& step) { return step.execution_order >= 0; });
  if (!ordered) return;
  std::stable_sort(flow.begin(), flow.end(), [](const FlowStep& a, const FlowStep& b) {
    return a.execution_order < b.execution_order;
  });
}

absl::Status ReadCodeFlows(const ResultContext& context, JsonValue value,
                           std::vector<FlowStep>& flow) {
  const JsonLog& log = context.log;
  return log.ForEachElement(value, "codeFlows", [&](size_t index, JsonValue element) {
    if (index > 0) return log.Skip(element);
    size_t thread_flows = 0;
    STORED_RETURN_IF_ERROR(
        log.ForEachField(element, "codeFlows[0]", [&](std::string_view key, JsonValue field) {
          if (key != "threadFlows") return log.Skip(field);
          return log.ForEachElement(field, "threadFlows", [&](size_t, JsonValue thread_flow) {
            ++thread_flows;
            return ReadThreadFlow(context, thread_flow, flow);
          });
        }));
    if (thread_flows > 1) OrderSteps(flow);
    return absl::OkStatus();
  });
}

absl::Status ReadStacks(const ResultContext& context, JsonValue value,
                        std::vector<LogLocation>& frames) {
  const JsonLog& log = context.log;
  return log.ForEachElement(value, "stacks", [&](size_t index, JsonValue element) {
    if (index > 0) return log.Skip(element);
    return log.ForEachField(element, "stacks[0]", [&](std::string_view key, JsonValue field) {
      if (key != "frames") return log.Skip(field);
      return log.ForEachElement(field, "frames", [&](size_t, JsonValue frame) {
        return log.ForEachField(frame, "a frame", [&](std::string_view name, JsonValue part) {
          if (name != "location") return log.Skip(part);
          return ReadLocation(log, part, context.files, frames.emplace_back());
        });
      });
    });
  });
}

absl::Status ReadProperties(const JsonLog& log, JsonValue value, Result& result) {
  return log.ForEachField(value, "properties", [&](std::string_view key, JsonValue field) {
    if (key != "security-severity") return log.Skip(field);
    return ReadSecuritySeverity(log, field, result.security_severity);
  });
}

absl::Status ReadProvenance(const JsonLog& log, JsonValue value, Result& result) {
  return log.ForEachField(value, "provenance", [&](std::string_view key, JsonValue field) {
    if (key != "invocationIndex") return log.Skip(field);
    return log.Read(field, "provenance.invocationIndex", result.invocation_index);
  });
}

// What says where, and how it got there.
absl::Status ReadWhere(const ResultContext& context, std::string_view key, JsonValue field,
                       Result& result) {
  const JsonLog& log = context.log;
  if (key == "locations") {
    return ReadLocations(log, field, key, context.files, result.locations);
  }
  if (key == "relatedLocations") {
    return ReadLocations(log, field, key, context.files, result.related_locations);
  }
  if (key == "codeFlows") return ReadCodeFlows(context, field, result.flow);
  if (key == "stacks") return ReadStacks(context, field, result.stack);
  if (key == "analysisTarget") return ReadArtifactReference(log, field, result.analysis_target);
  return log.Skip(field);
}

// What says what.
absl::Status ReadWhat(const ResultContext& context, std::string_view key, JsonValue field,
                      Result& result) {
  const JsonLog& log = context.log;
  if (key == "ruleId") return log.Read(field, key, result.rule.id);
  if (key == "ruleIndex") return log.Read(field, key, result.rule.index);
  if (key == "message") return ReadMessage(log, field, result.message);
  if (key == "level") return ReadLevel(log, field, result.level);
  if (key == "rule") return ReadRuleReference(log, field, result.rule);
  if (key == "kind") return ReadWord(log, field, key, kKinds, result.kind);
  if (key == "baselineState") {
    return ReadWord(log, field, key, kBaselineStates, result.absent);
  }
  if (key == "suppressions") {
    return log.ForEachElement(field, key, [&](size_t, JsonValue element) {
      return result.suppressions.Read(log, element);
    });
  }
  if (key == "fingerprints") return ReadFingerprints(log, field, result.fingerprints);
  if (key == "partialFingerprints") {
    return ReadFingerprints(log, field, result.partial_fingerprints);
  }
  if (key == "properties") return ReadProperties(log, field, result);
  if (key == "provenance") return ReadProvenance(log, field, result);
  return ReadWhere(context, key, field, result);
}

}  // namespace

absl::Status ReadResult(const ResultContext& context, JsonValue value, Result& result) {
  return context.log.ForEachField(value, "it", [&](std::string_view key, JsonValue field) {
    return ReadWhat(context, key, field, result);
  });
}

absl::Status ReadFlowStep(const ResultContext& context, JsonValue value, FlowStep& step) {
  const JsonLog& log = context.log;
  int64_t index = -1;
  STORED_RETURN_IF_ERROR(log.ForEachField(
      value, "a thread flow location", [&](std::string_view key, JsonValue field) -> absl::Status {
        if (key == "location") return ReadLocation(log, field, context.files, step.location);
        if (key == "index") return log.Read(field, "a thread flow location's index", index);
        if (key == "executionOrder") return log.Read(field, key, step.execution_order);
        if (key == "nestingLevel") return ReadNestingLevel(log, field, step.nesting_level);
        return log.Skip(field);
      }));
  const bool refers = index >= 0 && !step.location.file.has_value();
  if (!refers || context.cached_steps == nullptr) return absl::OkStatus();
  return TakeCachedStep(context, index, step);
}

}  // namespace stored::reports::sarif
