#include "reports/sarif/sarif_reader.h"

#include <fmt/format.h>

#include <memory>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "base/status.h"
#include "base/text/text.h"
#include "reports/sarif/json/json.h"
#include "reports/sarif/json/place.h"
#include "reports/sarif/json/warnings.h"
#include "reports/sarif/location/files.h"
#include "reports/sarif/result/report_builder.h"
#include "reports/sarif/result/result.h"
#include "reports/sarif/run/external_properties.h"
#include "reports/sarif/run/run.h"

namespace stored::reports {
namespace {

using sarif::JsonLog;
using sarif::JsonObject;
using sarif::JsonType;
using sarif::JsonValue;

// A run object, or external properties of the run, with the log that contains it.
struct RunPart {
  const JsonLog& log;
  JsonObject object;
  // The index of the external properties; absent for the run itself.
  std::optional<size_t> inline_index;
};

// Reads one log, run by run. The properties of an object come in any order, and results refer to
// most of the others; so a run is walked twice: first everything but its results, then the results.
class SarifReader {
 public:
  SarifReader(JsonLog& log, const Cancellation& stop, ResultParts* parts)
      : log_(log),
        limits_(log.limits()),
        warnings_(log.warnings()),
        stop_(stop),
        parts_(parts),
        budget_(log.size()) {}

  absl::Status Read() {
    // The version is checked first, because an older one has another shape and would fail with a
    // misleading error.
    STORED_RETURN_IF_ERROR(CheckVersion());
    STORED_RETURN_IF_ERROR(ReadExternal());
    if (stop_.Requested()) return absl::CancelledError("cancelled");
    STORED_ASSIGN_OR_RETURN(JsonObject root, log_.Root());
    bool runs_are_null = false;
    STORED_RETURN_IF_ERROR(
        log_.ForEachField<true>(root, [&](std::string_view key, JsonValue value) {
          if (key != "runs") return log_.Skip(value);
          runs_are_null = JsonLog::Is(value, JsonType::null);
          return runs_are_null ? absl::OkStatus() : ReadRuns(value);
        }));
    if (runs_are_null && !has_runs_) {
      // Section 3.13.4 allows null.
      warnings_.Add(
          "runs is null: the tool failed before it had a run; the log is stored as empty");
    } else if (!has_runs_) {
      return absl::InvalidArgumentError("not SARIF: it has no \"runs\"");
    }
    return ReadRunsOfTheirOwn();
  }

  // Returns what was read since the last part.
  ResultFile TakeLast() && {
    ResultFile last = TakePart();
    last.warnings = std::move(warnings_).Take();
    return last;
  }

 private:
  // Reads up to the version, which is usually the first or second property.
  absl::Status CheckVersion() {
    STORED_ASSIGN_OR_RETURN(JsonObject root, log_.Root());
    bool found = false;
    const absl::Status status =
        log_.ForEachField(root, [&](std::string_view key, JsonValue value) -> absl::Status {
          if (key != "version") return absl::OkStatus();
          found = true;
          if (!JsonLog::Is(value, JsonType::string)) {
            return absl::InvalidArgumentError("version is not a string");
          }
          std::string scratch;
          STORED_ASSIGN_OR_RETURN(const std::string_view version, log_.View(value, key, scratch));
          // Ends the walk over the properties; the error is not returned.
          if (version == "2.1.0") return absl::CancelledError("");
          return absl::InvalidArgumentError(
              fmt::format("it is SARIF \"{}\"; only 2.1.0 is read", Utf8Prefix(version, 100)));
        });
    if (found) return absl::IsCancelled(status) ? absl::OkStatus() : status;
    STORED_RETURN_IF_ERROR(status);
    return absl::InvalidArgumentError("not SARIF: it has no \"version\"");
  }

  // Reads inlineExternalProperties, which few logs have and which may come after the runs.
  absl::Status ReadExternal() {
    constexpr std::string_view kKey = "inlineExternalProperties";
    if (!log_.Contains(kKey)) return absl::OkStatus();
    STORED_ASSIGN_OR_RETURN(JsonObject root, log_.Root());
    STORED_RETURN_IF_ERROR(log_.ForEachField(root, [&](std::string_view key, JsonValue value) {
      if (key == "runs") return external_.ReadRunIdentities(log_, value);
      return key == kKey ? external_.Read(log_, value) : log_.Skip(value);
    }));
    external_.Assign();
    // A part must be a contiguous piece of the log's text.
    if (!external_.empty()) parts_ = nullptr;
    return absl::OkStatus();
  }

