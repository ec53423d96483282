#include "reports/sarif/tool.h"

#include <fmt/format.h>

#include <utility>

#include "absl/strings/numbers.h"

namespace stored::reports::sarif {
namespace {

absl::Status ReadRuleProperties(const JsonLog& log, JsonValue value, Rule& rule) {
  std::string category;
  STORED_RETURN_IF_ERROR(
      log.ForEachField(value, "properties", [&](std::string_view key, JsonValue field) {
        if (key == "security-severity") {
          return ReadSecuritySeverity(log, field, rule.security_severity);
        }
        simdjson::ondemand::json_type type{};
        if (const auto error = field.type().get(type)) return JsonError(error);
        if (key == "category" && type == simdjson::ondemand::json_type::string) {
          return log.Read(field, "category", category);
        }
        if (key != "tags") return log.Skip(field);
        return log.ForEachElement(field, "tags", [&](size_t index, JsonValue tag) {
          return index == 0 ? log.Read(tag, "tags[0]", rule.category) : log.Skip(tag);
        });
      }));
  if (!category.empty()) rule.category = std::move(category);
  return absl::OkStatus();
}

absl::Status ReadRule(const JsonLog& log, JsonValue value, Rule& rule, std::string& guid) {
  return log.ForEachField(value, "it", [&](std::string_view key, JsonValue field) {
    if (key == "id") return log.Read(field, "id", rule.id);
    if (key == "name") return log.Read(field, "name", rule.name);
    if (key == "guid") return log.Read(field, "guid", guid);
    if (key == "shortDescription") return ReadMultiformat(log, field, rule.short_description);
    if (key == "messageStrings") return ReadMessageStrings(log, field, rule.messages);
    if (key == "properties") return ReadRuleProperties(log, field, rule);
    if (key == "defaultConfiguration") {
      return log.ForEachField(field, key, [&](std::string_view name, JsonValue setting) {
        return name == "level" ? ReadLevel(log, setting, rule.level) : log.Skip(setting);
      });
    }
    return log.Skip(field);
  });
}

absl::Status ReadRules(const JsonLog& log, JsonValue value, ToolComponent& component) {
  component.rules.clear();
  component.rules_by_id.clear();
  component.rules_by_guid.clear();
  return log.ForEachElement(value, "rules", [&](size_t index, JsonValue element) {
    Rule& rule = component.rules.emplace_back();
    std::string guid;
    STORED_RETURN_IF_ERROR(
        Annotate(ReadRule(log, element, rule, guid), fmt::format("rules[{}]", index)));
    const auto place = static_cast<uint32_t>(index);
    // Rules may share an id (section 3.52.5); then only an index tells them apart.
    component.rules_by_id.try_emplace(rule.id, place);
    if (!guid.empty()) component.rules_by_guid.try_emplace(std::move(guid), place);
    return absl::OkStatus();
  });
}

absl::Status ReadComponent(const JsonLog& log, JsonValue value, ToolComponent& component) {
  std::string semantic_version;
  STORED_RETURN_IF_ERROR(
      log.ForEachField(value, "it", [&](std::string_view key, JsonValue field) -> absl::Status {
        if (key == "name") return log.Read(field, "name", component.name);
        if (key == "version") return log.Read(field, "version", component.version);
        if (key == "semanticVersion") return log.Read(field, key, semantic_version);
        if (key == "guid") return log.Read(field, "guid", component.guid);
        if (key == "rules") return ReadRules(log, field, component);
        if (key == "globalMessageStrings") {
          return ReadMessageStrings(log, field, component.messages);
        }
        return log.Skip(field);
      }));
  if (component.version.empty()) component.version = std::move(semantic_version);
  return absl::OkStatus();
}

// What `map` has for `id`, or else for the longest leading part of it.
template <typename Map>
typename Map::const_iterator FindById(const Map& map, std::string_view id) {
  // Far beyond any name that is kept.
  constexpr size_t kMaxIdBytes = 4096;
  auto found = map.end();
  if (map.empty() || id.size() > kMaxIdBytes) return found;
  while (!id.empty() && (found = map.find(id)) == map.end()) {
    const size_t slash = id.rfind('/');
    id = id.substr(0, slash == std::string_view::npos ? 0 : slash);
  }
  return found;
}

}  // namespace

absl::Status ReadLevel(const JsonLog& log, JsonValue value, std::optional<Level>& level) {
  std::string scratch;
  STORED_ASSIGN_OR_RETURN(const std::string_view text, log.View(value, "level", scratch));
  if (text == "error") {
    level = Level::kError;
  } else if (text == "warning") {
    level = Level::kWarning;
  } else if (text == "note") {
    level = Level::kNote;
  } else if (text == "none") {
    level = Level::kNone;
  } else {
    return absl::InvalidArgumentError(
        fmt::format("level is \"{}\", not one of none, note, warning, error", text.substr(0, 100)));
  }
  return absl::OkStatus();
}

Severity SeverityOf(Level level) {
  switch (level) {
    case Level::kError:
      return Severity::kHigh;
    case Level::kWarning:
      return Severity::kMedium;
    case Level::kNote:
      return Severity::kLow;
    case Level::kNone:
      return Severity::kStyle;
  }
  return Severity::kUnspecified;
}

absl::Status ReadSecuritySeverity(const JsonLog& log, JsonValue value,
                                  std::optional<double>& score) {
  double number = 0;
  simdjson::ondemand::json_type type{};
  if (const auto error = value.type().get(type)) return JsonError(error);
  if (type == simdjson::ondemand::json_type::number) {
    if (const auto error = value.get_double().get(number)) return JsonError(error);
    score = number;
    return absl::OkStatus();
  }
  // A property bag holds what a tool likes (section 3.8): what is no score says nothing.
  if (type != simdjson::ondemand::json_type::string) return log.Skip(value);
  std::string text;
  STORED_RETURN_IF_ERROR(log.Read(value, "security-severity", text));
  if (absl::SimpleAtod(text, &number)) score = number;
  return absl::OkStatus();
}

std::optional<Severity> SeverityOfScore(double score) {
  if (score >= 9.0) return Severity::kCritical;
  if (score >= 7.0) return Severity::kHigh;
  if (score >= 4.0) return Severity::kMedium;
  if (score > 0.0) return Severity::kLow;
  return std::nullopt;
}

absl::Status ReadRuleReference(const JsonLog& log, JsonValue value, RuleReference& reference) {
  return log.ForEachField(value, "rule", [&](std::string_view key, JsonValue field) {
    if (key == "id") return log.Read(field, "rule.id", reference.id);
    if (key == "index") return log.Read(field, "rule.index", reference.index);
    if (key == "guid") return log.Read(field, "rule.guid", reference.guid);
    if (key != "toolComponent") return log.Skip(field);
    ComponentReference& component = reference.component.emplace();
    return log.ForEachField(field, "rule.toolComponent",
                            [&](std::string_view name, JsonValue part) -> absl::Status {
                              if (name == "index")
                                return log.Read(part, "rule.toolComponent.index", component.index);
                              if (name == "name")
                                return log.Read(part, "rule.toolComponent.name", component.name);
                              if (name == "guid")
                                return log.Read(part, "rule.toolComponent.guid", component.guid);
                              return log.Skip(part);
                            });
  });
}

absl::StatusOr<const ToolComponent*> Tool::FindComponent(
    const std::optional<ComponentReference>& reference) const {
  if (!reference.has_value()) return &driver_;
  if (reference->index >= 0) {
    if (static_cast<uint64_t>(reference->index) >= extensions_.size()) {
      return absl::InvalidArgumentError(
          fmt::format("rule.toolComponent.index is {}, but the tool has {} extensions",
                      reference->index, extensions_.size()));
    }
    return &extensions_[static_cast<size_t>(reference->index)];
  }
  const auto by_guid = extensions_by_guid_.find(reference->guid);
  if (by_guid != extensions_by_guid_.end()) return &extensions_[by_guid->second];
  const auto by_name = extensions_by_name_.find(reference->name);
  if (by_name != extensions_by_name_.end()) return &extensions_[by_name->second];
  return &driver_;
}

absl::StatusOr<Tool::Found> Tool::Find(const RuleReference& reference) const {
  STORED_ASSIGN_OR_RETURN(const ToolComponent* component, FindComponent(reference.component));
  if (reference.index >= 0) {
    if (static_cast<uint64_t>(reference.index) >= component->rules.size()) {
      return absl::InvalidArgumentError(
          fmt::format("its rule index is {}, but tool component \"{}\" has {} rules",
                      reference.index, component->name, component->rules.size()));
    }
    return Found{&component->rules[static_cast<size_t>(reference.index)], component};
  }
  const auto by_guid = component->rules_by_guid.find(reference.guid);
  if (by_guid != component->rules_by_guid.end()) {
    return Found{&component->rules[by_guid->second], component};
  }
  // By the letter of section 3.52.4 an id alone finds nothing, but most logs give no more.
  const auto by_id = FindById(component->rules_by_id, reference.id);
  if (by_id != component->rules_by_id.end()) {
    return Found{&component->rules[by_id->second], component};
  }
  if (!reference.component.has_value()) {
    const auto elsewhere = FindById(extension_rules_by_id_, reference.id);
    if (elsewhere != extension_rules_by_id_.end()) return elsewhere->second;
  }
  return Found{nullptr, component};
}

absl::Status Tool::Read(const JsonLog& log, JsonValue value) {
  return log.ForEachField(value, "tool", [&](std::string_view key, JsonValue field) {
    if (key == "driver") {
      driver_ = ToolComponent();
      return Annotate(ReadComponent(log, field, driver_), "tool.driver");
    }
    return key == "extensions" ? ReadExtensions(log, field) : log.Skip(field);
  });
}

absl::Status Tool::ReadExtensions(const JsonLog& log, JsonValue value) {
  extensions_.clear();
  STORED_RETURN_IF_ERROR(
      log.ForEachElement(value, "tool.extensions", [&](size_t index, JsonValue element) {
        return Annotate(ReadComponent(log, element, extensions_.emplace_back()),
                        fmt::format("tool.extensions[{}]", index));
      }));
  extensions_by_guid_.clear();
  extensions_by_name_.clear();
  extension_rules_by_id_.clear();
  for (size_t i = 0; i < extensions_.size(); ++i) {
    const ToolComponent& extension = extensions_[i];
    if (!extension.guid.empty()) extensions_by_guid_.try_emplace(extension.guid, i);
    if (!extension.name.empty()) extensions_by_name_.try_emplace(extension.name, i);
    for (const Rule& rule : extension.rules) {
      extension_rules_by_id_.try_emplace(rule.id, Found{&rule, &extension});
    }
  }
  return absl::OkStatus();
}

}  // namespace stored::reports::sarif
