#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace stored::bench::floor {

inline void AppendVarint(uint64_t number, std::string& out) {
  while (number >= 0x80) {
    out.push_back(static_cast<char>(number | 0x80));
    number >>= 7;
  }
  out.push_back(static_cast<char>(number));
}

inline void AppendText(std::string_view text, std::string& out) {
  AppendVarint(text.size(), out);
  out.append(text);
}

}  // namespace stored::bench::floor
