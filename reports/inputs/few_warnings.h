#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace stored::reports {

// Collects the warnings about one file. Keeps the first few and counts the rest, because a program
// repeats a mistake each time it writes.
class FewWarnings {
 public:
  // `name` is the file's name for messages, which begins each warning.
  explicit FewWarnings(std::string name) : name_(std::move(name)) {}

  static constexpr size_t kNamed = 5;

  void Add(std::string_view warning);
  // Returns the warnings; the last one says how many were not kept.
  std::vector<std::string> Take();

 private:
  std::string name_;
  std::vector<std::string> named_;
  uint64_t unnamed_ = 0;
};

}  // namespace stored::reports
