#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace stored::reports {

// Collects what is odd about one file and costs no more than a warning: the first few places are
// named, the rest are counted, since one mistake of a program comes as often as it writes.
class FewWarnings {
 public:
  // `name` is the file's for messages, and goes in front of each warning.
  explicit FewWarnings(std::string name) : name_(std::move(name)) {}

  static constexpr size_t kNamed = 5;

  void Add(std::string_view warning);
  // All of them; the last says how many were not named.
  std::vector<std::string> Take();

 private:
  std::string name_;
  std::vector<std::string> named_;
  uint64_t unnamed_ = 0;
};

}  // namespace stored::reports
