#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "reports/sarif/json/place.h"
#include "reports/sarif/json/string_map.h"

namespace stored::reports::sarif {

// Collects what a person should know of a log, and no more of it than is of use: a result file may
// be of a stranger's making.
class Warnings {
 public:
  // `name` is the log's, and goes in front of each warning.
  explicit Warnings(std::string name) : name_(std::move(name)) {}

  // Where the reader is; each warning says it.
  Place& place() { return place_; }

  void Add(std::string_view warning);
  // For a warning that each result of a log may give rise to: keeps the first few of those that
  // differ in numbers only, and how many more there are.
  void AddOneOfMany(std::string_view warning);

  // All of them, the last saying how many were left out.
  std::vector<std::string> Take() &&;

 private:
  struct Kind {
    uint64_t count = 0;
    // The last one that was kept.
    size_t last = 0;
  };

  std::string Spell(std::string_view warning) const;
  bool Keep(std::string text);

  std::string name_;
  Place place_;
  std::vector<std::string> warnings_;
  uint64_t left_out_ = 0;
  StringMap<Kind> kinds_;
};

}  // namespace stored::reports::sarif
