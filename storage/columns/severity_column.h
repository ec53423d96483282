#pragma once

#include <cstdint>

#include "reports/report.h"
#include "storage/policy/severity_resolver.h"

namespace stored::storage {

// The column reports.severity has the number of the severity that the format states, plus this bit
// if that is only the format's default for results without a severity. Rows of older schemas do not
// have the bit: their severities count as stated.
inline constexpr int64_t kDefaultSeverityBit = 8;
// The column has values from 0 to 15.
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
