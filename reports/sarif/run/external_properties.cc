#include "reports/sarif/run/external_properties.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <utility>

#include "absl/strings/ascii.h"

namespace stored::reports::sarif {
namespace {

// Each element is a log in memory; tools write only a few per run.
constexpr size_t kMaxElements = 10'000;

// Returns true for the properties of a run from which reports are made.
bool IsOfUse(std::string_view key) {
  return key == "artifacts" || key == "driver" || key == "extensions" || key == "invocations" ||
         key == "logicalLocations" || key == "results" || key == "threadFlowLocations";
}

// Reads a GUID in lower case: GUIDs compare without regard to case (RFC 4122 section 3).
absl::Status ReadGuid(const JsonLog& log, JsonValue value, std::string& guid) {
  STORED_RETURN_IF_ERROR(log.Read(value, "guid", guid));
  absl::AsciiStrToLower(&guid);
  return absl::OkStatus();
}

// Reads one or several externalPropertyFileReference objects (section 3.15) and appends their
// guids.
absl::Status ReadReferences(const JsonLog& log, JsonValue value, std::vector<std::string>& guids,
                            size_t& references) {
  const auto read_one = [&](JsonValue element) -> absl::Status {
    ++references;
    return log.ForEachField(element, "it", [&](std::string_view key, JsonValue field) {
      return key == "guid" ? ReadGuid(log, field, guids.emplace_back()) : log.Skip(field);
    });
  };
  if (JsonLog::Is(value, JsonType::object)) return read_one(value);
  return log.ForEachElement(value, "it",
                            [&](size_t, JsonValue element) { return read_one(element); });
}

}  // namespace

absl::Status ExternalProperties::Read(const JsonLog& log, JsonValue value) {
  return log.ForEachElement(
      value, "inlineExternalProperties", [&](size_t index, JsonValue element) {
        if (!JsonLog::Is(element, JsonType::object)) {
          log.Warn("it is not an object; it is left out");
          return log.Skip(element);
        }
        if (index >= kMaxElements) {
          return absl::ResourceExhaustedError(
              fmt::format("inlineExternalProperties has more than {} elements", kMaxElements));
        }
        JsonObject object;
        if (const auto error = element.get_object().get(object)) return JsonError(error);
        InlineProperties properties;
        properties.index = index;
        ++element_count_;
        STORED_ASSIGN_OR_RETURN(properties.log, log.OpenObject(object));
        STORED_ASSIGN_OR_RETURN(JsonObject root, properties.log->Root());
        bool of_use = false;
        const JsonLog& own = *properties.log;
        STORED_RETURN_IF_ERROR(own.ForEachField(root, [&](std::string_view key, JsonValue field) {
          if (key == "guid") return ReadGuid(own, field, properties.guid);
          if (key == "runGuid") return ReadGuid(own, field, properties.run_guid);
          of_use |= IsOfUse(key);
          properties.has_results |= key == "results";
          return own.Skip(field);
        }));
        if (!properties.guid.empty()) guids_.insert(properties.guid);
        if (of_use) elements_.push_back(std::move(properties));
        return absl::OkStatus();
      });
}

absl::Status ExternalProperties::ReadRunIdentities(const JsonLog& log, JsonValue runs) {
  return log.ForEachElement(runs, "runs", [&](size_t index, JsonValue element) {
    ++run_count_;
    return log.ForEachField(element, "it", [&](std::string_view key, JsonValue field) {
      if (key == "automationDetails") {
        return log.ForEachField(field, key, [&](std::string_view name, JsonValue part) {
          if (name != "guid") return log.Skip(part);
          std::string guid;
          STORED_RETURN_IF_ERROR(ReadGuid(log, part, guid));
          runs_by_guid_.try_emplace(std::move(guid), index);
          return absl::OkStatus();
        });
      }
      if (key != "externalPropertyFileReferences") return log.Skip(field);
      return log.ForEachField(field, key, [&](std::string_view, JsonValue part) -> absl::Status {
        std::vector<std::string> guids;
        size_t references = 0;
        STORED_RETURN_IF_ERROR(ReadReferences(log, part, guids, references));
        for (std::string& guid : guids) runs_by_reference_.try_emplace(std::move(guid), index);
        return absl::OkStatus();
      });
    });
  });
}

void ExternalProperties::Assign() {
  for (const InlineProperties& element : elements_) of_run_[FindRun(element)].push_back(&element);
}

size_t ExternalProperties::FindRun(const InlineProperties& element) const {
  if (!element.guid.empty()) {
    const auto referring = runs_by_reference_.find(element.guid);
    if (referring != runs_by_reference_.end()) return referring->second;
  }
  if (!element.run_guid.empty()) {
    const auto named = runs_by_guid_.find(element.run_guid);
    if (named != runs_by_guid_.end()) return named->second;
  }
  if (run_count_ == 1) return 0;
  // If runs have guids, an element whose run_guid is none of them belongs to another log's run.
  const bool by_index = element.run_guid.empty() || runs_by_guid_.empty();
  return by_index && run_count_ == element_count_ ? element.index : run_count_;
}

const std::vector<const InlineProperties*>& ExternalProperties::OfRun(size_t run) const {
  static const std::vector<const InlineProperties*> none;
  const auto found = of_run_.find(run);
  return found == of_run_.end() ? none : found->second;
}

bool ExternalProperties::AllHere(const std::vector<std::string>& guids, size_t references) const {
  return guids.size() == references &&
         std::all_of(guids.begin(), guids.end(),
                     [this](const std::string& guid) { return guids_.contains(guid); });
}

absl::Status ExternalProperties::CheckReferences(const JsonLog& log, JsonValue value) const {
  return log.ForEachField(
      value, "externalPropertyFileReferences",
      [&](std::string_view key, JsonValue field) -> absl::Status {
        std::vector<std::string> guids;
        size_t references = 0;
        STORED_RETURN_IF_ERROR(ReadReferences(log, field, guids, references));
        if (AllHere(guids, references) || !IsOfUse(key)) return absl::OkStatus();
        if (key == "results") {
          return absl::InvalidArgumentError(
              "externalPropertyFileReferences.results: the results are in other files, which are "
              "not read; have the tool write one self-contained log");
        }
        log.Warn(fmt::format("the {} of this run are in a file of their own, which is not read",
                             key == "driver" ? "rules" : key));
        return absl::OkStatus();
      });
}

}  // namespace stored::reports::sarif
