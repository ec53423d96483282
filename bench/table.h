#pragma once

#include <string>
#include <vector>

#include "bench/benchmark.h"

namespace stored::bench {

// Returns text such as "1.31 s", "91 MB", "12,300 calls/s".
std::string Format(double value, Unit unit);

// A table with the columns benchmark, what, figure, floor, ratio, goal, and whether the goal is
// met.
class Table {
 public:
  void Add(const std::string& benchmark, const Measured& measured);
  std::string ToText() const;
  // Returns the table for docs/performance.md.
  std::string ToMarkdown() const;
  // Returns the number of lines whose goal is not met.
  int Missed() const { return missed_; }

 private:
  std::vector<std::vector<std::string>> rows_;
  int missed_ = 0;
};

}  // namespace stored::bench
