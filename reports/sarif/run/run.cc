#include "reports/sarif/run/run.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "absl/time/time.h"

namespace stored::reports::sarif {
namespace {

// Reads startTimeUtc or endTimeUtc (SARIF section 3.9). A malformed time becomes 0, because it is
// only recorded.
absl::Status ReadTime(const JsonLog& log, JsonValue value, std::string_view what, double& seconds) {
  std::string text;
  STORED_RETURN_IF_ERROR(log.Read(value, what, text));
  absl::Time time;
  std::string error;
  if (absl::ParseTime(absl::RFC3339_full, text, &time, &error)) {
    seconds = absl::ToDoubleSeconds(time - absl::UnixEpoch());
  }
  return absl::OkStatus();
}

absl::Status ReadArtifact(const JsonLog& log, JsonValue value, Artifact& artifact) {
  std::string binary;
  STORED_RETURN_IF_ERROR(log.ForEachField(value, "it", [&](std::string_view key, JsonValue field) {
    if (key == "location") return ReadArtifactReference(log, field, artifact.location);
    if (key == "parentIndex") return log.Read(field, key, artifact.parent_index);
    if (key == "description") return ReadMultiformat(log, field, artifact.description);
    if (key != "contents") return log.Skip(field);
    return log.ForEachField(field, "contents", [&](std::string_view name, JsonValue content) {
      if (name == "text") return log.Read(content, "contents.text", artifact.content.emplace());
      if (name == "binary") return log.Read(content, "contents.binary", binary);
      return log.Skip(content);
    });
  }));
  if (!artifact.content.has_value() && !binary.empty()) {
    artifact.content = std::move(binary);
    artifact.content_is_base64 = true;
  }
  return absl::OkStatus();
}

absl::Status ReadColumnKind(const JsonLog& log, JsonValue value, TextUnit& unit) {
  std::string scratch;
  STORED_ASSIGN_OR_RETURN(const std::string_view kind, log.View(value, "columnKind", scratch));
  if (kind == "unicodeCodePoints") unit = TextUnit::kCodePoint;
  return absl::OkStatus();
}

absl::Status ReadOverride(const JsonLog& log, JsonValue value, Invocation& invocation) {
  RuleReference rule;
  std::optional<Level> level;
  STORED_RETURN_IF_ERROR(log.ForEachField(
      value, "a rule configuration override", [&](std::string_view key, JsonValue field) {
        if (key == "descriptor") return ReadRuleReference(log, field, rule);
        if (key != "configuration") return log.Skip(field);
        return log.ForEachField(field, key, [&](std::string_view name, JsonValue setting) {
          return name == "level" ? ReadLevel(log, setting, level) : log.Skip(setting);
        });
      }));
  if (level.has_value()) invocation.overrides.push_back({std::move(rule), *level});
  return absl::OkStatus();
}

// Reads a notification (section 3.58). If it says that the tool failed, adds a warning.
absl::Status ReadNotification(const JsonLog& log, JsonValue value) {
  std::optional<Level> level;
  Message message;
  STORED_RETURN_IF_ERROR(
      log.ForEachField(value, "a notification", [&](std::string_view key, JsonValue field) {
        if (key == "level") return ReadLevel(log, field, level);
        if (key == "message") return ReadMessage(log, field, message);
        return log.Skip(field);
      }));
  if (level != Level::kError) return absl::OkStatus();
  const std::string_view text = !message.text.empty()       ? message.text
                                : !message.markdown.empty() ? message.markdown
                                                            : message.id;
  log.warnings().Add(fmt::format("the tool reported an error: {}", text));
  return absl::OkStatus();
}

absl::Status ReadInvocation(const JsonLog& log, JsonValue value, Invocation& invocation) {
  std::string command_line;
  ArtifactReference executable;
  std::vector<std::string> arguments;
  bool successful = true;
  STORED_RETURN_IF_ERROR(
      log.ForEachField(value, "it", [&](std::string_view key, JsonValue field) -> absl::Status {
        if (key == "commandLine") return log.Read(field, key, command_line);
        if (key == "arguments") {
          return log.ForEachElement(field, "arguments", [&](size_t, JsonValue element) {
            return log.Read(element, "an element of arguments", arguments.emplace_back());
          });
        }
        if (key == "executableLocation") return ReadArtifactReference(log, field, executable);
        if (key == "workingDirectory") {
          return ReadArtifactReference(log, field, invocation.working_directory);
        }
        if (key == "startTimeUtc") return ReadTime(log, field, key, invocation.begin_time);
        if (key == "endTimeUtc") return ReadTime(log, field, key, invocation.end_time);
        if (key == "executionSuccessful") return log.Read(field, key, successful);
        if (key == "ruleConfigurationOverrides") {
          return log.ForEachElement(
              field, "ruleConfigurationOverrides",
              [&](size_t, JsonValue element) { return ReadOverride(log, element, invocation); });
        }
        if (key == "toolExecutionNotifications" || key == "toolConfigurationNotifications") {
          return log.ForEachElement(field, "notifications", [&](size_t, JsonValue element) {
            return ReadNotification(log, element);
          });
        }
        return log.Skip(field);
      }));
  if (!successful) {
    log.warnings().Add("the tool did not run successfully");
  }
  size_t command_bytes = command_line.size() + executable.uri.size();
  for (const std::string& argument : arguments) command_bytes += argument.size() + 1;
  if (command_bytes > log.limits().max_text_bytes) {
    log.Warn(fmt::format("a command line of {} bytes is left out", command_bytes));
    return absl::OkStatus();
  }
  if (!arguments.empty() && !executable.uri.empty()) {
    // The path is only recorded, so that a malformed URI is kept as it is.
    const auto path = PathOfUri(executable.uri);
    invocation.command.push_back(path.ok() ? *path : executable.uri);
    std::move(arguments.begin(), arguments.end(), std::back_inserter(invocation.command));
  } else if (!command_line.empty()) {
    invocation.command.push_back(std::move(command_line));
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status ReadArtifactReference(const JsonLog& log, JsonValue value,
                                   ArtifactReference& reference) {
  return log.ForEachField(value, "an artifact location",
                          [&](std::string_view key, JsonValue field) {
                            if (key == "uri") return log.Read(field, "uri", reference.uri);
                            if (key == "uriBaseId")
                              return log.Read(field, "uriBaseId", reference.uri_base_id);
                            if (key == "index") return log.Read(field, "index", reference.index);
                            if (key == "description")
                              return ReadMultiformat(log, field, reference.description);
                            return log.Skip(field);
                          });
}

absl::Status Run::Read(const JsonLog& log, JsonObject& object) {
  return log.ForEachField(
      object, [&](std::string_view key, JsonValue value) { return ReadField(log, key, value); });
}

absl::Status Run::Finish(const Limits& limits, Warnings& warnings) {
  ToolComponent& driver = tool_.driver();
  if (driver.name.empty()) {
    warnings.Add("tool.driver.name is missing; the analyzer's name is stored as unknown");
    driver.name = "unknown";
  }
  if (driver.name.size() > limits.max_name_bytes) {
    return absl::ResourceExhaustedError(
        fmt::format("tool.driver.name is over {} bytes", limits.max_name_bytes));
  }
  if (driver.version.size() > limits.max_name_bytes) {
    warnings.Add(
        fmt::format("tool.driver.version is over {} bytes; it is left out", limits.max_name_bytes));
    driver.version.clear();
  }
  tool_.IndexExtensions();
  FindOverriddenRules(warnings);
  return absl::OkStatus();
}

absl::Status Run::ReadField(const JsonLog& log, std::string_view key, JsonValue value) {
  if (key == "results") {
    // If a run lost its results, all earlier findings would appear to be fixed.
    if (!JsonLog::Is(value, JsonType::array)) {
      return absl::InvalidArgumentError("results is not an array");
    }
    // Skipped unchecked, because a second walk reads them.
    has_results_ = true;
    return absl::OkStatus();
  }
  if (key == "threadFlowLocations") {
    has_thread_flow_locations_ = true;
    return absl::OkStatus();
  }
  if (key == "tool") return tool_.Read(log, value);
  if (key == "artifacts") return ReadArtifacts(log, value);
  if (key == "originalUriBaseIds") return ReadBases(log, value);
  if (key == "invocations") return ReadInvocations(log, value);
  if (key == "externalPropertyFileReferences") return external_.CheckReferences(log, value);
  // External properties have these without an enclosing tool (section 4.3).
  if (key == "driver") return tool_.ReadDriver(log, value);
  if (key == "extensions") return tool_.ReadExtensions(log, value);
  if (key == "logicalLocations") return logical_locations_.Read(log, value);
  if (key == "columnKind") return ReadColumnKind(log, value, column_unit_);
  return log.Skip(value);
}

absl::Status Run::ReadArtifacts(const JsonLog& log, JsonValue value) {
  return log.ForEachElement(value, "artifacts", [&](size_t, JsonValue element) {
    return ReadArtifact(log, element, artifacts_.emplace_back());
  });
}

absl::Status Run::ReadBases(const JsonLog& log, JsonValue value) {
  return log.ForEachField(
      value, "originalUriBaseIds", [&](std::string_view key, JsonValue field) -> absl::Status {
        std::string id(key);
        ArtifactReference base;
        STORED_RETURN_IF_ERROR(ReadArtifactReference(log, field, base));
        bases_.Add(std::move(id), std::move(base.uri), std::move(base.uri_base_id));
        return absl::OkStatus();
      });
}

absl::Status Run::ReadInvocations(const JsonLog& log, JsonValue value) {
  return log.ForEachElement(value, "invocations", [&](size_t, JsonValue element) {
    return ReadInvocation(log, element, invocations_.emplace_back());
  });
}

void Run::FindOverriddenRules(Warnings& warnings) {
  for (Invocation& invocation : invocations_) {
    for (const Invocation::LevelOverride& entry : invocation.overrides) {
      const Tool::Found found = tool_.Find(entry.rule, warnings);
      if (found.rule != nullptr) invocation.levels.try_emplace(found.rule, entry.level);
    }
  }
}

Analysis Run::ToAnalysis(const Limits& limits) const {
  Analysis analysis;
  const ToolComponent& driver = tool_.driver();
  analysis.tool_name = driver.name;
  analysis.tool_version = driver.version;
  AnalyzerRun analyzer;
  analyzer.name = driver.name;
  analyzer.version = driver.version;
  analysis.analyzers.push_back(std::move(analyzer));
  for (const Invocation& invocation : invocations_) {
    if (analysis.command.empty()) analysis.command = invocation.command;
    const ArtifactReference& directory = invocation.working_directory;
    if (analysis.working_directory.empty() && !directory.uri.empty()) {
      const auto path = PathOfUri(bases_.Resolve(directory.uri, directory.uri_base_id));
      if (path.ok() && path->size() <= limits.max_path_bytes) analysis.working_directory = *path;
    }
    const double begin = invocation.begin_time;
    if (begin > 0 && (analysis.begin_time == 0 || begin < analysis.begin_time)) {
      analysis.begin_time = begin;
    }
    analysis.end_time = std::max(analysis.end_time, invocation.end_time);
  }
  return analysis;
}

}  // namespace stored::reports::sarif
