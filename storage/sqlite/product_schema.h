#pragma once

#include "storage/sqlite/migrations.h"

namespace stored::storage {

// products/NAME.db: the results of one product.
const Schema& ProductSchema();

// reports.state. An open report is NEW, REOPENED or UNRESOLVED: see opened_by. The closed ones have
// the numbers of DetectionStatus.
enum class ReportState : uint8_t { kOpen = 0, kResolved = 4, kOff = 5, kUnavailable = 6 };

}  // namespace stored::storage
