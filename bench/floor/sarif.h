#pragma once

#include <string>

#include "bench/floor/store.h"

namespace stored::bench::floor {

// Stores a SARIF log unchanged as DATABASE.sarif, and its results, parsed with simdjson, as one row
// per report in one transaction; drops duplicates. Reads the logs that bench/storing/sarif_log.h
// makes.
Counts Sarif(const std::string& log, const std::string& database);

}  // namespace stored::bench::floor
