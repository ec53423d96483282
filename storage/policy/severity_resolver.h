#pragma once

#include <string_view>

#include "reports/report.h"

namespace stored::storage {

// A report's severity as its format states it. Databases keep this, not the resolved severity.
struct FormatSeverity {
  // kUnspecified if the format states none.
  reports::Severity severity = reports::Severity::kUnspecified;
  // True if that is only the format's default for results without a severity.
  bool is_default = false;
};

// Computes the severity of a report each time it is read. Because only the format's severity is
// stored, a newer table of checkers applies to old reports too. Safe for concurrent use.
class SeverityResolver {
 public:
  virtual ~SeverityResolver() = default;

  // Returns the severity of a report of this checker whose format states `format`.
  virtual reports::Severity Resolve(std::string_view analyzer, std::string_view checker,
                                    FormatSeverity format) const = 0;
};

// Returns the severity that the format states, else that of the table of checkers
// (reports/checkers), else the format's default.
class TableSeverities final : public SeverityResolver {
 public:
  reports::Severity Resolve(std::string_view analyzer, std::string_view checker,
                            FormatSeverity format) const override;
};

}  // namespace stored::storage