  absl::Status ReadRuns(JsonValue value) {
    if (!JsonLog::Is(value, JsonType::array)) {
      return absl::InvalidArgumentError("runs is not an array");
    }
    has_runs_ = true;
    if (parts_ != nullptr && JsonLog::CountElements(value) != 1) parts_ = nullptr;
    return log_.ForEachElement(value, "runs", [&](size_t index, JsonValue element) {
      return Annotate(ReadRunAt(index, element), fmt::format("runs[{}]", index));
    });
  }

  absl::Status ReadRunAt(size_t index, JsonValue value) {
    if (JsonLog::Is(value, JsonType::null)) {
      warnings_.Add(fmt::format("runs[{}] is null: the tool failed before it had a run", index));
      return log_.Skip(value);
    }
    if (!JsonLog::Is(value, JsonType::object)) {
      return absl::InvalidArgumentError("it is not an object");
    }
    std::vector<RunPart> parts;
    JsonObject object;
    if (const auto error = value.get_object().get(object)) return sarif::JsonError(error);
    parts.push_back({log_, object, std::nullopt});
    STORED_RETURN_IF_ERROR(AddParts(external_.OfRun(index), parts));
    return ReadRun(parts);
  }

  // Reads external properties whose run cannot be determined, if they have results: each as a run.
  absl::Status ReadRunsOfTheirOwn() {
    for (const sarif::InlineProperties* properties : external_.OfNoRun()) {
      if (!properties->has_results) continue;
      warnings_.Add(fmt::format(
          "inlineExternalProperties[{}] does not say which run it is of; its results are stored as "
          "those of a run of its own",
          properties->index));
      std::vector<RunPart> parts;
      STORED_RETURN_IF_ERROR(AddParts({properties}, parts));
      STORED_RETURN_IF_ERROR(ReadRun(parts));
    }
    return absl::OkStatus();
  }

  static absl::Status AddParts(const std::vector<const sarif::InlineProperties*>& external,
                               std::vector<RunPart>& parts) {
    for (const sarif::InlineProperties* properties : external) {
      STORED_ASSIGN_OR_RETURN(const JsonObject root, properties->log->Root());
      parts.push_back({*properties->log, root, properties->index});
    }
    return absl::OkStatus();
  }

  // Calls f(part) for each part, with the warnings' place set to that of the part.
  template <typename F>
  absl::Status ForEachPart(std::vector<RunPart>& parts, F&& f) {
    for (RunPart& part : parts) {
      if (!part.inline_index.has_value()) {
        STORED_RETURN_IF_ERROR(f(part));
        continue;
      }
      const sarif::Place::Detour detour(warnings_.place(), "inlineExternalProperties",
                                        *part.inline_index);
      STORED_RETURN_IF_ERROR(f(part));
    }
    return absl::OkStatus();
  }

  absl::Status ReadRun(std::vector<RunPart>& parts) {
    sarif::Run run(external_);
    STORED_RETURN_IF_ERROR(
        ForEachPart(parts, [&](RunPart& part) { return run.Read(part.log, part.object); }));
    STORED_RETURN_IF_ERROR(run.Finish(limits_, warnings_));
    part_.analyses.push_back(run.ToAnalysis(limits_));
    if (!run.has_results()) {
      // Section 3.14.23: null (which ForEachField treats as absent) differs from an empty array.
      warnings_.Add("it has no results: the tool stopped before it produced any");
      return absl::OkStatus();
    }
    sarif::ArtifactFiles files(run, table_, budget_, limits_, warnings_);
    STORED_RETURN_IF_ERROR(files.IndexContents());
    std::vector<sarif::FlowStep> steps;
    if (run.has_thread_flow_locations()) {
      STORED_RETURN_IF_ERROR(
          ForEachPart(parts, [&](RunPart& part) { return ReadSteps(files, part, steps); }));
    }
    sarif::ReportBuilder builder(run, files, budget_, limits_, warnings_);
    STORED_RETURN_IF_ERROR(ForEachPart(parts, [&](RunPart& part) {
      return ReadResults({part.log, files, budget_, &steps}, builder, part.object);
    }));
    builder.Warn();
    return absl::OkStatus();
  }

