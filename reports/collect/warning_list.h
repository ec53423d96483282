#pragma once

#include <string>
#include <vector>

namespace stored::reports {

// Warnings for people, bounded: at most kMaxWarnings, each at most kMaxWarningBytes; when there are
// more, the last says how many. Not safe for concurrent use.
class WarningList {
 public:
  void Add(std::string warning);
  // Puts it in front, where no other crowds it out.
  void AddFirst(std::string warning);

  const std::vector<std::string>& all() const { return warnings_; }

 private:
  // Makes the last one say how many there are from it on, once there are too many.
  void CountRest();

  std::vector<std::string> warnings_;
  size_t total_ = 0;
};

}  // namespace stored::reports
