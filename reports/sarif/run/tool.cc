#include "reports/sarif/run/tool.h"

#include <fmt/format.h>

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "base/text/text.h"
#include "reports/sarif/json/enum_property.h"

namespace stored::reports::sarif {
namespace {

absl::Status ReadRuleProperties(const JsonLog& log, JsonValue value, Rule& rule) {
  std::string category;
  STORED_RETURN_IF_ERROR(
      log.ForEachField(value, "properties", [&](std::string_view key, JsonValue field) {
        if (key == "security-severity") {
          return ReadSecuritySeverity(log, field, rule.security_severity);
        }
        // A property bag may hold any value (section 3.8).
        if (key == "category" && JsonLog::Is(field, JsonType::string)) {
          return log.Read(field, "category", category);
        }
        if (key != "tags") return log.Skip(field);
        // Some tools write a single tag without the array.
        if (JsonLog::Is(field, JsonType::string)) {
          log.Warn("tags is not an array; it is taken for the only tag");
          return log.Read(field, "tags", rule.category);
        }
        return log.ForEachElement(field, "tags", [&](size_t index, JsonValue tag) {
          return index == 0 ? log.Read(tag, "tags[0]", rule.category) : log.Skip(tag);
        });
      }));
  if (!category.empty()) rule.category = std::move(category);
  return absl::OkStatus();
}

// Reads a GUID in lower case, because its digits may be in either case (RFC 4122 section 3).
absl::Status ReadGuid(const JsonLog& log, JsonValue value, std::string_view what,
                      std::string& guid) {
  STORED_RETURN_IF_ERROR(log.Read(value, what, guid));
  absl::AsciiStrToLower(&guid);
  return absl::OkStatus();
}

absl::Status ReadRule(const JsonLog& log, JsonValue value, Rule& rule, std::string& guid) {
  return log.ForEachField(value, "it", [&](std::string_view key, JsonValue field) {
    if (key == "id") return log.Read(field, "id", rule.id);
    if (key == "name") return log.Read(field, "name", rule.name);
    if (key == "guid") return ReadGuid(log, field, "guid", guid);
    if (key == "shortDescription") return ReadMultiformat(log, field, rule.short_description);
    if (key == "fullDescription") return ReadMultiformat(log, field, rule.full_description);
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
    STORED_RETURN_IF_ERROR(ReadRule(log, element, rule, guid));
    const auto place = static_cast<uint32_t>(index);
    // Rules may share an id (section 3.52.5); then only an index distinguishes them.
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
        if (key == "guid") return ReadGuid(log, field, "guid", component.guid);
        if (key == "rules") return ReadRules(log, field, component);
        if (key == "globalMessageStrings") {
          return ReadMessageStrings(log, field, component.messages);
        }
        return log.Skip(field);
      }));
  if (component.version.empty()) component.version = std::move(semantic_version);
  return absl::OkStatus();
}

// Returns the entry of `map` for `id`, else for the longest leading part of it that has one.
template <typename Map>
typename Map::const_iterator FindById(const Map& map, std::string_view id) {
  // Much longer than any name that is kept.
  constexpr size_t kMaxIdBytes = 4096;
  auto found = map.end();
  if (map.empty() || id.size() > kMaxIdBytes) return found;
  while (!id.empty() && (found = map.find(id)) == map.end()) {
    const size_t slash = id.rfind('/');
    id = id.substr(0, slash == std::string_view::npos ? 0 : slash);
  }
  return found;
}

// The number of bytes that a warning quotes of a text from the log.
constexpr size_t kMaxQuotedBytes = 100;

constexpr EnumName<Level> kLevels[] = {{"error", Level::kError},
                                       {"warning", Level::kWarning},
                                       {"note", Level::kNote},
                                       {"none", Level::kNone}};

}  // namespace

absl::Status ReadLevel(const JsonLog& log, JsonValue value, std::optional<Level>& level) {
  return ReadEnum(log, value, "level", kLevels, level);
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
  double number = -1;
  if (JsonLog::Is(value, JsonType::string)) {
    std::string text;
    STORED_RETURN_IF_ERROR(log.Read(value, "security-severity", text));
    if (!absl::SimpleAtod(text, &number)) number = -1;
  } else if (JsonLog::Is(value, JsonType::number)) {
    if (value.get_double().get(number)) number = -1;
  }
  // Also false for NaN.
  if (number >= 0 && number <= 10) {
    score = number;
  } else {
    log.Warn("security-severity is not a number from 0.0 to 10.0; it is left out");
  }
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
    if (key == "guid") return ReadGuid(log, field, "rule.guid", reference.guid);
    if (key != "toolComponent") return log.Skip(field);
    ComponentReference& component = reference.component.emplace();
    return log.ForEachField(
        field, "rule.toolComponent", [&](std::string_view name, JsonValue part) -> absl::Status {
          if (name == "index") return log.Read(part, "rule.toolComponent.index", component.index);
          if (name == "name") return log.Read(part, "rule.toolComponent.name", component.name);
          if (name == "guid") return ReadGuid(log, part, "rule.toolComponent.guid", component.guid);
          return log.Skip(part);
        });
  });
}

