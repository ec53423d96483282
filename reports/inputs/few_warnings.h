#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace stored::reports {

// Collects the warnings about one file. Keeps the first kNamed and counts the rest, because a
// program that writes a wrong value once usually writes it many times. Does not cut long warnings:
// the list of the store (WarningList) does. Not safe for concurrent use.
class FewWarnings {
 public:
  // `name` is the file's name for messages, which begins each warning.
  explicit FewWarnings(std::string name) : name_(std::move(name)) {}

  static constexpr size_t kNamed = 5;

  void Add(std::string_view warning);
  // Returns the warnings and empties the list; the last one says how many were not kept, if any.
  std::vector<std::string> Take();

 private:
  std::string name_;
  std::vector<std::string> named_;
  uint64_t unnamed_ = 0;
};

}  // namespace stored::reports
