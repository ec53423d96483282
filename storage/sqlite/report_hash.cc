#include "storage/sqlite/report_hash.h"

#include <algorithm>
#include <optional>

#include "base/sha256.h"

namespace stored::storage {
namespace {

// The value of a lower-case hexadecimal digit, or -1.
int Digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

bool ParseDigits(std::string_view hash, std::array<uint8_t, 16>& bytes) {
  if (hash.size() != 2 * bytes.size()) return false;
  for (size_t i = 0; i < bytes.size(); ++i) {
    const int high = Digit(hash[2 * i]);
    const int low = Digit(hash[2 * i + 1]);
    if (high < 0 || low < 0) return false;
    bytes[i] = static_cast<uint8_t>(high << 4 | low);
  }
  return true;
}

}  // namespace

ReportHashKey ReportHashKey::Of(std::string_view report_hash) {
  ReportHashKey key;
  if (ParseDigits(report_hash, key.bytes)) return key;
  key.text = true;
  const Sha256Digest digest = Sha256::Of(report_hash);
  std::copy_n(digest.bytes.begin(), key.bytes.size(), key.bytes.begin());
  return key;
}

ReportHashKey ReportHashKey::OfColumn(const Statement& row, int column) {
  const bool blob = row.IsBlob(column);
  const std::string_view bytes = row.Bytes(column);
  ReportHashKey key;
  if (!blob || bytes.size() != key.bytes.size()) return Of(bytes);
  std::copy(bytes.begin(), bytes.end(), key.bytes.begin());
  return key;
}

std::string ReportHashOfColumn(const Statement& row, int column) {
  return row.IsBlob(column) ? ToHex(row.Bytes(column)) : row.String(column);
}

}  // namespace stored::storage
