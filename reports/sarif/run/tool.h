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

// Of a result, and what a rule says of its results (SARIF sections 3.27.10 and 3.50.3).
enum class Level { kNone, kNote, kWarning, kError };

// Leaves `level` as it is, with a warning, for a word that SARIF does not define. "Error" is
// "error", with a warning too.
absl::Status ReadLevel(const JsonLog& log, JsonValue value, std::optional<Level>& level);
Severity SeverityOf(Level level);

// GitHub's security-severity, a CVSS score in the properties of a rule or a result, written as a
// number or a string. Leaves `score` as it is, with a warning, unless that is from 0 to 10.
absl::Status ReadSecuritySeverity(const JsonLog& log, JsonValue value,
                                  std::optional<double>& score);
// Nothing for 0, which is no statement.
std::optional<Severity> SeverityOfScore(double score);

// A reportingDescriptor among a component's rules (section 3.49).
struct Rule {
  std::string id;
  std::string name;
  std::string short_description;
  std::string full_description;
  // properties.category where the tool writes one, else the first of its tags (section 3.8.2).
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
  // Nothing is the driver.
  std::optional<ComponentReference> component;
};

absl::Status ReadRuleReference(const JsonLog& log, JsonValue value, RuleReference& reference);

// What ran (section 3.18). Not to be copied: it points into itself.
class Tool {
 public:
  Tool() = default;
  Tool(const Tool&) = delete;
  Tool& operator=(const Tool&) = delete;

  // Each adds to what was there.
  absl::Status Read(const JsonLog& log, JsonValue value);
  absl::Status ReadDriver(const JsonLog& log, JsonValue value);
  absl::Status ReadExtensions(const JsonLog& log, JsonValue value);
  // Must come between the last of these and the first Find().
  void IndexExtensions();

  ToolComponent& driver() { return driver_; }
  const ToolComponent& driver() const { return driver_; }

  struct Found {
    // Null when the log does not describe it.
    const Rule* rule = nullptr;
    const ToolComponent* component = nullptr;
  };
  // The rule that `reference` names (section 3.52.3): by index, by guid, or by an id of which the
  // rule's is equal or a leading part ("CA2101" of "CA2101/1", section 3.27.5). What is not there
  // is a warning, and the next of these is tried.
  Found Find(const RuleReference& reference, Warnings& warnings) const;

 private:
  // Null when the reference is to a component that is not there.
  const ToolComponent* FindComponent(const std::optional<ComponentReference>& reference,
                                     Warnings& warnings) const;

  ToolComponent driver_;
  std::vector<ToolComponent> extensions_;
  // Places in extensions_.
  StringMap<size_t> extensions_by_guid_;
  StringMap<size_t> extensions_by_name_;
  // For a rule that is not the driver's and whose component is not named.
  StringMap<Found> extension_rules_by_id_;
};

}  // namespace stored::reports::sarif
