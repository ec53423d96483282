#pragma once

#include <vector>

#include "stored/v1/report_service.pb.h"
#include "tools/terminal/table.h"

namespace stored::tools {

// Returns the columns of a table of reports.
std::vector<Table::Column> ReportColumns();

// Adds a row for a report to a table with ReportColumns(), and below it a row for each step of its
// bug paths, each note and each macro expansion.
void AddReportRows(const v1::Report& report, Table& table);

}  // namespace stored::tools
