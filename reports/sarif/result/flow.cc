#include "reports/sarif/result/flow.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <string_view>
#include <utility>

#include "base/status.h"

namespace stored::reports::sarif {
namespace {

absl::Status ReadNestingLevel(const JsonLog& log, JsonValue value, int32_t& out) {
  int64_t level = 0;
  STORED_RETURN_IF_ERROR(log.Read(value, "nestingLevel", level));
  constexpr int64_t kDeepest = std::numeric_limits<int32_t>::max();
  out = static_cast<int32_t>(std::clamp<int64_t>(level, 0, kDeepest));
  return absl::OkStatus();
}

uint64_t BytesOf(const Message& message) {
  uint64_t bytes = message.text.size() + message.markdown.size() + message.id.size();
  for (const std::string& argument : message.arguments) bytes += argument.size();
  return bytes;
}

uint64_t BytesOf(const FlowStep& step) {
  const LogLocation& location = step.location;
  uint64_t bytes = sizeof(FlowStep) + BytesOf(location.message) + location.region.snippet.size() +
                   location.other_name.size();
  for (const LogicalLocation& logical : location.logical_locations) {
    bytes += sizeof(logical) + logical.fully_qualified_name.size() + logical.name.size();
  }
  for (const LocationNote& note : location.notes) bytes += sizeof(note) + BytesOf(note.message);
  return bytes;
}

// Takes over the properties of the step that `step` refers to (section 3.38.2).
absl::Status TakeCachedStep(const ResultContext& context, int64_t index, FlowStep& step) {
  if (static_cast<uint64_t>(index) >= context.cached_steps->size()) {
    context.log.Warn(
        fmt::format("a thread flow location's index is {}, but the run has {} threadFlowLocations",
                    index, context.cached_steps->size()));
    return absl::OkStatus();
  }
  const FlowStep& cached = (*context.cached_steps)[static_cast<size_t>(index)];
  STORED_RETURN_IF_ERROR(context.budget.Take(BytesOf(cached)));
  const int64_t execution_order = step.execution_order;
  step = cached;
  // The execution order belongs to this flow, unlike the other properties.
  if (execution_order >= 0) step.execution_order = execution_order;
  return absl::OkStatus();
}

// Appends the message, unless it is empty.
absl::Status ReadMessageInto(const JsonLog& log, JsonValue value, std::vector<Message>& messages) {
  Message message;
  STORED_RETURN_IF_ERROR(ReadMessage(log, value, message));
  if (!message.empty()) messages.push_back(std::move(message));
  return absl::OkStatus();
}

absl::Status ReadThreadFlow(const ResultContext& context, JsonValue value, CodeFlow& flow) {
  const JsonLog& log = context.log;
  return log.ForEachField(value, "a thread flow", [&](std::string_view key, JsonValue field) {
    if (key == "message") return ReadMessageInto(log, field, flow.messages);
    if (key != "locations") return log.Skip(field);
    return log.ForEachElement(field, "a thread flow's locations", [&](size_t, JsonValue element) {
      return ReadFlowStep(context, element, flow.steps.emplace_back());
    });
  });
}

// Interleaves thread flows by the execution order of their steps, if all steps have one (section
// 3.38.11).
void OrderSteps(std::vector<FlowStep>& flow) {
  const bool ordered = std::all_of(flow.begin(), flow.end(),
                                   [](const FlowStep& step) { return step.execution_order >= 0; });
  if (!ordered) return;
  std::stable_sort(flow.begin(), flow.end(), [](const FlowStep& a, const FlowStep& b) {
    return a.execution_order < b.execution_order;
  });
}

absl::Status ReadCodeFlow(const ResultContext& context, JsonValue value, CodeFlow& flow) {
  const JsonLog& log = context.log;
  size_t thread_flows = 0;
  STORED_RETURN_IF_ERROR(
      log.ForEachField(value, "a code flow", [&](std::string_view key, JsonValue field) {
        if (key == "message") return ReadMessageInto(log, field, flow.messages);
        if (key != "threadFlows") return log.Skip(field);
        return log.ForEachElement(field, "threadFlows", [&](size_t, JsonValue thread_flow) {
          ++thread_flows;
          return ReadThreadFlow(context, thread_flow, flow);
        });
      }));
  if (thread_flows > 1) OrderSteps(flow.steps);
  return absl::OkStatus();
}

// Adds the frame to `frames` unless it is empty.
absl::Status ReadFrame(const ResultContext& context, JsonValue value,
                       std::vector<LogLocation>& frames) {
  const JsonLog& log = context.log;
  LogLocation& frame = frames.emplace_back();
  std::string module;
  bool has_location = false;
  STORED_RETURN_IF_ERROR(
      log.ForEachField(value, "a frame", [&](std::string_view key, JsonValue field) {
        if (key == "location") {
          has_location = true;
          return ReadLocation(log, field, context.files, frame);
        }
        if (key == "module") return log.Read(field, key, module);
        return log.Skip(field);
      }));
  if (!has_location && module.empty()) frames.pop_back();
  if (!module.empty()) frame.other_name = std::move(module);
  return absl::OkStatus();
}

absl::Status ReadStack(const ResultContext& context, JsonValue value, Stack& stack) {
  const JsonLog& log = context.log;
  return log.ForEachField(value, "a stack", [&](std::string_view key, JsonValue field) {
    if (key == "message") return ReadMessage(log, field, stack.message);
    if (key != "frames") return log.Skip(field);
    return log.ForEachElement(field, "frames", [&](size_t, JsonValue frame) {
      return ReadFrame(context, frame, stack.frames);
    });
  });
}

}  // namespace

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

absl::Status ReadCodeFlows(const ResultContext& context, JsonValue value,
                           std::vector<CodeFlow>& code_flows) {
  return context.log.ForEachElement(value, "codeFlows", [&](size_t, JsonValue element) {
    return ReadCodeFlow(context, element, code_flows.emplace_back());
  });
}

absl::Status ReadStacks(const ResultContext& context, JsonValue value, std::vector<Stack>& stacks) {
  return context.log.ForEachElement(value, "stacks", [&](size_t, JsonValue element) {
    return ReadStack(context, element, stacks.emplace_back());
  });
}

}  // namespace stored::reports::sarif
