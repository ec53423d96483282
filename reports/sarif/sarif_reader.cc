#include "reports/sarif/sarif_reader.h"

#include <fmt/format.h>

#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "base/status.h"
#include "reports/sarif/files.h"
#include "reports/sarif/json.h"
#include "reports/sarif/report.h"
#include "reports/sarif/result.h"
#include "reports/sarif/run.h"
#include "reports/sarif/warnings.h"

namespace stored::reports {
namespace {

using sarif::JsonLog;
using sarif::JsonObject;
using sarif::JsonValue;

// Reads one log, run by run. The properties of an object come in any order, and results refer to
// most of the others; so a run is walked twice: everything but its results, then those.
class SarifReader {
 public:
  SarifReader(JsonLog& log, const std::string& name, const std::stop_token& stop,
              ResultParts* parts)
      : log_(log),
        limits_(log.limits()),
        name_(name),
        stop_(stop),
        parts_(parts),
        budget_(log.size()) {}

  absl::Status Read(JsonObject root) {
    STORED_RETURN_IF_ERROR(log_.ForEachField(
        root, [&](std::string_view key, JsonValue value) { return ReadField(key, value); }));
    if (!has_version_) return absl::InvalidArgumentError("not SARIF: it has no \"version\"");
    if (!has_runs_) return absl::InvalidArgumentError("not SARIF: it has no \"runs\"");
    return absl::OkStatus();
  }

  // What no part has had yet.
  ResultFile TakeLast() && {
    ResultFile last = TakePart();
    warnings_.SetPrefix(name_ + ": ");
    last.warnings = std::move(warnings_).Take();
    return last;
  }

 private:
  absl::Status ReadField(std::string_view key, JsonValue value) {
    warnings_.SetPrefix(name_ + ": ");
    if (key == "version") return ReadVersion(value);
    if (key == "runs") {
      has_runs_ = true;
      if (parts_ != nullptr && log_.CountElements(value) != 1) parts_ = nullptr;
      return log_.ForEachElement(value, "runs", [&](size_t index, JsonValue element) {
        const std::string where = fmt::format("runs[{}]", index);
        warnings_.SetPrefix(fmt::format("{}: {}: ", name_, where));
        return Annotate(ReadRun(element), where);
      });
    }
    if (key == "inlineExternalProperties") {
      warnings_.Add("inlineExternalProperties are not read");
    }
    return log_.Skip(value);
  }

  absl::Status ReadVersion(JsonValue value) {
    std::string scratch;
    STORED_ASSIGN_OR_RETURN(const std::string_view version, log_.View(value, "version", scratch));
    has_version_ = true;
    if (version == "2.1.0") return absl::OkStatus();
    return absl::InvalidArgumentError(
        fmt::format("it is SARIF \"{}\"; only 2.1.0 is read", version.substr(0, 100)));
  }

  absl::Status ReadRun(JsonValue value) {
    JsonObject object;
    if (const auto error = value.get_object().get(object)) {
      return sarif::TypeError(error, "it", "an object");
    }
    sarif::Run run;
    STORED_RETURN_IF_ERROR(run.Read(log_, object, warnings_));
    part_.analyses.push_back(run.ToAnalysis(limits_));
    if (!run.has_results()) {
      // Section 3.14.23: null (ForEachField takes it for absent) is not the same as none.
      warnings_.Add("it has no results: the tool did not get as far as to produce any");
      return absl::OkStatus();
    }
    sarif::ArtifactFiles files(run, table_, budget_, limits_);
    STORED_RETURN_IF_ERROR(files.IndexContents(warnings_));
    sarif::ResultContext context{log_, files, budget_};
    std::vector<sarif::FlowStep> steps;
    if (run.has_thread_flow_locations()) {
      STORED_RETURN_IF_ERROR(ReadSteps(context, object, steps));
    }
    context.cached_steps = &steps;
    return ReadResults(context, run, object);
  }

