#include "storage/sqlite/results/report_hash_column.h"

#include <algorithm>
#include <string_view>

#include "base/sha256.h"

namespace stored::storage::sqlite {
namespace {

ReportHashKey KeyOf(bool blob, std::string_view bytes) {
  ReportHashKey key;
  if (!blob || bytes.size() != key.bytes.size()) return ReportHashKey::Of(bytes);
  std::copy(bytes.begin(), bytes.end(), key.bytes.begin());
  return key;
}

}  // namespace

ReportHashKey ReportHashKeyOf(const Value& value) { return KeyOf(value.IsBlob(), value.Bytes()); }

ReportHashKey ReportHashKeyOfColumn(const Statement& row, int column) {
  return KeyOf(row.IsBlob(column), row.Bytes(column));
}

std::string ReportHashOf(const Value& value) {
  return value.IsBlob() ? ToHex(value.Bytes()) : std::string(value.Bytes());
}

std::string ReportHashOfColumn(const Statement& row, int column) {
  return row.IsBlob(column) ? ToHex(row.Bytes(column)) : row.String(column);
}

}  // namespace stored::storage::sqlite
