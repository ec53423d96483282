#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "reports/sarif/json/place.h"
#include "reports/sarif/json/string_map.h"

namespace stored::reports::sarif {

// Collects the warnings about one log. Keeps fewer than kMaxWarnings, each of at most
// kMaxWarningBytes, because the log decides how many there are. Not safe for concurrent use.
class Warnings {
 public:
  // `name` is the log's name, which begins each warning.
  explicit Warnings(std::string name) : name_(std::move(name)) {}

  // The place of the reader, which each warning names.
  Place& place() { return place_; }

  void Add(std::string_view warning);
  // Adds a warning that each result of a log may cause. Of the warnings that differ in numbers
  // only, keeps the first few and counts the rest.
  void AddOneOfMany(std::string_view warning);

  // Returns the warnings; the last one says how many were left out, if any were.
  std::vector<std::string> Take() &&;

 private:
  struct Kind {
    uint64_t count = 0;
    // The index in warnings_ of the last one that was kept.
    size_t last = 0;
  };

  // Returns the warning with the names of the log and the place before it, cut to its limit.
  std::string Spell(std::string_view warning) const;
  // Returns false if there are too many already.
  bool Keep(std::string text);

  std::string name_;
  Place place_;
  std::vector<std::string> warnings_;
  uint64_t left_out_ = 0;
  StringMap<Kind> kinds_;
};

}  // namespace stored::reports::sarif
