#pragma once

#include <string_view>

namespace stored::reports {

// Returns true if a hash or fingerprint is a placeholder: empty, or all zeros. Programs that
// compute no hash write one where the format requires it (cppcheck's plists, GUIDs of zeros). Used
// as a hash, it would make all findings the same bug.
inline bool IsPlaceholderHash(std::string_view hash) {
  return hash.find_first_not_of("0- \t\r\n\v\f") == std::string_view::npos;
}

}  // namespace stored::reports
