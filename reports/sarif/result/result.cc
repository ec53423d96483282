#include "reports/sarif/result/result.h"

#include <fmt/format.h>

#include "base/status.h"
#include "reports/sarif/json/enum_property.h"

namespace stored::reports::sarif {
namespace {

constexpr EnumName<Kind> kKinds[] = {{"fail", Kind::kFail},
                                     {"pass", Kind::kPass},
                                     {"open", Kind::kOpen},
                                     {"review", Kind::kReview},
                                     {"informational", Kind::kInformational},
                                     {"notApplicable", Kind::kNotApplicable}};

// The values of section 3.27.24; true for a result that is absent.
constexpr EnumName<bool> kBaselineStates[] = {
    {"absent", true}, {"new", false}, {"unchanged", false}, {"updated", false}};

absl::Status ReadProperties(const JsonLog& log, JsonValue value, Result& result) {
  return log.ForEachField(value, "properties", [&](std::string_view key, JsonValue field) {
    if (key != "security-severity") return log.Skip(field);
    return ReadSecuritySeverity(log, field, result.security_severity);
  });
}

absl::Status ReadProvenance(const JsonLog& log, JsonValue value, Result& result) {
  return log.ForEachField(value, "provenance", [&](std::string_view key, JsonValue field) {
    if (key != "invocationIndex") return log.Skip(field);
    return log.Read(field, "provenance.invocationIndex", result.invocation_index);
  });
}

// Reads the properties that say where the problem is and how control got there.
absl::Status ReadWhere(const ResultContext& context, std::string_view key, JsonValue field,
                       Result& result) {
  const JsonLog& log = context.log;
  if (key == "locations") {
    return ReadLocations(log, field, key, context.files, result.locations);
  }
  if (key == "relatedLocations") {
    return ReadLocations(log, field, key, context.files, result.related_locations);
  }
  if (key == "codeFlows") return ReadCodeFlows(context, field, result.code_flows);
  if (key == "stacks") return ReadStacks(context, field, result.stacks);
  if (key == "analysisTarget") return ReadArtifactReference(log, field, result.analysis_target);
  return log.Skip(field);
}

// Reads the properties that say what the problem is.
absl::Status ReadWhat(const ResultContext& context, std::string_view key, JsonValue field,
                      Result& result) {
  const JsonLog& log = context.log;
  if (key == "ruleId") return log.Read(field, key, result.rule.id);
  if (key == "ruleIndex") return log.Read(field, key, result.rule.index);
  if (key == "message") return ReadMessage(log, field, result.message);
  if (key == "level") return ReadLevel(log, field, result.level);
  if (key == "rule") return ReadRuleReference(log, field, result.rule);
  if (key == "kind") return ReadEnum(log, field, key, kKinds, result.kind);
  if (key == "baselineState") {
    return ReadEnum(log, field, key, kBaselineStates, result.absent);
  }
  if (key == "suppressions") {
    return log.ForEachElement(field, key, [&](size_t, JsonValue element) {
      return result.suppressions.Read(log, element);
    });
  }
  if (key == "fingerprints") return ReadFingerprints(log, field, result.fingerprints);
  if (key == "partialFingerprints") {
    return ReadFingerprints(log, field, result.partial_fingerprints);
  }
  if (key == "properties") return ReadProperties(log, field, result);
  if (key == "provenance") return ReadProvenance(log, field, result);
  return ReadWhere(context, key, field, result);
}

}  // namespace

absl::Status ReadResult(const ResultContext& context, JsonValue value, Result& result) {
  return context.log.ForEachField(value, "it", [&](std::string_view key, JsonValue field) {
    return ReadWhat(context, key, field, result);
  });
}

}  // namespace stored::reports::sarif
