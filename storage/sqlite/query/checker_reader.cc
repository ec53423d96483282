#include "storage/sqlite/query/checker_reader.h"

#include <fmt/format.h>

#include "base/status.h"
#include "reports/stored_report.h"

namespace stored::storage::sqlite {

absl::StatusOr<CheckerReader> CheckerReader::Create(Database& database) {
  STORED_ASSIGN_OR_RETURN(Statement select,
                          database.Prepare("SELECT name, analyzer FROM checkers WHERE id = ?"));
  return CheckerReader(std::move(select));
}

absl::StatusOr<ShownChecker> CheckerReader::Read(int64_t id) {
  select_.BindAll(id);
  STORED_ASSIGN_OR_RETURN(const bool row, select_.Step());
  if (!row) return absl::DataLossError(fmt::format("checker {} is missing", id));
  ShownChecker checker = {select_.String(0), select_.String(1)};
  select_.Reset();
  if (checker.analyzer.empty()) checker.analyzer = reports::kUnknownAnalyzer;
  return checker;
}

}  // namespace stored::storage::sqlite
