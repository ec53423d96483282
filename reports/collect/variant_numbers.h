#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <utility>

#include "absl/container/flat_hash_map.h"

namespace stored::reports {

// Numbers the variants of things in the order in which they come: 0 for the first variant of a
// thing, 1 for the next one that differs from it, and so on. The same variant always gets the same
// number. Things and variants are digests. Takes some 60 bytes per variant. Not safe for concurrent
// use.
class VariantNumbers {
 public:
  using Thing = std::pair<uint64_t, uint64_t>;

  uint32_t NumberOf(const Thing& thing, uint64_t variant) {
    const auto [entry, added] = numbers_.try_emplace({thing, variant});
    if (added) entry->second = counts_[thing]++;
    return entry->second;
  }

 private:
  absl::flat_hash_map<std::pair<Thing, uint64_t>, uint32_t> numbers_;
  absl::flat_hash_map<Thing, uint32_t> counts_;
};

}  // namespace stored::reports
