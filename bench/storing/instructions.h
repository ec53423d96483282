#pragma once

#include <vector>

#include "absl/status/statusor.h"
#include "bench/benchmark.h"

namespace stored::bench {

// A Benchmark::run.
absl::StatusOr<std::vector<Measured>> BenchInstructions(const Context& context);

}  // namespace stored::bench
