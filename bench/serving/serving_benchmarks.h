#pragma once

#include <vector>

#include "bench/benchmark.h"

namespace stored::bench {

// Benchmarks of serving: stored compared with bare services, and with itself at rest.
std::vector<Benchmark> ServingBenchmarks();

// One function for each benchmark; see serving_benchmarks.cc.
absl::StatusOr<std::vector<Measured>> MeasureUpload(const Context& context);
absl::StatusOr<std::vector<Measured>> MeasurePoll(const Context& context);
absl::StatusOr<std::vector<Measured>> MeasureWatch(const Context& context);
absl::StatusOr<std::vector<Measured>> MeasureWriters(const Context& context);
absl::StatusOr<std::vector<Measured>> MeasureUndisturbed(const Context& context);

}  // namespace stored::bench
