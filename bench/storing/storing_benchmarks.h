#pragma once

#include <vector>

#include "bench/benchmark.h"

namespace stored::bench {

// How long it takes until results are stored.
std::vector<Benchmark> StoringBenchmarks();

}  // namespace stored::bench
