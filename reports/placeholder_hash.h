#pragma once

#include <string_view>

namespace stored::reports {

// Returns whether a hash or fingerprint stands for none: programs that compute none write zeros
// where the format asks for one (cppcheck's plists, GUIDs of zeros), or nothing. Taken for hashes,
// these would make one bug of all findings.
inline bool IsPlaceholderHash(std::string_view hash) {
  return hash.find_first_not_of("0- \t\r\n\v\f") == std::string_view::npos;
}

}  // namespace stored::reports
