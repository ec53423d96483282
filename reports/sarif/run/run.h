#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "reports/limits.h"
#include "reports/report.h"
#include "reports/sarif/json/json.h"
#include "reports/sarif/json/warnings.h"
#include "reports/sarif/location/logical.h"
#include "reports/sarif/location/uri.h"
#include "reports/sarif/run/external_properties.h"
#include "reports/sarif/run/tool.h"
#include "reports/text_index.h"

namespace stored::reports::sarif {

// A reference to an artifact (an artifactLocation, SARIF section 3.4).
struct ArtifactReference {
  std::string uri;
  std::string uri_base_id;
  int64_t index = -1;
  // Text for people.
  std::string description;

  bool empty() const { return uri.empty() && index < 0; }
};

absl::Status ReadArtifactReference(const JsonLog& log, JsonValue value,
                                   ArtifactReference& reference);

// One of a run's artifacts (section 3.24).
struct Artifact {
  ArtifactReference location;
  // The index of the artifact that it is nested in; -1 if it is not nested.
  int64_t parent_index = -1;
  // Text for people.
  std::string description;
  // The content if the log embeds it: as text, or as all its bytes in Base64.
  std::optional<std::string> content;
  bool content_is_base64 = false;
};

// One of a run's invocations (section 3.20).
struct Invocation {
  struct LevelOverride {
    RuleReference rule;
    Level level;
  };
  std::vector<std::string> command;
  ArtifactReference working_directory;
  // In seconds since the Unix epoch; 0 if unknown.
  double begin_time = 0;
  double end_time = 0;
  std::vector<LevelOverride> overrides;
  // Levels by rule, set when the tool has been read.
  absl::flat_hash_map<const Rule*, Level> levels;
};

// The properties of a run, to which its results refer: all but `results`, which may come before or
// after them (section 3.14).
class Run {
 public:
  // `external` says which parts of the run the log has elsewhere. Only Read() uses it.
  explicit Run(const ExternalProperties& external) : external_(external) {}

  // Reads every property but `results` and `threadFlowLocations` of a run object or of external
  // properties. Each call adds to the properties read before.
  absl::Status Read(const JsonLog& log, JsonObject& object);
  // Must be called after the last Read().
  absl::Status Finish(const Limits& limits, Warnings& warnings);

  const Tool& tool() const { return tool_; }
  const UriBases& bases() const { return bases_; }
  const std::vector<Artifact>& artifacts() const { return artifacts_; }
  std::vector<Artifact>& artifacts() { return artifacts_; }
  const std::vector<Invocation>& invocations() const { return invocations_; }
  const LogicalLocations& logical_locations() const { return logical_locations_; }
  // Returns the unit that columns and offsets in characters count (section 3.14.27).
  TextUnit column_unit() const { return column_unit_; }
  bool has_results() const { return has_results_; }
  bool has_thread_flow_locations() const { return has_thread_flow_locations_; }

  // Returns the record of the analysis. Its analyzer lists no checkers: most logs list only the
  // rules that found something, so an absent rule does not mean that the rule was disabled (section
  // 3.19.23).
  Analysis ToAnalysis(const Limits& limits) const;

 private:
  absl::Status ReadField(const JsonLog& log, std::string_view key, JsonValue value);
  absl::Status ReadArtifacts(const JsonLog& log, JsonValue value);
  absl::Status ReadBases(const JsonLog& log, JsonValue value);
  absl::Status ReadInvocations(const JsonLog& log, JsonValue value);
  void FindOverriddenRules(Warnings& warnings);

  const ExternalProperties& external_;
  Tool tool_;
  UriBases bases_;
  std::vector<Artifact> artifacts_;
  std::vector<Invocation> invocations_;
  LogicalLocations logical_locations_;
  TextUnit column_unit_ = TextUnit::kUtf16CodeUnit;
  bool has_results_ = false;
  bool has_thread_flow_locations_ = false;
};

}  // namespace stored::reports::sarif
