#pragma once

#include <string>
#include <vector>

namespace stored::reports {

// Collects the warnings of a whole store, from all of its inputs: at most kMaxWarnings, each of at
// most kMaxWarningBytes. If more are added, the last one says how many are missing. Not safe for
// concurrent use.
class WarningList {
 public:
  void Add(std::string warning);
  // Adds a warning in front of all others, so that it is kept even if the list is full.
  void AddFirst(std::string warning);

  const std::vector<std::string>& all() const { return warnings_; }

 private:
  // Replaces the last warning by the number of those that are missing, if the list overflowed.
  void CountRest();

  std::vector<std::string> warnings_;
  size_t total_ = 0;
};

}  // namespace stored::reports
