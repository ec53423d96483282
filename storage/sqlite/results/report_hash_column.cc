#include "storage/sqlite/results/report_hash_column.h"

#include <algorithm>
#include <string_view>

#include "base/sha256.h"

namespace stored::storage::sqlite {

ReportHashKey ReportHashKeyOfColumn(const Statement& row, int column) {
  const bool blob = row.IsBlob(column);
  const std::string_view bytes = row.Bytes(column);
  ReportHashKey key;
  if (!blob || bytes.size() != key.bytes.size()) return ReportHashKey::Of(bytes);
  std::copy(bytes.begin(), bytes.end(), key.bytes.begin());
  return key;
}

std::string ReportHashOf(const Value& value) {
  return value.IsBlob() ? ToHex(value.Bytes()) : std::string(value.Bytes());
}

std::string ReportHashOfColumn(const Statement& row, int column) {
  return row.IsBlob(column) ? ToHex(row.Bytes(column)) : row.String(column);
}

}  // namespace stored::storage::sqlite