  // Reads the run's threadFlowLocations (section 3.14.19).
  absl::Status ReadSteps(sarif::ArtifactFiles& files, RunPart& part,
                         std::vector<sarif::FlowStep>& steps) {
    const JsonLog& log = part.log;
    const sarif::ResultContext context{log, files, budget_};
    STORED_RETURN_IF_ERROR(Rewind(part.object));
    return log.ForEachField(part.object, [&](std::string_view key, JsonValue field) {
      // The values of other fields are skipped; an earlier walk has checked them.
      if (key != "threadFlowLocations") return absl::OkStatus();
      return log.ForEachElement(field, key, [&](size_t, JsonValue element) {
        return sarif::ReadFlowStep(context, element, steps.emplace_back());
      });
    });
  }

  absl::Status ReadResults(const sarif::ResultContext& context, sarif::ReportBuilder& builder,
                           JsonObject& object) {
    STORED_RETURN_IF_ERROR(Rewind(object));
    return context.log.ForEachField(object, [&](std::string_view key, JsonValue field) {
      if (key != "results") return absl::OkStatus();
      return context.log.ForEachElement(field, key, [&](size_t index, JsonValue element) {
        const absl::Status status = AddResult(context, builder, element);
        return status.ok() ? status : Annotate(status, fmt::format("results[{}]", index));
      });
    });
  }

  absl::Status AddResult(const sarif::ResultContext& context, sarif::ReportBuilder& builder,
                         JsonValue value) {
    if (stop_.Requested()) return absl::CancelledError("cancelled");
    if (!JsonLog::Is(value, JsonType::object)) {
      context.log.Warn("it is not an object and cannot be a result; it is left out");
      return context.log.Skip(value);
    }
    sarif::Result result;
    STORED_RETURN_IF_ERROR(sarif::ReadResult(context, value, result));
    STORED_ASSIGN_OR_RETURN(auto built, builder.Build(std::move(result)));
    if (!built.has_value()) return absl::OkStatus();
    needs_hashes_ |= built->report.report_hash.empty();
    part_.reports.push_back(std::move(built->report));
    part_.hash_bases.push_back(std::move(built->hash_basis));
    for (OffsetPlace& place : built->offset_places) {
      place.report = part_.reports.size() - 1;
      part_.offset_places.push_back(place);
    }
    return parts_ == nullptr ? absl::OkStatus() : HandOnWhenDue();
  }

  absl::Status HandOnWhenDue() {
    const size_t bytes = log_.Position() - part_begin_;
    if (bytes < parts_->PartBytes()) return absl::OkStatus();
    part_begin_ += bytes;
    return parts_->Take(TakePart(), bytes);
  }

  ResultFile TakePart() {
    if (!std::exchange(needs_hashes_, false)) part_.hash_bases.clear();
    part_.files = table_.TakeNew();
    part_.context_tells_apart = true;
    return std::exchange(part_, {});
  }

  static absl::Status Rewind(JsonObject& object) {
    if (const auto error = object.reset().error()) return sarif::JsonError(error);
    return absl::OkStatus();
  }

  JsonLog& log_;
  const Limits& limits_;
  sarif::Warnings& warnings_;
  const Cancellation& stop_;
  // Null if the log is not handed on in parts.
  ResultParts* parts_;
  sarif::CopyBudget budget_;
  sarif::FileTable table_;
  sarif::ExternalProperties external_;
  bool has_runs_ = false;
  // The results since the last part, and the place in the log at which they begin.
  ResultFile part_;
  size_t part_begin_ = 0;
  // True if a report of part_ has no hash.
  bool needs_hashes_ = false;
};

absl::StatusOr<ResultFile> Read(std::string bytes, const std::string& name, const Limits& limits,
                                const Cancellation& stop, ResultParts* parts) {
  sarif::Warnings warnings(name);
  STORED_ASSIGN_OR_RETURN(const std::unique_ptr<JsonLog> log,
                          JsonLog::Open(std::move(bytes), limits, warnings));
  if (stop.Requested()) return absl::CancelledError("cancelled");
  SarifReader reader(*log, stop, parts);
  absl::Status status = reader.Read();
  if (status.ok()) status = log->CheckEnd();
  if (!status.ok()) return log->Locate(std::move(status));
  return std::move(reader).TakeLast();
}

}  // namespace

absl::StatusOr<ResultFile> ReadSarif(std::string bytes, const std::string& name,
                                     const Limits& limits, const Cancellation& stop,
                                     ResultParts* parts) {
  auto file = Read(std::move(bytes), name, limits, stop, parts);
  if (!file.ok()) return Annotate(file.status(), name);
  return file;
}

}  // namespace stored::reports
