#include "reports/sarif/report.h"

#include <fmt/format.h>

#include <utility>

#include "base/status.h"
#include "reports/validate.h"

namespace stored::reports::sarif {
namespace {

bool ReportsProblem(Kind kind) {
  return kind == Kind::kFail || kind == Kind::kOpen || kind == Kind::kReview;
}

// What a rule says of its results, for one that says nothing itself.
std::string_view DescriptionOf(const Rule& rule, size_t max_bytes) {
  for (const std::string* text : {&rule.full_description, &rule.short_description, &rule.name}) {
    if (!IsBlank(*text) && text->size() <= max_bytes) return *text;
  }
  return "";
}

void SetHash(Result& result, std::optional<size_t> main, Report& report, HashBasis& basis) {
  if (!result.fingerprints.empty()) {
    report.report_hash = HashOfFingerprints(std::move(result.fingerprints), report.checker_name);
  } else if (auto hash = AnalyzerReportHash(result.partial_fingerprints)) {
    report.report_hash = *std::move(hash);
  } else {
    basis.partial_fingerprints = JoinFingerprints(std::move(result.partial_fingerprints));
    if (main.has_value()) basis.snippet = std::move(result.locations[*main].region.snippet);
  }
}

}  // namespace

absl::StatusOr<std::optional<ReportBuilder::Built>> ReportBuilder::Build(Result result) {
  if (result.absent) return std::nullopt;
  if (!ReportsProblem(result.kind)) {
    ++no_problem_;
    return std::nullopt;
  }
  const Tool::Found found = run_.tool().Find(result.rule, warnings_);
  Built built;
  Report& report = built.report;
  std::optional<size_t> main;
  STORED_ASSIGN_OR_RETURN(const bool has_file, SetLocation(result, report, main));
  if (!has_file) {
    ++no_file_;
    return std::nullopt;
  }
  STORED_RETURN_IF_ERROR(SetNames(result, found, report));
  SetSeverity(result, found.rule, report);
  STORED_RETURN_IF_ERROR(SetMessage(std::move(result.message), found, report));
  STORED_RETURN_IF_ERROR(SetBugPath(result, main, found, report));
  report.review = std::move(result.suppressions).ToReview(run_.tool().driver().name);
  SetHash(result, main, report, built.hash_basis);
  STORED_RETURN_IF_ERROR(
      ValidateReport(report, files_.file_count(), /*hash_required=*/false, limits_));
  return built;
}

void ReportBuilder::Warn() const {
  if (no_problem_ > 0) {
    warnings_.Add(fmt::format(
        "{} results are not stored: their kind (pass, informational, notApplicable) says that they "
        "report no problem",
        no_problem_));
  }
  if (no_file_ > 0) {
    warnings_.Add(fmt::format("{} results are not stored: they name no file", no_file_));
  }
}

absl::Status ReportBuilder::SetNames(Result& result, const Tool::Found& found, Report& report) {
  const Rule* const rule = found.rule;
  report.analyzer_name = run_.tool().driver().name;
  uint64_t copied = report.analyzer_name.size();
  // The result's own id: it may be more precise than the rule's (section 3.27.5).
  report.checker_name = std::move(result.rule.id);
  if (report.checker_name.empty()) {
    // Without a rule a result is the tool's own finding.
    report.checker_name = rule != nullptr && !rule->id.empty() ? rule->id : report.analyzer_name;
    copied += report.checker_name.size();
  }
  if (rule != nullptr) {
    const bool has_name = !rule->name.empty() && rule->name != report.checker_name;
    const std::string& type = has_name ? rule->name : rule->short_description;
    if (type.size() <= limits_.max_text_bytes) report.type = type;
    if (rule->category.size() <= limits_.max_text_bytes) report.category = rule->category;
    copied += report.type.size() + report.category.size();
  }
  return budget_.Take(copied);
}

void ReportBuilder::SetSeverity(const Result& result, const Rule* rule, Report& report) const {
  std::optional<double> score = result.security_severity;
  if (!score.has_value() && rule != nullptr) score = rule->security_severity;
  const std::optional<Severity> scored = score.has_value() ? SeverityOfScore(*score) : std::nullopt;
  if (scored.has_value()) {
    report.severity = *scored;
    return;
  }
  const std::optional<Level> stated = StatedLevel(result, rule);
  // Section 3.27.10: what a result that says nothing is.
  const Level by_default = result.kind == Kind::kFail ? Level::kWarning : Level::kNone;
  report.severity = SeverityOf(stated.value_or(by_default));
  report.severity_is_default = !stated.has_value();
}

std::optional<Level> ReportBuilder::StatedLevel(const Result& result, const Rule* rule) const {
  if (result.level.has_value()) return result.level;
  // Section 3.27.10: a rule's level is that of its failures.
  if (result.kind != Kind::kFail || rule == nullptr) return std::nullopt;
  const std::vector<Invocation>& invocations = run_.invocations();
  int64_t invocation = result.invocation_index;
  if (invocation >= 0 && static_cast<uint64_t>(invocation) >= invocations.size()) {
    warnings_.AddOneOfMany(
        fmt::format("provenance.invocationIndex is {}, but the run has {} invocations", invocation,
                    invocations.size()));
    invocation = -1;
  }
  // Section 3.48.6: with one invocation, it is that one.
  if (invocation < 0 && invocations.size() == 1) invocation = 0;
  if (invocation >= 0) {
    const auto& levels = invocations[static_cast<size_t>(invocation)].levels;
    const auto level = levels.find(rule);
    if (level != levels.end()) return level->second;
  }
  return rule->level;
}

absl::Status ReportBuilder::SetMessage(Message message, const Tool::Found& found, Report& report) {
  STORED_ASSIGN_OR_RETURN(report.message, Render(std::move(message), found));
  if (!IsBlank(report.message)) return absl::OkStatus();
  report.message.clear();
  if (found.rule != nullptr) report.message = DescriptionOf(*found.rule, limits_.max_text_bytes);
  if (report.message.empty()) report.message = report.checker_name;
  return budget_.Take(report.message.size());
}

const std::string* ReportBuilder::FindMessageString(std::string_view id,
                                                    const Tool::Found& found) const {
  // Section 3.11.7.
  const MessageStrings* const places[] = {found.rule == nullptr ? nullptr : &found.rule->messages,
                                          &found.component->messages,
                                          &run_.tool().driver().messages};
  for (const MessageStrings* strings : places) {
    if (strings == nullptr) continue;
    const auto entry = strings->find(id);
    if (entry != strings->end()) return &entry->second;
  }
  warnings_.AddOneOfMany(fmt::format(
      "message.id is \"{}\", which is neither among its rule's messageStrings nor among the "
      "globalMessageStrings of the tool",
      id.substr(0, 100)));
  return nullptr;
}

absl::StatusOr<std::string> ReportBuilder::Render(Message message, const Tool::Found& found) {
  std::string text = std::move(message.text);
  if (text.empty() && !message.id.empty()) {
    const std::string* const string = FindMessageString(message.id, found);
    if (string != nullptr) text = *string;
  }
  if (text.empty()) text = std::move(message.markdown);
  // Without arguments, braces are as a rule nothing but themselves: tools quote templates of other
  // languages ("{{ x }}") and do not think of section 3.11.5.
  if (text.empty() || (message.arguments.empty() && message.id.empty())) return text;
  auto formatted = FormatMessage(text, message.arguments, limits_.max_text_bytes);
  if (!formatted.has_value()) {
    warnings_.AddOneOfMany(fmt::format(
        "the message is longer than {} bytes with its arguments; they are not filled in",
        limits_.max_text_bytes));
    return text;
  }
  if (formatted->missing_argument.has_value()) {
    warnings_.AddOneOfMany(fmt::format("the message has {{{}}}, but its arguments are {}",
                                       *formatted->missing_argument, message.arguments.size()));
  }
  STORED_RETURN_IF_ERROR(budget_.Take(formatted->text.size()));
  return std::move(formatted->text);
}

absl::StatusOr<bool> ReportBuilder::SetLocation(const Result& result, Report& report,
                                                std::optional<size_t>& main) const {
  for (size_t i = 0; i < result.locations.size(); ++i) {
    const LogLocation& location = result.locations[i];
    if (!location.file.has_value()) continue;
    report.location = StartOf(location, *location.file);
    main = i;
    return true;
  }
  // Section 3.27.13: what the tool was told to analyse, where the result was found elsewhere.
  STORED_ASSIGN_OR_RETURN(const std::optional<FileIndex> target,
                          files_.Find(result.analysis_target));
  if (target.has_value()) report.location = {*target, 0, 0};
  return target.has_value();
}

absl::Status ReportBuilder::SetBugPath(Result& result, std::optional<size_t> main,
                                       const Tool::Found& found, Report& report) {
  BugPath& bug_path = report.bug_path;
  STORED_RETURN_IF_ERROR(AddFlow(result, found, bug_path));
  if (bug_path.events.empty()) {
    STORED_RETURN_IF_ERROR(AddStack(result, found, bug_path));
    BugPathEvent& event = bug_path.events.emplace_back();
    event.location = report.location;
    event.message = report.message;
    if (main.has_value()) {
      const auto range = RangeOf(result.locations[*main].region, report.location.file);
      if (range.has_value()) event.ranges.push_back(*range);
    }
  }
  // Further locations are all to be changed for the one finding (section 3.27.12).
  for (size_t i = main.value_or(0) + 1; i < result.locations.size(); ++i) {
    STORED_RETURN_IF_ERROR(AddEvent(result.locations[i], 0, found, bug_path.notes));
  }
  for (LogLocation& location : result.related_locations) {
    STORED_RETURN_IF_ERROR(AddEvent(location, 0, found, bug_path.notes));
  }
  return absl::OkStatus();
}

absl::Status ReportBuilder::AddFlow(Result& result, const Tool::Found& found, BugPath& bug_path) {
  for (FlowStep& step : result.flow) {
    LogLocation& location = step.location;
    if (!location.message.empty()) {
      STORED_RETURN_IF_ERROR(AddEvent(location, step.nesting_level, found, bug_path.events));
    } else if (location.file.has_value() && location.region.start_line > 0) {
      // A step without a word is where control went.
      const Location start = StartOf(location, *location.file);
      const Range point{start.file, start.line, start.column, start.line, start.column};
      bug_path.positions.push_back(RangeOf(location.region, *location.file).value_or(point));
    }
  }
  return absl::OkStatus();
}

// The calls that led to the finding, outermost first; the innermost is where it was found.
absl::Status ReportBuilder::AddStack(Result& result, const Tool::Found& found, BugPath& bug_path) {
  for (size_t i = result.stack.size(); i-- > 1;) {
    LogLocation& frame = result.stack[i];
    if (frame.message.empty()) frame.message.text = std::move(frame.logical_name);
    const auto depth = static_cast<int32_t>(result.stack.size() - 1 - i);
    STORED_RETURN_IF_ERROR(AddEvent(frame, depth, found, bug_path.events));
  }
  return absl::OkStatus();
}

absl::Status ReportBuilder::AddEvent(LogLocation& location, int32_t depth, const Tool::Found& found,
                                     std::vector<BugPathEvent>& events) {
  // What is in no file, in a library without sources perhaps, cannot be shown.
  if (!location.file.has_value()) return absl::OkStatus();
  BugPathEvent& event = events.emplace_back();
  event.location = StartOf(location, *location.file);
  event.depth = depth;
  if (const auto range = RangeOf(location.region, *location.file)) event.ranges.push_back(*range);
  if (location.message.empty()) return absl::OkStatus();
  STORED_ASSIGN_OR_RETURN(event.message, Render(std::move(location.message), found));
  return absl::OkStatus();
}

}  // namespace stored::reports::sarif
