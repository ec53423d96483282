#pragma once

#include <string_view>

#include "reports/report.h"

namespace stored::storage {

// A report's severity as its format states it, which is what is stored.
struct FormatSeverity {
  // kUnspecified where the format says nothing.
  reports::Severity severity = reports::Severity::kUnspecified;
  // Report::severity_is_default.
  bool is_default = false;
};

// Decides how severe a report is, whenever that is asked: what is stored is only what its format
// says. So a better table of checkers is good for old reports too. Safe for concurrent use.
class SeverityResolver {
 public:
  virtual ~SeverityResolver() = default;

  // Returns the severity of reports of a checker of which the format says this.
  virtual reports::Severity Resolve(std::string_view analyzer, std::string_view checker,
                                    FormatSeverity format) const = 0;
};

// Takes the severity that the format states, else that of the table of checkers (reports/checkers),
// else the format's default.
class TableSeverities final : public SeverityResolver {
 public:
  reports::Severity Resolve(std::string_view analyzer, std::string_view checker,
                            FormatSeverity format) const override;
};

}  // namespace stored::storage
