#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "reports/limits.h"
#include "reports/report.h"
#include "reports/result_file.h"
#include "reports/sarif/json/warnings.h"
#include "reports/sarif/location/files.h"
#include "reports/sarif/result/result.h"
#include "reports/sarif/run/run.h"

namespace stored::reports::sarif {

// Makes reports from the results of one run.
class ReportBuilder {
 public:
  struct Built {
    Report report;
    HashBasis hash_basis;
    // OffsetPlace::report is not set.
    std::vector<OffsetPlace> offset_places;
  };

  // All arguments must outlive the builder.
  ReportBuilder(const Run& run, ArtifactFiles& files, CopyBudget& budget, const Limits& limits,
                Warnings& warnings)
      : run_(run), files_(files), budget_(budget), limits_(limits), warnings_(warnings) {}

  // Returns nothing for a result that does not report a problem: one that is gone (baselineState
  // "absent"), or one of kind pass, informational or notApplicable.
  absl::StatusOr<std::optional<Built>> Build(Result result);

  // Warns how many results do not report a problem and how many notes and steps were left out.
  // Results that are absent by their baselineState do not count.
  void Warn() const;

 private:
  void SetSeverity(const Result& result, const Rule* rule, Report& report) const;
  // Returns the level that `result`, its invocation or its rule states.
  std::optional<Level> StatedLevel(const Result& result, const Rule* rule) const;
  absl::Status SetMessage(Message message, const Tool::Found& found, Report& report);
  absl::StatusOr<std::string> Render(Message message, const Tool::Found& found);
  // Returns null, with a warning, if there is no message string with this id.
  const std::string* FindMessageString(std::string_view id, const Tool::Found& found) const;
  absl::Status SetNames(Result& result, const Tool::Found& found, Report& report);
  // Sets `main` to the index of the first of result.locations that has a file. Leaves it empty if
  // the report's file is the analysis target, or if there is no file. REQUIRES: `main` is empty.
  absl::Status SetLocation(const Result& result, Report& report, std::optional<size_t>& main) const;
  // Returns the subject of the finding: its logical locations; if it is in no file and has none,
  // the artifact or else the tool.
  absl::StatusOr<std::string> LogicalLocationOf(const Result& result, bool has_file) const;

  const Run& run_;
  ArtifactFiles& files_;
  CopyBudget& budget_;
  const Limits& limits_;
  Warnings& warnings_;
  uint64_t no_problem_ = 0;
  uint64_t left_out_ = 0;
};

}  // namespace stored::reports::sarif
