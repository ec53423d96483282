#pragma once

#include <vector>

#include "stored/v1/report_service.pb.h"
#include "tools/terminal/table.h"

namespace stored::tools {

// The columns of a table of reports.
std::vector<Table::Column> ReportColumns();

// Adds a report to such a table. Below it, where the report has them: the steps of its paths, notes
// and macro expansions, a row each.
void AddReportRows(const v1::Report& report, Table& table);

}  // namespace stored::tools
