#pragma once

#include <vector>

#include "bench/benchmark.h"

namespace stored::bench {

// Returns all benchmarks in the order of the table.
std::vector<Benchmark> AllBenchmarks();

}  // namespace stored::bench
