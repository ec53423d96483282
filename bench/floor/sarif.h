#pragma once

#include <string>

#include "bench/floor/store.h"

namespace stored::bench::floor {

// Keeps a SARIF log as it is, in DATABASE.sarif, and its results, parsed with simdjson, one row a
// report in one transaction; drops duplicates. Reads what a log of bench/storing/sarif_log.h has.
Counts Sarif(const std::string& log, const std::string& database);

}  // namespace stored::bench::floor
