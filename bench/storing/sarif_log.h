#pragma once

#include <cstdint>
#include <string>

namespace stored::bench {

// Returns a SARIF log of `size` bytes or at most one result more: results of a hundred rules in
// 1,000 files, each with a message and a report hash of its own, every fourth with a code flow of
// six steps.
std::string MakeSarifLog(uint64_t size);

}  // namespace stored::bench
