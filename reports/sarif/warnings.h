#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace stored::reports::sarif {

// Collects what a person should know of a log, and no more of it than is of use: a result file may
// be of a stranger's making.
class Warnings {
 public:
  // `prefix` goes in front of each warning from now on.
  void SetPrefix(std::string prefix) { prefix_ = std::move(prefix); }
  void Add(std::string_view warning);

  // All of them, the last saying, after the prefix, how many were left out.
  std::vector<std::string> Take() &&;

 private:
  std::string prefix_;
  std::vector<std::string> warnings_;
  uint64_t left_out_ = 0;
};

}  // namespace stored::reports::sarif
