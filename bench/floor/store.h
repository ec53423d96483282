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
// The same, and one thread more keeps reports and the contents of source files, digested and
// compressed where they were read, in one transaction.
Counts Store(const std::string& directory, const std::string& database);

}  // namespace stored::bench::floor
