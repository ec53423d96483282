#include "bench/benchmarks.h"

#include <iterator>
#include <utility>

#include "bench/serving/serving_benchmarks.h"
#include "bench/storing/storing_benchmarks.h"

namespace stored::bench {

std::vector<Benchmark> AllBenchmarks() {
  std::vector<Benchmark> all = StoringBenchmarks();
  std::vector<Benchmark> serving = ServingBenchmarks();
  std::move(serving.begin(), serving.end(), std::back_inserter(all));
  return all;
}

}  // namespace stored::bench
