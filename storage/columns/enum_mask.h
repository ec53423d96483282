#pragma once

#include <cstdint>
#include <vector>

namespace stored::storage {

// Returns the values of a filter as a mask: bit N is set if a value has the number N. All bits are
// set (-1) if there are no values, because an empty list of a filter allows every value.
template <typename Enum>
int64_t EnumMask(const std::vector<Enum>& values) {
  int64_t mask = values.empty() ? -1 : 0;
  for (const Enum value : values) mask |= int64_t{1} << static_cast<int>(value);
  return mask;
}

}  // namespace stored::storage
