#pragma once

#include <cstdint>

namespace stored::storage {

// The state of a stored report. Databases keep the numbers. An open report is NEW, REOPENED or
// UNRESOLVED, which its column opened_by decides. The closed states have the numbers of
// DetectionStatus.
enum class ReportState : uint8_t { kOpen = 0, kResolved = 4, kOff = 5, kUnavailable = 6 };

}  // namespace stored::storage
