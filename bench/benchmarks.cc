#include "bench/benchmarks.h"

namespace stored::bench {

std::vector<Benchmark> AllBenchmarks() { return {}; }

}  // namespace stored::bench
