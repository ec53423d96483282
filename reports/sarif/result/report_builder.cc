#include "reports/sarif/result/report_builder.h"

#include <fmt/format.h>

#include <utility>

#include "base/status.h"
#include "base/text/text.h"
#include "reports/sarif/location/logical.h"
#include "reports/sarif/result/bug_path.h"
#include "reports/validate.h"

namespace stored::reports::sarif {
namespace {

bool ReportsProblem(Kind kind) {
  return kind == Kind::kFail || kind == Kind::kOpen || kind == Kind::kReview;
}

// Returns the text that a rule has for results without a message; empty if it does not have one.
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
  STORED_RETURN_IF_ERROR(SetLocation(result, report, main));
  STORED_RETURN_IF_ERROR(SetNames(result, found, report));
  SetSeverity(result, found.rule, report);
  STORED_RETURN_IF_ERROR(SetMessage(std::move(result.message), found, report));
  const auto render = [&](Message message) { return Render(std::move(message), found); };
  BugPathBuilder path(render, files_, run_.logical_locations(), budget_, limits_, report,
                      built.offset_places);
  STORED_RETURN_IF_ERROR(path.Build(result, main));
  left_out_ += path.left_out();
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
  if (left_out_ > 0) {
    warnings_.Add(fmt::format(
        "{} notes and steps of further code flows and stacks are left out: a result may have {} of "
        "each, and some megabytes of such steps",
        left_out_, limits_.max_bug_path_items));
  }
}

absl::Status ReportBuilder::SetNames(Result& result, const Tool::Found& found, Report& report) {
  const Rule* const rule = found.rule;
  report.analyzer_name = run_.tool().driver().name;
  uint64_t copied = report.analyzer_name.size();
  // The result's own rule id is preferred: it may be more precise than the rule's (section 3.27.5).
  report.checker_name = std::move(result.rule.id);
  if (report.checker_name.empty()) {
    // A result without a rule is the tool's own finding.
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
  // Section 3.27.10 defines the level of a result that does not state one.
  const Level by_default = result.kind == Kind::kFail ? Level::kWarning : Level::kNone;
  report.severity = SeverityOf(stated.value_or(by_default));
  report.severity_is_default = !stated.has_value();
}

std::optional<Level> ReportBuilder::StatedLevel(const Result& result, const Rule* rule) const {
  if (result.level.has_value()) return result.level;
  // Section 3.27.10: a rule's level applies to its failures.
  if (result.kind != Kind::kFail || rule == nullptr) return std::nullopt;
  const std::vector<Invocation>& invocations = run_.invocations();
  int64_t invocation = result.invocation_index;
  if (invocation >= 0 && static_cast<uint64_t>(invocation) >= invocations.size()) {
    warnings_.AddOneOfMany(
        fmt::format("provenance.invocationIndex is {}, but the run has {} invocations", invocation,
                    invocations.size()));
    invocation = -1;
  }
  // Section 3.48.6: if there is one invocation, it is that one.
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
  // The order of section 3.11.7.
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
      Utf8Prefix(id, 100)));
  return nullptr;
}

absl::StatusOr<std::string> ReportBuilder::Render(Message message, const Tool::Found& found) {
  std::string text = std::move(message.text);
  if (text.empty() && !message.id.empty()) {
    const std::string* const string = FindMessageString(message.id, found);
    if (string != nullptr) text = *string;
  }
  if (text.empty()) text = std::move(message.markdown);
  // Without arguments, braces usually have no special meaning: tools quote templates of other
  // languages ("{{ x }}") and ignore section 3.11.5.
  if (text.empty() || (message.arguments.empty() && message.id.empty())) return text;
  auto formatted = FormatMessage(text, message.arguments, limits_.max_text_bytes);
  if (!formatted.has_value()) {
    warnings_.AddOneOfMany(fmt::format(
        "the message is longer than {} bytes with its arguments; they are not filled in",
        limits_.max_text_bytes));
    return text;
  }
  if (formatted->missing_argument.has_value()) {
    const size_t arguments = message.arguments.size();
    warnings_.AddOneOfMany(
        fmt::format("the message has the placeholder {{{}}}, but only {} argument{}",
                    *formatted->missing_argument, arguments, arguments == 1 ? "" : "s"));
  }
  STORED_RETURN_IF_ERROR(budget_.Take(formatted->text.size()));
  return std::move(formatted->text);
}

absl::Status ReportBuilder::SetLocation(const Result& result, Report& report,
                                        std::optional<size_t>& main) const {
  for (size_t i = 0; i < result.locations.size() && !main.has_value(); ++i) {
    if (result.locations[i].file.has_value()) main = i;
  }
  bool has_file = main.has_value();
  if (has_file) {
    const LogLocation& location = result.locations[*main];
    report.location = StartOf(location.region, *location.file);
  } else {
    // Section 3.27.13: the file that the tool was told to analyse, if the result was found
    // elsewhere.
    STORED_ASSIGN_OR_RETURN(const std::optional<FileIndex> target,
                            files_.Find(result.analysis_target));
    has_file = target.has_value();
    report.location = {has_file ? *target : files_.NoFile(), 0, 0};
  }
  STORED_ASSIGN_OR_RETURN(report.logical_location, LogicalLocationOf(result, has_file));
  return budget_.Take(report.logical_location.size());
}

absl::StatusOr<std::string> ReportBuilder::LogicalLocationOf(const Result& result,
                                                             bool has_file) const {
  std::vector<std::string> names;
  for (const LogLocation& location : result.locations) {
    for (const LogicalLocation& logical : location.logical_locations) {
      if (logical.index >= 0 && !run_.logical_locations().Has(logical.index)) {
        warnings_.AddOneOfMany(fmt::format(
            "a logical location's index is {}, which the run does not have", logical.index));
      }
      names.push_back(run_.logical_locations().FullName(logical));
      STORED_RETURN_IF_ERROR(budget_.Take(names.back().size()));
    }
  }
  std::string joined = JoinLogicalNames(std::move(names));
  if (has_file || !joined.empty()) return joined;
  names.clear();
  for (const LogLocation& location : result.locations) names.push_back(location.other_name);
  const ArtifactReference& target = result.analysis_target;
  names.push_back(target.description);
  if (names.back().empty()) {
    STORED_ASSIGN_OR_RETURN(names.back(), files_.NameOf(target.uri_base_id, target.index));
  }
  joined = JoinLogicalNames(std::move(names));
  return joined.empty() ? run_.tool().driver().name : joined;
}

}  // namespace stored::reports::sarif
