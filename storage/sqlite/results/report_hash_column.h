#pragma once

#include <string>

#include "storage/columns/report_hash.h"
#include "storage/sqlite/connection/database.h"

namespace stored::storage::sqlite {

// Return the key of the report hash in a value or a column of the current row.
ReportHashKey ReportHashKeyOf(const Value& value);
ReportHashKey ReportHashKeyOfColumn(const Statement& row, int column);

// Return the report hash in a value or a column of the current row as text.
std::string ReportHashOf(const Value& value);
std::string ReportHashOfColumn(const Statement& row, int column);

}  // namespace stored::storage::sqlite
