#include "storage/policy/severity_resolver.h"

#include "reports/checkers/checker_table.h"

namespace stored::storage {

using reports::Severity;

Severity TableSeverities::Resolve(std::string_view analyzer, std::string_view checker,
                                  FormatSeverity format) const {
  if (format.severity != Severity::kUnspecified && !format.is_default) return format.severity;
  const reports::CheckerFacts* facts = reports::FindChecker(analyzer, checker);
  const bool listed = facts != nullptr && facts->severity != Severity::kUnspecified;
  return listed ? facts->severity : format.severity;
}

}  // namespace stored::storage