  // The run's threadFlowLocations (section 3.14.19).
  absl::Status ReadSteps(const sarif::ResultContext& context, JsonObject& object,
                         std::vector<sarif::FlowStep>& steps) {
    STORED_RETURN_IF_ERROR(Rewind(object));
    return log_.ForEachField(object, [&](std::string_view key, JsonValue field) {
      // Another field's value is passed over when it is not read; it has been looked at before.
      if (key != "threadFlowLocations") return absl::OkStatus();
      return log_.ForEachElement(field, key, [&](size_t, JsonValue element) {
        return sarif::ReadFlowStep(context, element, steps.emplace_back());
      });
    });
  }

  absl::Status ReadResults(const sarif::ResultContext& context, const sarif::Run& run,
                           JsonObject& object) {
    sarif::ReportBuilder builder(run, context.files, budget_, limits_);
    STORED_RETURN_IF_ERROR(Rewind(object));
    STORED_RETURN_IF_ERROR(log_.ForEachField(object, [&](std::string_view key, JsonValue field) {
      if (key != "results") return absl::OkStatus();
      return log_.ForEachElement(field, key, [&](size_t index, JsonValue element) {
        const absl::Status status = AddResult(context, builder, element);
        return status.ok() ? status : Annotate(status, fmt::format("results[{}]", index));
      });
    }));
    builder.Warn(warnings_);
    return absl::OkStatus();
  }

  absl::Status AddResult(const sarif::ResultContext& context, sarif::ReportBuilder& builder,
                         JsonValue value) {
    if (stop_.stop_requested()) return absl::CancelledError("cancelled");
    sarif::Result result;
    STORED_RETURN_IF_ERROR(sarif::ReadResult(context, value, result));
    STORED_ASSIGN_OR_RETURN(auto built, builder.Build(std::move(result)));
    if (!built.has_value()) return absl::OkStatus();
    needs_hashes_ |= built->report.report_hash.empty();
    part_.reports.push_back(std::move(built->report));
    part_.hash_bases.push_back(std::move(built->hash_basis));
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
    return std::exchange(part_, {});
  }

  static absl::Status Rewind(JsonObject& object) {
    if (const auto error = object.reset().error()) return sarif::JsonError(error);
    return absl::OkStatus();
  }

  JsonLog& log_;
  const Limits& limits_;
  const std::string& name_;
  const std::stop_token& stop_;
  // Null when there are to be none.
  ResultParts* parts_;
  sarif::CopyBudget budget_;
  sarif::FileTable table_;
  sarif::Warnings warnings_;
  bool has_version_ = false;
  bool has_runs_ = false;
  // What was read since the last part was handed on, and where in the log that was.
  ResultFile part_;
  size_t part_begin_ = 0;
  // Whether a report of it has no hash.
  bool needs_hashes_ = false;
};

absl::StatusOr<ResultFile> Read(std::string bytes, const std::string& name, const Limits& limits,
                                const std::stop_token& stop, ResultParts* parts) {
  STORED_ASSIGN_OR_RETURN(const std::unique_ptr<JsonLog> log,
                          JsonLog::Open(std::move(bytes), limits));
  if (stop.stop_requested()) return absl::CancelledError("cancelled");
  STORED_ASSIGN_OR_RETURN(const JsonObject root, log->Root());
  SarifReader reader(*log, name, stop, parts);
  STORED_RETURN_IF_ERROR(reader.Read(root));
  STORED_RETURN_IF_ERROR(log->CheckEnd());
  return std::move(reader).TakeLast();
}

}  // namespace

absl::StatusOr<ResultFile> ReadSarif(std::string bytes, const std::string& name,
                                     const Limits& limits, const std::stop_token& stop,
                                     ResultParts* parts) {
  auto file = Read(std::move(bytes), name, limits, stop, parts);
  if (!file.ok()) return Annotate(file.status(), name);
  return file;
}

}  // namespace stored::reports
