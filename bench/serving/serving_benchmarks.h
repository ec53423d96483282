#pragma once

#include <vector>

#include "bench/benchmark.h"

namespace stored::bench {

// What serving costs: stored beside bare services, and beside itself at rest.
std::vector<Benchmark> ServingBenchmarks();

// One each; see serving_benchmarks.cc.
absl::StatusOr<std::vector<Measured>> MeasureUpload(const Context& context);
absl::StatusOr<std::vector<Measured>> MeasurePoll(const Context& context);
absl::StatusOr<std::vector<Measured>> MeasureWatch(const Context& context);
absl::StatusOr<std::vector<Measured>> MeasureWriters(const Context& context);
absl::StatusOr<std::vector<Measured>> MeasureUndisturbed(const Context& context);

}  // namespace stored::bench
