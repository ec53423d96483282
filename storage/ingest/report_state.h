#pragma once

#include <cstdint>

namespace stored::storage {

// The state of a stored report; the numbers are kept in databases. An open report is NEW, REOPENED
// or UNRESOLVED: see opened_by. The closed ones have the numbers of DetectionStatus.
enum class ReportState : uint8_t { kOpen = 0, kResolved = 4, kOff = 5, kUnavailable = 6 };

}  // namespace stored::storage
