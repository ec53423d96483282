#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "reports/limits.h"
#include "reports/report.h"
#include "reports/sarif/json/json.h"
#include "reports/sarif/json/string_map.h"
#include "reports/sarif/json/warnings.h"
#include "reports/sarif/result/message.h"

namespace stored::reports::sarif {

// The level of a result, or the one a rule defines for its results (SARIF sections 3.27.10 and
// 3.50.3).
enum class Level { kNone, kNote, kWarning, kError };

// Reads a level. Leaves `level` unchanged, with a warning, if SARIF does not define the value.
// "Error" is read as "error", with a warning.
absl::Status ReadLevel(const JsonLog& log, JsonValue value, std::optional<Level>& level);
Severity SeverityOf(Level level);

// Reads GitHub's security-severity, a CVSS score in the properties of a rule or a result, written
// as a number or a string. Leaves `score` unchanged, with a warning, unless the value is from 0 to
// 10.
absl::Status ReadSecuritySeverity(const JsonLog& log, JsonValue value,
                                  std::optional<double>& score);
// Returns nothing for 0, which means that the score is not known.
std::optional<Severity> SeverityOfScore(double score);

// A reportingDescriptor among a component's rules (section 3.49).
struct Rule {
  std::string id;
  std::string name;
  std::string short_description;
  std::string full_description;
  // properties.category if the tool writes one, else the first of its tags (section 3.8.2).
  std::string category;
  std::optional<Level> level;
  std::optional<double> security_severity;
  MessageStrings messages;
};

// The driver or an extension (section 3.19).
struct ToolComponent {
  std::string name;
  std::string version;
  std::string guid;
  std::vector<Rule> rules;
  StringMap<uint32_t> rules_by_id;
  StringMap<uint32_t> rules_by_guid;
  MessageStrings messages;
};

// Names a component (a toolComponentReference, section 3.54).
struct ComponentReference {
  int64_t index = -1;
  std::string name;
  std::string guid;
};

// Names a rule (a reportingDescriptorReference, section 3.52).
struct RuleReference {
  std::string id;
  int64_t index = -1;
  std::string guid;
  // The driver if absent.
  std::optional<ComponentReference> component;
};

absl::Status ReadRuleReference(const JsonLog& log, JsonValue value, RuleReference& reference);

// The tool that ran (section 3.18). Not copyable, because it points into itself.
class Tool {
 public:
  Tool() = default;
  Tool(const Tool&) = delete;
  Tool& operator=(const Tool&) = delete;

  // Each of these adds to the properties read before.
  absl::Status Read(const JsonLog& log, JsonValue value);
  absl::Status ReadDriver(const JsonLog& log, JsonValue value);
  absl::Status ReadExtensions(const JsonLog& log, JsonValue value);
  // Must be called after the last of these and before the first Find().
  void IndexExtensions();

  ToolComponent& driver() { return driver_; }
  const ToolComponent& driver() const { return driver_; }

  struct Found {
    // Null if the log does not describe the rule.
    const Rule* rule = nullptr;
    const ToolComponent* component = nullptr;
  };
  // Returns the rule that `reference` names (section 3.52.3): by index, else by guid, else by id,
  // where the rule's id is equal to the reference's or a leading part of it ("CA2101" of
  // "CA2101/1", section 3.27.5). Warns about an index or guid that does not exist, and then tries
  // the next way.
  Found Find(const RuleReference& reference, Warnings& warnings) const;

 private:
  // Returns null if `reference` names a component that does not exist.
  const ToolComponent* FindComponent(const std::optional<ComponentReference>& reference,
                                     Warnings& warnings) const;

  ToolComponent driver_;
  std::vector<ToolComponent> extensions_;
  // Indices in extensions_.
  StringMap<size_t> extensions_by_guid_;
  StringMap<size_t> extensions_by_name_;
  // For references to rules of extensions that do not name their component.
  StringMap<Found> extension_rules_by_id_;
};

}  // namespace stored::reports::sarif
