#include "storage/columns/report_hash.h"

#include <algorithm>
#include <optional>

#include "base/sha256.h"

namespace stored::storage {
namespace {

constexpr uint8_t kNoDigit = 0xff;

// The values of lower-case hexadecimal digits. A table avoids branches, which digits make
// unpredictable.
constexpr std::array<uint8_t, 256> kDigits = [] {
  std::array<uint8_t, 256> values{};
  values.fill(kNoDigit);
  for (uint8_t i = 0; i < 16; ++i) values[static_cast<uint8_t>("0123456789abcdef"[i])] = i;
  return values;
}();

bool ParseDigits(std::string_view hash, std::array<uint8_t, 16>& bytes) {
  if (hash.size() != 2 * bytes.size()) return false;
  uint8_t seen = 0;
  for (size_t i = 0; i < bytes.size(); ++i) {
    const uint8_t high = kDigits[static_cast<uint8_t>(hash[2 * i])];
    const uint8_t low = kDigits[static_cast<uint8_t>(hash[2 * i + 1])];
    seen |= high | low;
    bytes[i] = static_cast<uint8_t>(high << 4 | low);
  }
  return seen < 16;
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

}  // namespace stored::storage
