#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/container/flat_hash_map.h"

namespace stored::engine {

// Values under non-negative integer keys, with the sum of all values under smaller keys. All calls
// take O(log(largest key)) time; memory is proportional to the number of keys that hold a value.
//
// Level n holds the sums of aligned blocks of 2^n keys. A prefix is made of at most one block of
// each level: for every bit that is set in the key, the block that ends where that bit's own
// begins.
//
// `Value` is a sum type: default-constructed as zero, with +=, -= and ==. Not safe for concurrent
// use.
template <typename Value>
class PrefixSums {
 public:
  void Add(int64_t key, const Value& value) {
    Grow(key);
    for (size_t level = 0; level < levels_.size(); ++level) levels_[level][key >> level] += value;
    total_ += value;
  }

  // REQUIRES: Add(key, value) was called before, and not taken back since.
  void Subtract(int64_t key, const Value& value) {
    for (size_t level = 0; level < levels_.size(); ++level) {
      const auto found = levels_[level].find(key >> level);
      if (found == levels_[level].end()) continue;
      found->second -= value;
      if (found->second == Value()) levels_[level].erase(found);
    }
    total_ -= value;
  }

  // Returns the sum of the values under keys less than `key`.
  Value Before(int64_t key) const {
    if (BitsOf(key) > levels_.size()) return total_;
    Value sum{};
    for (size_t level = 0; level < levels_.size(); ++level) {
      const int64_t block = key >> level;
      if ((block & 1) == 0) continue;
      ++lookups_;
      const auto found = levels_[level].find(block - 1);
      if (found != levels_[level].end()) sum += found->second;
    }
    return sum;
  }

  const Value& total() const { return total_; }

  // Returns how many blocks Before() has looked up so far: a measure of its work for tests.
  int64_t lookups() const { return lookups_; }

 private:
  static size_t BitsOf(int64_t key) { return std::bit_width(static_cast<uint64_t>(key)); }

  // Adds levels until the top one has the blocks 0 and 1 only.
  void Grow(int64_t key) {
    while (levels_.size() < BitsOf(key) || levels_.empty()) {
      absl::flat_hash_map<int64_t, Value> level;
      if (!levels_.empty()) {
        for (const auto& [block, sum] : levels_.back()) level[block >> 1] += sum;
      }
      levels_.push_back(std::move(level));
    }
  }

  std::vector<absl::flat_hash_map<int64_t, Value>> levels_;
  Value total_{};
  mutable int64_t lookups_ = 0;
};

}  // namespace stored::engine