const ToolComponent* Tool::FindComponent(const std::optional<ComponentReference>& reference,
                                         Warnings& warnings) const {
  if (!reference.has_value()) return &driver_;
  if (reference->index >= 0) {
    const auto index = static_cast<uint64_t>(reference->index);
    if (index < extensions_.size()) return &extensions_[index];
    warnings.AddOneOfMany(
        fmt::format("rule.toolComponent.index is {}, but the tool has {} extensions", index,
                    extensions_.size()));
  }
  if (!reference->guid.empty()) {
    const auto by_guid = extensions_by_guid_.find(reference->guid);
    if (by_guid != extensions_by_guid_.end()) return &extensions_[by_guid->second];
    if (reference->guid == driver_.guid) return &driver_;
  }
  if (!reference->name.empty()) {
    const auto by_name = extensions_by_name_.find(reference->name);
    if (by_name != extensions_by_name_.end()) return &extensions_[by_name->second];
    if (reference->name == driver_.name) return &driver_;
  }
  const bool names_one =
      reference->index >= 0 || !reference->guid.empty() || !reference->name.empty();
  if (!names_one) return &driver_;
  if (reference->index < 0) {
    warnings.AddOneOfMany(fmt::format(
        "rule.toolComponent names \"{}\", which is not among the components of the tool",
        Utf8Prefix(reference->name.empty() ? reference->guid : reference->name, kMaxQuotedBytes)));
  }
  return nullptr;
}

Tool::Found Tool::Find(const RuleReference& reference, Warnings& warnings) const {
  const ToolComponent* component = FindComponent(reference.component, warnings);
  // An index into a component that does not exist must not be used with another component.
  const bool any_component = !reference.component.has_value() || component == nullptr;
  if (reference.index >= 0 && component != nullptr) {
    const auto index = static_cast<uint64_t>(reference.index);
    if (index < component->rules.size()) return Found{&component->rules[index], component};
    warnings.AddOneOfMany(
        fmt::format("its rule index is {}, but tool component \"{}\" has {} rules", index,
                    Utf8Prefix(component->name, kMaxQuotedBytes), component->rules.size()));
  }
  if (component == nullptr) component = &driver_;
  if (!reference.guid.empty()) {
    const auto by_guid = component->rules_by_guid.find(reference.guid);
    if (by_guid != component->rules_by_guid.end()) {
      return Found{&component->rules[by_guid->second], component};
    }
    warnings.AddOneOfMany(fmt::format("its rule's guid is \"{}\", which none of the rules has",
                                      Utf8Prefix(reference.guid, kMaxQuotedBytes)));
  }
  // Strictly by section 3.52.4 an id alone does not identify a rule, but most logs have nothing
  // else.
  const auto by_id = FindById(component->rules_by_id, reference.id);
  if (by_id != component->rules_by_id.end()) {
    return Found{&component->rules[by_id->second], component};
  }
  if (any_component) {
    const auto elsewhere = FindById(extension_rules_by_id_, reference.id);
    if (elsewhere != extension_rules_by_id_.end()) return elsewhere->second;
  }
  return Found{nullptr, component};
}

absl::Status Tool::Read(const JsonLog& log, JsonValue value) {
  return log.ForEachField(value, "tool", [&](std::string_view key, JsonValue field) {
    if (key == "driver") return ReadDriver(log, field);
    return key == "extensions" ? ReadExtensions(log, field) : log.Skip(field);
  });
}

absl::Status Tool::ReadDriver(const JsonLog& log, JsonValue value) {
  return ReadComponent(log, value, driver_);
}

absl::Status Tool::ReadExtensions(const JsonLog& log, JsonValue value) {
  return log.ForEachElement(value, "tool.extensions", [&](size_t, JsonValue element) {
    return ReadComponent(log, element, extensions_.emplace_back());
  });
}

void Tool::IndexExtensions() {
  for (size_t i = 0; i < extensions_.size(); ++i) {
    const ToolComponent& extension = extensions_[i];
    if (!extension.guid.empty()) extensions_by_guid_.try_emplace(extension.guid, i);
    if (!extension.name.empty()) extensions_by_name_.try_emplace(extension.name, i);
    for (const Rule& rule : extension.rules) {
      extension_rules_by_id_.try_emplace(rule.id, Found{&rule, &extension});
    }
  }
}

}  // namespace stored::reports::sarif
