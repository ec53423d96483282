#pragma once

#include <string>

#include "bench/floor/store.h"

namespace stored::bench::floor {

// Decodes a bundle with stored's own reader, and stores its contents in one transaction.
Counts Ingest(const std::string& bundle, const std::string& database);

}  // namespace stored::bench::floor
