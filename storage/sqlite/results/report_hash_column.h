#pragma once

#include <string>

#include "storage/columns/report_hash.h"
#include "storage/sqlite/connection/database.h"

namespace stored::storage::sqlite {

// Returns the key of the report hash that the column of the present row holds.
ReportHashKey ReportHashKeyOfColumn(const Statement& row, int column);

// Returns the report hash that a column holds: the opposite of what is kept there.
std::string ReportHashOf(const Value& value);
std::string ReportHashOfColumn(const Statement& row, int column);

}  // namespace stored::storage::sqlite
