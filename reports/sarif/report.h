#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "reports/limits.h"
#include "reports/report.h"
#include "reports/result_file.h"
#include "reports/sarif/files.h"
#include "reports/sarif/result.h"
#include "reports/sarif/run.h"
#include "reports/sarif/warnings.h"

namespace stored::reports::sarif {

// Makes reports of the results of one run.
class ReportBuilder {
 public:
  struct Built {
    Report report;
    HashBasis hash_basis;
  };

  // All of it outlives the builder.
  ReportBuilder(const Run& run, ArtifactFiles& files, CopyBudget& budget, const Limits& limits,
                Warnings& warnings)
      : run_(run), files_(files), budget_(budget), limits_(limits), warnings_(warnings) {}

  // Nothing for a result that is no finding: not of this run any more (baselineState "absent"), of
  // a kind that reports no problem (pass, informational, notApplicable), or in no file.
  absl::StatusOr<std::optional<Built>> Build(Result result);

  // Says how many results were left out, where there is more to it than the baseline.
  void Warn() const;

 private:
  void SetSeverity(const Result& result, const Rule* rule, Report& report) const;
  // The level that `result`, its invocation or its rule states.
  std::optional<Level> StatedLevel(const Result& result, const Rule* rule) const;
  absl::Status SetMessage(Message message, const Tool::Found& found, Report& report);
  absl::StatusOr<std::string> Render(Message message, const Tool::Found& found);
  // Null, with a warning, when there is none of this id.
  const std::string* FindMessageString(std::string_view id, const Tool::Found& found) const;
  absl::Status SetNames(Result& result, const Tool::Found& found, Report& report);
  // Index into result.locations of the first that has a file; nothing when the analysis target is
  // all there is, or not even that.
  absl::StatusOr<bool> SetLocation(const Result& result, Report& report,
                                   std::optional<size_t>& main) const;
  absl::Status SetBugPath(Result& result, std::optional<size_t> main, const Tool::Found& found,
                          Report& report);
  absl::Status AddEvent(LogLocation& location, int32_t depth, const Tool::Found& found,
                        std::vector<BugPathEvent>& events);
  absl::Status AddFlow(Result& result, const Tool::Found& found, BugPath& bug_path);
  absl::Status AddStack(Result& result, const Tool::Found& found, BugPath& bug_path);

  const Run& run_;
  ArtifactFiles& files_;
  CopyBudget& budget_;
  const Limits& limits_;
  Warnings& warnings_;
  uint64_t no_problem_ = 0;
  uint64_t no_file_ = 0;
};

}  // namespace stored::reports::sarif
