#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/bytes.h"

namespace stored::storage {

// A report hash as 16 bytes, for comparing and sorting: the value of the digits if the hash is 32
// lower-case hexadecimal digits, else the first bytes of its SHA-256. `text` keeps the two kinds
// apart.
struct ReportHashKey {
  std::array<uint8_t, 16> bytes{};
  bool text = false;

  static ReportHashKey Of(std::string_view report_hash);

  std::string_view Raw() const {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
  }
  friend bool operator==(const ReportHashKey&, const ReportHashKey&) = default;
  friend std::strong_ordering operator<=>(const ReportHashKey& a, const ReportHashKey& b) {
    if (const auto order = CompareBytes(a.bytes, b.bytes); order != 0) return order;
    return a.text <=> b.text;
  }
};

}  // namespace stored::storage
