#include "reports/sarif/result/bug_path.h"

#include <algorithm>
#include <utility>

#include "base/status.h"

namespace stored::reports::sarif {
namespace {

// Bounds the texts of all further paths of a report, so that it fits into a record of a bundle.
constexpr size_t kMaxFurtherBytes = size_t{4} << 20;
// The size of a step without its text.
constexpr size_t kStepBytes = 64;

bool IsPending(const Region& region) { return region.start_line == 0 && region.span.has_value(); }

// Returns true if a location in `file` is another place than `at`, as far as it says.
bool IsElsewhere(const LogLocation& location, const Location& at) {
  if (!location.file.has_value()) return false;
  if (*location.file != at.file) return true;
  const Region& region = location.region;
  return (region.start_line > 0 && region.start_line != at.line) ||
         (region.start_column > 0 && region.start_column != at.column);
}

}  // namespace

absl::Status BugPathBuilder::Build(Result& result, std::optional<size_t> main) {
  const auto is_event = [this](const FlowStep& step) {
    return !step.location.message.empty() ||
           (!step.location.file.has_value() && HasWords(step.location));
  };
  // The first code flow with events; if there is none, the first one with steps.
  CodeFlow* own_flow = nullptr;
  for (CodeFlow& flow : result.code_flows) {
    if (flow.steps.empty()) continue;
    const bool has_events = std::any_of(flow.steps.begin(), flow.steps.end(), is_event);
    if (own_flow == nullptr || has_events) own_flow = &flow;
    if (has_events) break;
  }
  if (own_flow != nullptr) STORED_RETURN_IF_ERROR(AddFlow(*own_flow));
  Stack* own_stack = nullptr;
  if (path_.events.empty()) {
    for (Stack& stack : result.stacks) {
      if (own_stack == nullptr && !stack.frames.empty()) own_stack = &stack;
    }
    if (own_stack != nullptr) STORED_RETURN_IF_ERROR(AddStack(*own_stack));
    AddFinding(result, main);
  }
  STORED_RETURN_IF_ERROR(AddLocations(result, main));
  if (own_flow != nullptr) {
    for (Message& message : own_flow->messages) {
      STORED_RETURN_IF_ERROR(AddText(notes_, std::move(message)));
    }
  }
  if (own_stack != nullptr) STORED_RETURN_IF_ERROR(AddOwnStackNotes(*own_stack));
  for (CodeFlow& flow : result.code_flows) {
    if (&flow != own_flow) STORED_RETURN_IF_ERROR(AddFurtherFlow(flow));
  }
  for (Stack& stack : result.stacks) {
    if (&stack != own_stack) STORED_RETURN_IF_ERROR(AddFurtherStack(stack));
  }
  return absl::OkStatus();
}

void BugPathBuilder::AddFinding(const Result& result, std::optional<size_t> main) {
  BugPathEvent& event = path_.events.emplace_back();
  event.location = report_.location;
  event.message = report_.message;
  if (!main.has_value()) return;
  const Region& region = result.locations[*main].region;
  Place({path_.events, OffsetPlace::In::kEvents}, report_.location.file, region, event);
}

absl::Status BugPathBuilder::AddLocations(Result& result, std::optional<size_t> main) {
  if (main.has_value()) {
    LogLocation& own = result.locations[*main];
    if (IsPending(own.region)) {
      offset_places_.push_back({.in = OffsetPlace::In::kLocation, .span = *own.region.span});
    }
    if (!own.message.empty() && HasRoomForNote()) {
      STORED_ASSIGN_OR_RETURN(std::string text, render_(std::move(own.message)));
      if (text != report_.message) {
        BugPathEvent& note = path_.notes.emplace_back();
        note.message = std::move(text);
        Place(notes_, own.file, own.region, note);
      }
    }
    STORED_RETURN_IF_ERROR(AddNotesOf(own));
  }
  // The finding is fixed only if all its locations are changed (section 3.27.12). Their logical
  // names are in the report's logical location.
  for (size_t i = 0; i < result.locations.size(); ++i) {
    if (i == main) continue;
    STORED_RETURN_IF_ERROR(AddNote(result.locations[i], /*named=*/false));
  }
  for (LogLocation& location : result.related_locations) {
    STORED_RETURN_IF_ERROR(AddNote(location, /*named=*/true));
  }
  return absl::OkStatus();
}

absl::Status BugPathBuilder::AddFlow(CodeFlow& flow) {
  const List events{path_.events, OffsetPlace::In::kEvents};
  for (FlowStep& step : flow.steps) {
    LogLocation& location = step.location;
    if (!location.message.empty() || !location.file.has_value()) {
      STORED_RETURN_IF_ERROR(Add(events, location, step.nesting_level, /*named=*/true));
    } else {
      // A step without a message only shows the way that control took.
      const Location start = StartOf(location.region, *location.file);
      const Range point{start.file, start.line, start.column, start.line, start.column};
      path_.positions.push_back(RangeOf(location.region, *location.file).value_or(point));
      if (IsPending(location.region)) {
        offset_places_.push_back({.in = OffsetPlace::In::kPositions,
                                  .index = static_cast<uint32_t>(path_.positions.size() - 1),
                                  .span = *location.region.span});
      }
    }
    STORED_RETURN_IF_ERROR(AddNotesOf(location));
  }
  return absl::OkStatus();
}

// Adds the calls that led to the finding, outermost first; the innermost is its own place.
absl::Status BugPathBuilder::AddStack(Stack& stack) {
  const List events{path_.events, OffsetPlace::In::kEvents};
  for (size_t i = stack.frames.size(); i-- > 1;) {
    const auto depth = static_cast<int32_t>(stack.frames.size() - 1 - i);
    STORED_RETURN_IF_ERROR(Add(events, stack.frames[i], depth, /*named=*/true));
  }
  return absl::OkStatus();
}

absl::Status BugPathBuilder::AddOwnStackNotes(Stack& stack) {
  if (!stack.message.empty()) {
    STORED_RETURN_IF_ERROR(AddText(notes_, std::move(stack.message)));
  }
  LogLocation& innermost = stack.frames.front();
  if (IsElsewhere(innermost, report_.location) || HasWords(innermost)) {
    STORED_RETURN_IF_ERROR(AddNote(innermost, /*named=*/true));
  }
  for (size_t i = 1; i < stack.frames.size(); ++i) {
    STORED_RETURN_IF_ERROR(AddNotesOf(stack.frames[i]));
  }
  return absl::OkStatus();
}

absl::Status BugPathBuilder::AddFurtherFlow(CodeFlow& flow) {
  const std::optional<List> list = BeginFurtherPath(flow.messages.size() + flow.steps.size());
  if (!list.has_value()) return absl::OkStatus();
  for (Message& message : flow.messages) {
    STORED_RETURN_IF_ERROR(AddText(*list, std::move(message)));
  }
  for (FlowStep& step : flow.steps) {
    STORED_RETURN_IF_ERROR(Add(*list, step.location, step.nesting_level, /*named=*/true));
    STORED_RETURN_IF_ERROR(AddNotesOf(step.location));
  }
  EndFurtherPath();
  return absl::OkStatus();
}

absl::Status BugPathBuilder::AddFurtherStack(Stack& stack) {
  const std::optional<List> list = BeginFurtherPath(1 + stack.frames.size());
  if (!list.has_value()) return absl::OkStatus();
  if (!stack.message.empty()) {
    STORED_RETURN_IF_ERROR(AddText(*list, std::move(stack.message)));
  }
  for (size_t i = stack.frames.size(); i-- > 0;) {
    const auto depth = static_cast<int32_t>(stack.frames.size() - 1 - i);
    STORED_RETURN_IF_ERROR(Add(*list, stack.frames[i], depth, /*named=*/true));
    STORED_RETURN_IF_ERROR(AddNotesOf(stack.frames[i]));
  }
  EndFurtherPath();
  return absl::OkStatus();
}

std::optional<BugPathBuilder::List> BugPathBuilder::BeginFurtherPath(size_t steps) {
  std::vector<std::vector<BugPathEvent>>& paths = path_.further_paths;
  further_steps_ += steps;
  if (further_steps_ > limits_.max_bug_path_items || paths.size() >= limits_.max_bug_path_items ||
      further_bytes_ > kMaxFurtherBytes) {
    further_steps_ -= steps;
    left_out_ += steps;
    return std::nullopt;
  }
  return List{paths.emplace_back(), OffsetPlace::In::kFurtherPaths,
              static_cast<uint32_t>(paths.size() - 1)};
}

void BugPathBuilder::EndFurtherPath() {
  if (path_.further_paths.back().empty()) path_.further_paths.pop_back();
}

absl::Status BugPathBuilder::Add(const List& list, LogLocation& location, int32_t depth,
                                 bool named) {
  std::string text;
  if (!location.message.empty()) {
    STORED_ASSIGN_OR_RETURN(text, render_(std::move(location.message)));
  } else if (named) {
    text = NameOf(location);
    STORED_RETURN_IF_ERROR(budget_.Take(text.size()));
  }
  // A location with neither a file nor a text does not make a step.
  if (!location.file.has_value() && text.empty()) return absl::OkStatus();
  if (list.in == OffsetPlace::In::kFurtherPaths) {
    further_bytes_ += kStepBytes + text.size();
    if (further_bytes_ > kMaxFurtherBytes) {
      ++left_out_;
      return absl::OkStatus();
    }
  }
  BugPathEvent& event = list.events.emplace_back();
  event.message = std::move(text);
  event.depth = depth;
  Place(list, location.file, location.region, event);
  return absl::OkStatus();
}

absl::Status BugPathBuilder::AddText(const List& list, Message message) {
  LogLocation nowhere;
  nowhere.message = std::move(message);
  if (&list == &notes_) return AddNote(nowhere, /*named=*/false);
  return Add(list, nowhere, 0, /*named=*/false);
}

absl::Status BugPathBuilder::AddNote(LogLocation& location, bool named) {
  if (HasRoomForNote()) STORED_RETURN_IF_ERROR(Add(notes_, location, 0, named));
  return AddNotesOf(location);
}

absl::Status BugPathBuilder::AddNotesOf(LogLocation& location) {
  for (LocationNote& note : location.notes) {
    if (!HasRoomForNote()) return absl::OkStatus();
    LogLocation at;
    at.file = location.file;
    at.region = std::move(note.region);
    at.message = std::move(note.message);
    STORED_RETURN_IF_ERROR(Add(notes_, at, 0, /*named=*/false));
  }
  location.notes.clear();
  return absl::OkStatus();
}

bool BugPathBuilder::HasRoomForNote() {
  if (path_.notes.size() < limits_.max_bug_path_items) return true;
  ++left_out_;
  return false;
}

bool BugPathBuilder::HasWords(const LogLocation& location) const {
  return !location.message.empty() || !NameOf(location).empty();
}

std::string BugPathBuilder::NameOf(const LogLocation& location) const {
  if (!location.logical_locations.empty()) {
    std::string name = logical_locations_.FullName(location.logical_locations.front());
    if (!name.empty()) return name;
  }
  // A place in a file does not need another name.
  return location.file.has_value() ? "" : location.other_name;
}

void BugPathBuilder::Place(const List& list, std::optional<FileIndex> file, const Region& region,
                           BugPathEvent& event) {
  if (!file.has_value()) {
    event.location = {files_.NoFile(), 0, 0};
    return;
  }
  event.location = StartOf(region, *file);
  if (const auto range = RangeOf(region, *file)) event.ranges.push_back(*range);
  if (!IsPending(region)) return;
  offset_places_.push_back({.in = list.in,
                            .index = static_cast<uint32_t>(list.events.size() - 1),
                            .path = list.path,
                            .span = *region.span});
}

}  // namespace stored::reports::sarif
