#pragma once

#include <cstdint>

#include "reports/report.h"
#include "storage/policy/severity_resolver.h"

namespace stored::storage {

// The column reports.severity has the number of the severity that the format states, and this added
// where that is only the format's default for results that state none. Rows of before version 3 of
// the schema never have it: their severities count as stated.
inline constexpr int64_t kDefaultSeverityBit = 8;
// Values that the column may have: 0 to 15.
inline constexpr int64_t kSeverityColumnValues = 16;

inline int64_t ToSeverityColumn(FormatSeverity format) {
  return static_cast<int64_t>(format.severity) + (format.is_default ? kDefaultSeverityBit : 0);
}

inline FormatSeverity SeverityOfColumn(int64_t value) {
  const int64_t number = value & (kDefaultSeverityBit - 1);
  const bool known = number <= static_cast<int64_t>(reports::Severity::kCritical);
  return {known ? static_cast<reports::Severity>(number) : reports::Severity::kUnspecified,
          (value & kDefaultSeverityBit) != 0};
}

}  // namespace stored::storage
