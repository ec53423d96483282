#pragma once

#include <cstdint>
#include <string>

namespace stored::bench::floor {

struct Counts {
  uint64_t diagnostics = 0;
  uint64_t reports = 0;
};

// Parses all plists in a directory on all cores and drops duplicates.
Counts Parse(const std::string& directory);
// Does the same, while one more thread stores the reports and the contents of source files in one
// transaction. The threads that read the contents digest and compress them.
Counts Store(const std::string& directory, const std::string& database);

}  // namespace stored::bench::floor
