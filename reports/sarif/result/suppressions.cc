#include "reports/sarif/result/suppressions.h"

#include <fmt/format.h>

#include <utility>

#include "reports/sarif/json/enum_property.h"

namespace stored::reports::sarif {
namespace {

enum class Status { kAccepted, kRejected, kUndecided };

constexpr EnumName<Status> kStatuses[] = {{"accepted", Status::kAccepted},
                                          {"rejected", Status::kRejected},
                                          {"underReview", Status::kUndecided}};
constexpr EnumName<bool> kSuppressionKinds[] = {{"inSource", true}, {"external", false}};

}  // namespace

absl::Status Suppressions::Read(const JsonLog& log, JsonValue value) {
  if (!JsonLog::Is(value, JsonType::object)) {
    log.Warn("a suppression is not an object; it is left out");
    return log.Skip(value);
  }
  // Section 3.35.3: a suppression without a status is accepted.
  Status status = Status::kAccepted;
  bool in_source = false;
  std::string justification;
  STORED_RETURN_IF_ERROR(
      log.ForEachField(value, "it", [&](std::string_view key, JsonValue field) -> absl::Status {
        if (key == "justification") return log.Read(field, key, justification);
        if (key == "kind") return ReadEnum(log, field, key, kSuppressionKinds, in_source);
        if (key != "status") return log.Skip(field);
        // An unknown status must not hide a finding.
        status = Status::kUndecided;
        return ReadEnum(log, field, key, kStatuses, status);
      }));
  if (status == Status::kUndecided) {
    undecided_ = true;
    return absl::OkStatus();
  }
  Statement& statement = status == Status::kAccepted ? accepted_ : rejected_;
  statement.any = true;
  statement.in_source |= in_source;
  if (statement.justification.empty()) statement.justification = std::move(justification);
  return absl::OkStatus();
}

Review Suppressions::ToReview(std::string_view tool) && {
  if (undecided_ || accepted_.any == rejected_.any) return {};
  if (accepted_.any) {
    return {ReviewStatus::kFalsePositive, std::move(accepted_.justification), accepted_.in_source};
  }
  const bool by_codechecker = tool == "CodeChecker" || tool == "report-converter";
  if (!rejected_.in_source && !by_codechecker) return {};
  return {ReviewStatus::kConfirmed, std::move(rejected_.justification), rejected_.in_source};
}

}  // namespace stored::reports::sarif
