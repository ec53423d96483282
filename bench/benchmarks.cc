#include "bench/benchmarks.h"

#include "bench/storing/storing_benchmarks.h"

namespace stored::bench {

std::vector<Benchmark> AllBenchmarks() { return StoringBenchmarks(); }

}  // namespace stored::bench
